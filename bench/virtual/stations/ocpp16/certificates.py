"""Root certificates: install, list, delete (OCA white paper edition 3, M03 to M05)."""

import hashlib
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.virtual.stations.board import Board
from bench.virtual.stations.keystore import CENTRAL, Root

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.security import Security

_EVENTS = {CENTRAL: "InvalidCentralSystemCertificate"}
"""Table of chapter 8; there is no event for a maker's root."""


class Certificates:
    """The station's store of roots."""

    def __init__(self, security: "Security", board: Board) -> None:
        self._security = security
        self._board = board
        assert board.config.security is not None  # else there is no Security
        self._config = board.config.security

    def install(self, kind: str, pem: str) -> str:
        """InstallCertificate.req; gives a CertificateStatusEnumType."""
        faults, store = self._board.faults, self._security.keystore
        if faults.on("root_rejected"):
            return "Rejected"
        expired_too = faults.on("expired_root_installed")
        if not self.is_valid(pem, any_time=expired_too) or not self._may_replace(kind, pem):
            self._refused(kind, pem)
            return "Rejected"
        if len(store.roots()) >= self._config.store_max:
            return "Rejected"  # M05.FR.03
        if not faults.on("root_not_stored"):
            checked = kind == CENTRAL and self._config.additional_root_check
            store.add_root(Root(kind, pem), replacing=checked)
        return "Accepted"

    def _refused(self, kind: str, pem: str) -> None:
        if self._board.faults.on("expired_root_kept"):
            self._security.keystore.add_root(Root(kind, pem))
        if kind in _EVENTS and not self._board.faults.on("no_event_for_bad_root"):
            self._security.happened(_EVENTS[kind], "a root certificate that was sent is not valid")

    def _may_replace(self, kind: str, pem: str) -> bool:
        """M05.FR.09, 10: with AdditionalRootCertificateCheck the new root is signed by the one that it takes the place of."""
        if kind != CENTRAL or not self._config.additional_root_check:
            return True
        new = x509.load_pem_x509_certificate(pem.encode())
        return any(_signed_by(new, x509.load_pem_x509_certificate(old.pem.encode())) for old in self._central())

    def _central(self) -> list[Root]:
        return self._security.keystore.roots(CENTRAL)

    def listed(self, kind: str) -> list[dict[str, str]]:
        """GetInstalledCertificateIds.req: the hash data of each root of this kind."""
        return [self._hash_data(root.pem, "SHA256") for root in self._security.keystore.roots(kind)]

    def delete(self, wanted: dict[str, Any]) -> str:
        """DeleteCertificate.req; gives a DeleteCertificateStatusEnumType."""
        faults, store = self._board.faults, self._security.keystore
        if faults.on("deletion_refused"):
            return "Failed"
        for root in store.roots():
            has = self._hash_data(root.pem, wanted["hash_algorithm"])
            if any(has[name].casefold() != str(wanted[name]).casefold() for name in has):
                continue
            if root.kind == CENTRAL and self._in_use(root):
                return "Failed"  # M04.FR.06
            if not faults.on("deletion_not_done"):
                store.remove_root(root)
            return "Accepted"
        return "NotFound"

    def _in_use(self, root: Root) -> bool:
        """It signed what the CSMS shows on this connection."""
        shown = self._security.keystore.csms_certificate
        issuer = x509.load_pem_x509_certificate(root.pem.encode())
        return bool(shown) and _signed_by(x509.load_pem_x509_certificate(shown.encode()), issuer)

    def is_valid(self, pem: str, *, any_time: bool = False) -> bool:
        """Whether it is one certificate, strong enough (A00.FR.501 to 503), and within its time."""
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            key = certificate.public_key()
        except ValueError:
            return False
        bits = getattr(key, "key_size", 256)
        if bits < (2048 if isinstance(key, rsa.RSAPublicKey) else 224):
            return False
        now = self._board.clock.now()
        return any_time or certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc

    def issued(self, pem: str) -> bool:
        """Whether one of the operator's roots signed it (A02.FR.06)."""
        certificate = x509.load_pem_x509_certificate(pem.encode())
        return any(
            _signed_by(certificate, x509.load_pem_x509_certificate(root.pem.encode())) for root in self._central()
        )

    def _hash_data(self, pem: str, algorithm: str) -> dict[str, str]:
        """CertificateHashDataType (6.1); a root is its own issuer."""
        certificate = x509.load_pem_x509_certificate(pem.encode())
        serial = f"{certificate.serial_number:x}"
        if self._board.faults.on("root_serial_padded"):
            serial = serial.rjust(40, "0")[:40] if len(serial) < 40 else "0" + serial[:39]
        return {
            "hash_algorithm": algorithm,
            "issuer_name_hash": hashlib.new(algorithm, certificate.issuer.public_bytes()).hexdigest(),
            "issuer_key_hash": hashlib.new(algorithm, self._key_bytes(certificate)).hexdigest(),
            "serial_number": serial,
        }

    def _key_bytes(self, certificate: x509.Certificate) -> bytes:
        encoding, forms = serialization.Encoding, serialization.PublicFormat
        key = certificate.public_key()
        if self._board.faults.on("root_hash_of_whole_key"):
            return key.public_bytes(encoding.DER, forms.SubjectPublicKeyInfo)
        if isinstance(key, rsa.RSAPublicKey):
            return key.public_bytes(encoding.DER, forms.PKCS1)
        return key.public_bytes(encoding.X962, forms.UncompressedPoint)


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
