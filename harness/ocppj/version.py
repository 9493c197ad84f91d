"""The OCPP versions the harness speaks, and the WebSocket subprotocol that names each on the wire."""

from enum import StrEnum


class OcppVersion(StrEnum):
    """One OCPP version; its value is how the documents and the station files write it."""

    V1_6 = "1.6"
    V2_0_1 = "2.0.1"
    V2_1 = "2.1"

    @property
    def subprotocol(self) -> str:
        """Value of Sec-WebSocket-Protocol (OCPP-J 1.6, 3.1.2; OCPP 2.x Part 4, 3.1.2)."""
        return f"ocpp{self.value}"

    @classmethod
    def from_subprotocol(cls, name: str) -> "OcppVersion":
        """Give the version whose subprotocol is `name`.

        Raises ValueError naming the known subprotocols when there is none.
        """
        for version in cls:
            if version.subprotocol == name:
                return version
        known = ", ".join(version.subprotocol for version in cls)
        raise ValueError(f"WebSocket subprotocol {name!r} is not one of this harness; use one of: {known}")
