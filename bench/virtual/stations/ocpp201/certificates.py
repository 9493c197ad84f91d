"""Certificates of the 2.0.1 station: roots that are installed, listed and deleted (M03 to M05), and a request for its own (A02)."""

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from bench.virtual.stations.ocpp201.endpoint import CALL, RESULT, Handler, Reply
from bench.virtual.stations.ocpp201.memory import Table

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp201.firmware import Firmware

HASTY_S = 0.25
"""Between the requests of the station that knows no back-off."""


class Certificates:
    """The store of roots, in NVRAM, and the wait for a certificate of its own."""

    def __init__(self, firmware: "Firmware") -> None:
        self._firmware = firmware
        self._roots = Table(firmware.board.nvram, "roots201")

    def handlers(self) -> dict[str, Handler]:
        """Action to handler."""
        return {
            "InstallCertificate": self.install,
            "GetInstalledCertificateIds": self.installed,
            "DeleteCertificate": self.delete,
        }

    def install(self, certificate_type: str, certificate: str, **_: Any) -> Reply:
        """M05.FR.01 to 07: what is no valid root is rejected."""
        faults = self._firmware.board.faults
        try:
            read = x509.load_pem_x509_certificate(certificate.encode())
        except ValueError:
            return Reply(RESULT.InstallCertificate("Rejected"))
        if not _is_root(read):
            taken = faults.on("leaf_taken_for_root")
            return Reply(RESULT.InstallCertificate("Accepted" if taken else "Rejected"))
        if certificate_type == "CSMSRootCertificate" and not self._trusts_the_connection():
            return Reply(RESULT.InstallCertificate("Rejected"))
        self._roots[hash_data(read)["serial_number"]] = [certificate_type, certificate]
        return Reply(RESULT.InstallCertificate("Accepted"))

    def _trusts_the_connection(self) -> bool:
        """Whether a root for the CSMS may come this way: this station wants TLS for that, which no text asks for."""
        tls = self._firmware.facts.security_profile >= 2
        return tls or self._firmware.board.faults.on("certificates_taken_in_the_clear")

    def installed(self, certificate_type: list[str] | None = None, **_: Any) -> Reply:
        """M03.FR.01 to 04; without certificateType all are meant."""
        if certificate_type is None and self._firmware.board.faults.on("certificates_listed_by_type_only"):
            return Reply(RESULT.GetInstalledCertificateIds("NotFound"))
        found = [
            {
                "certificate_type": kind,
                "certificate_hash_data": hash_data(x509.load_pem_x509_certificate(pem.encode())),
            }
            for kind, pem in self._roots.values()
            if certificate_type is None or kind in certificate_type
        ]
        if not found:
            return Reply(RESULT.GetInstalledCertificateIds("NotFound"))
        return Reply(RESULT.GetInstalledCertificateIds("Accepted", certificate_hash_data_chain=found))

    def delete(self, certificate_hash_data: dict[str, Any], **_: Any) -> Reply:
        """M04: the certificate with these hashes goes."""
        wanted = str(certificate_hash_data["serial_number"]).casefold()
        known = next((serial for serial in self._roots if serial.casefold() == wanted), None)
        if known is None or self._firmware.board.faults.on("listed_root_not_found"):
            return Reply(RESULT.DeleteCertificate("NotFound"))
        del self._roots[known]
        return Reply(RESULT.DeleteCertificate("Accepted"))

    def ask(self) -> None:
        """Ask for a certificate of its own, and again while none comes (A02.FR.03, 17 to 19)."""
        self._firmware.spawn(self._keep_asking())

    async def _keep_asking(self) -> None:
        model, faults = self._firmware.model, self._firmware.board.faults
        wait_s = float(model.integer("SecurityCtrlr", "CertSigningWaitMinimum"))
        csr = _request(self._firmware.facts.serial_number)
        for _ in range(1 + model.integer("SecurityCtrlr", "CertSigningRepeatTimes")):
            self._firmware.say(CALL.SignCertificate(csr, certificate_type="ChargingStationCertificate"), triggered=True)
            await asyncio.sleep(HASTY_S if faults.on("certificate_asked_for_in_haste") else wait_s)
            wait_s *= 2


def _is_root(certificate: x509.Certificate) -> bool:
    """Self-issued, and a certificate authority."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return constraints.ca and certificate.issuer == certificate.subject


def hash_data(certificate: x509.Certificate) -> dict[str, str]:
    """CertificateHashDataType of a root, which is its own issuer (RFC 6960)."""
    encoding, forms = serialization.Encoding, serialization.PublicFormat
    key = certificate.public_key()
    form = (
        (encoding.DER, forms.PKCS1) if isinstance(key, rsa.RSAPublicKey) else (encoding.X962, forms.UncompressedPoint)
    )
    return {
        "hash_algorithm": "SHA256",
        "issuer_name_hash": hashlib.sha256(certificate.issuer.public_bytes()).hexdigest(),
        "issuer_key_hash": hashlib.sha256(key.public_bytes(*form)).hexdigest(),
        "serial_number": f"{certificate.serial_number:x}",
    }


def _request(serial: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, serial)])
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()
