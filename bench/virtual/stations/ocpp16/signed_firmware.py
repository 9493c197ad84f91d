"""SignedUpdateFirmware: the certificate is checked before the order is accepted (OCA white paper edition 3, L01.FR.23 to 26)."""

from typing import TYPE_CHECKING, Any

from bench.virtual.stations.keystore import MANUFACTURER
from bench.virtual.stations.ocpp16.firmware import Order, Seal
from bench.virtual.stations.signatures import issuer_among

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.security import Security
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack


class SignedFirmware:
    """Takes signed orders for the firmware."""

    def __init__(self, security: "Security", stack: "Ocpp16Stack") -> None:
        self._security = security
        self._stack = stack

    def order(
        self,
        request_id: int,
        firmware: dict[str, Any],
        retries: int | None = None,
        retry_interval: int | None = None,
    ) -> str:
        """SignedUpdateFirmware.req; gives an UpdateFirmwareStatusEnumType."""
        faults, certificate = self._stack.board.faults, str(firmware["signing_certificate"])
        if faults.on("signed_firmware_rejected"):
            return "Rejected"
        roots = [root.pem for root in self._security.keystore.roots(MANUFACTURER)]
        if issuer_among(roots, certificate, self._stack.board.clock.now()) is None:
            self._security.happened("InvalidFirmwareSigningCertificate")
            return "InvalidCertificate"
        status = "AcceptedCanceled" if self._stack.firmware.busy else "Accepted"
        seal = Seal(request_id, certificate, str(firmware["signature"]), firmware.get("install_date_time"))
        order = Order(str(firmware["location"]), str(firmware["retrieve_date_time"]), retries, retry_interval, seal)
        self._stack.firmware.update(order)
        return status
