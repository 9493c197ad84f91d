"""Passwords, keys and certificates of a virtual station: in NVRAM, over what the factory put in."""

from dataclasses import dataclass
from typing import Any, Literal

from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.nvram import Nvram
from bench.virtual.stations.security_config import SecurityConfig

RootType = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
CENTRAL: RootType = "CentralSystemRootCertificate"
MANUFACTURER: RootType = "ManufacturerRootCertificate"


@dataclass(frozen=True, slots=True)
class Root:
    """An installed root; `fallback`: kept only until its successor has proved itself (M05.FR.11)."""

    kind: str
    pem: str
    fallback: bool = False


class Keystore:
    """What the station authenticates itself and the CSMS with."""

    def __init__(self, nvram: Nvram, config: StationConfig) -> None:
        self._nvram = nvram
        self._config = config
        self._factory = config.security or SecurityConfig()

    # -- the profile

    @property
    def profile(self) -> int:
        """The security profile in use. A station without the extension uses a password if it has one."""
        if self._config.security is None:
            return 0 if self.password is None else 1
        stored: int = self._nvram.read("security_profile", self._factory.profile)
        return stored

    def raise_profile(self, profile: int) -> None:
        """Use a higher profile from the next connection on; the one before is kept to fall back on (A05.FR.08)."""
        self._nvram.write("security_profile_before", self.profile)
        self._nvram.write("security_profile", profile)

    def fall_back(self) -> bool:
        """Go back to the profile before, if the new one never came to a connection; whether there was one."""
        before = self._nvram.read("security_profile_before")
        if before is None:
            return False
        self._nvram.write("security_profile", before)
        self._nvram.erase("security_profile_before")
        return True

    def connected(self, csms_certificate: str) -> None:
        """A connection came about with what is stored: what was kept to fall back on goes (M05.FR.12)."""
        self._nvram.write("csms_certificate", csms_certificate)
        self._nvram.erase("security_profile_before")
        roots = self.roots()
        if any(root.fallback for root in roots):
            self._write([root for root in roots if not root.fallback])

    # -- the password

    @property
    def password(self) -> bytes | None:
        """For HTTP Basic: the bytes that AuthorizationKey is the hexadecimal form of (OCPP-J 6.2.2)."""
        stored = self._nvram.read("password")
        if stored is not None:
            return bytes.fromhex(stored)
        text = self._config.password
        if text is None:
            return None
        return bytes.fromhex(text[4:]) if text.startswith("hex:") else text.encode()

    def store_password(self, key: bytes) -> None:
        """Use this one from the next connection on."""
        self._nvram.write("password", key.hex())

    # -- roots

    def roots(self, kind: str | None = None) -> list[Root]:
        """Installed roots, of one kind or of all."""
        stored = self._nvram.read("roots")
        if stored is None:
            found = [Root(CENTRAL, pem) for pem in self._factory.roots]
            found += [Root(MANUFACTURER, pem) for pem in self._factory.manufacturer_roots]
        else:
            found = [Root(**row) for row in stored]
        return [root for root in found if kind is None or root.kind == kind]

    def add_root(self, root: Root, *, replacing: bool = False) -> None:
        """Install a root; `replacing`: those of its kind become its fallback."""
        kept = [Root(one.kind, one.pem, fallback=replacing and one.kind == root.kind) for one in self.roots()]
        self._write([*kept, root])

    def remove_root(self, root: Root) -> None:
        """Take a root out."""
        self._write([one for one in self.roots() if one != root])

    def _write(self, roots: list[Root]) -> None:
        rows: list[dict[str, Any]] = [{"kind": one.kind, "pem": one.pem, "fallback": one.fallback} for one in roots]
        self._nvram.write("roots", rows)

    @property
    def csms_certificate(self) -> str:
        """What the CSMS showed at the last connection, in PEM; empty without TLS."""
        shown: str = self._nvram.read("csms_certificate", "")
        return shown

    # -- the station's own certificate

    @property
    def own(self) -> tuple[str, str] | None:
        """Certificate and key in PEM, or None."""
        stored = self._nvram.read("own_certificate")
        if stored is not None:
            return stored["certificate"], stored["key"]
        return (self._factory.certificate, self._factory.key) if self._factory.certificate else None

    def store_own(self, certificate: str, key: str) -> None:
        """Use this certificate from the next connection on."""
        self._nvram.write("own_certificate", {"certificate": certificate, "key": key})
