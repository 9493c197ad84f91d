"""The station's own certificate: asked for with SignCertificate, taken over from CertificateSigned (white paper edition 3, A02, A03)."""

import contextlib
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.security import Security
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Signing:
    """Makes key pairs, and holds the one whose certificate is waited for."""

    def __init__(self, security: "Security", stack: "Ocpp16Stack") -> None:
        self._security = security
        self._stack = stack
        self._board = stack.board
        self._pending: Key | None = None

    def trigger(self) -> str:
        """ExtendedTriggerMessage(SignChargePointCertificate); gives a TriggerMessageStatusEnumType."""
        if self._board.faults.on("signing_not_triggered"):
            return "Rejected"
        if not self._board.faults.on("signing_never_asked_for"):
            self._stack.after_reply(lambda: self._stack.spawn(self.ask()))
        return "Accepted"

    async def ask(self) -> None:
        """Make a key pair and send a request for its certificate (A02.FR.02, 03)."""
        key = self._pending = self._new_key()
        request = x509.CertificateSigningRequestBuilder().subject_name(self._subject()).sign(key, hashes.SHA256())
        pem = request.public_bytes(serialization.Encoding.PEM).decode()
        if self._board.faults.on("request_not_pem"):
            pem = "".join(pem.splitlines()[1:-1])
        with contextlib.suppress(UndeliveredError):
            await self._stack.csms.call(call.SignCertificate(csr=pem))

    def _new_key(self) -> Key:
        faults, own = self._board.faults, self._security.keystore.own
        if faults.on("request_with_old_key") and own is not None:
            old = serialization.load_pem_private_key(own[1].encode(), None)
            assert isinstance(old, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)  # this station has no others
            return old
        if faults.on("request_with_weak_key"):
            return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the wrong behaviour
        config = self._board.config.security
        if config is not None and config.key_kind == "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return ec.generate_private_key(ec.SECP256R1())

    def _subject(self) -> x509.Name:
        """A00.FR.511: the serial number; A02.FR.13: CpoName."""
        config, faults = self._board.config, self._board.faults
        common = f"wss://{config.identity}" if faults.on("request_without_serial") else config.serial
        operator = self._stack.configuration.text("CpoName")
        names = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
        if operator and not faults.on("request_without_cpo_name"):
            names.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, operator))
        return x509.Name(names)

    def take(self, chain: str) -> str:
        """CertificateSigned.req; gives a CertificateSignedStatusEnumType (A02.FR.06, 07)."""
        faults, key = self._board.faults, self._pending
        if faults.on("good_certificate_rejected"):
            return "Rejected"
        if key is None or not self._is_good(chain, key):
            if not faults.on("no_event_for_bad_certificate"):
                self._security.happened("InvalidChargePointCertificate", "the certificate that was sent is not valid")
            return "Rejected"
        self._pending = None
        if not faults.on("new_certificate_not_used"):
            form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            self._security.keystore.store_own(
                chain, key.private_bytes(serialization.Encoding.PEM, form, plain).decode()
            )
        if self._security.keystore.profile == 3:
            self._security.reconnect()
        return "Accepted"

    def _is_good(self, chain: str, key: Key) -> bool:
        security, unchecked = self._security, self._board.faults.on("certificate_period_not_checked")
        if not security.certificates.is_valid(chain, any_time=unchecked) or not security.certificates.issued(chain):
            return False
        return x509.load_pem_x509_certificate(chain.encode()).public_key() == key.public_key()
