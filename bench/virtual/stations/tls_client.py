"""The station's end of TLS, by Python's own `ssl`: it verifies the CSMS as the security profiles 2 and 3 ask.

Security white paper edition 3, A00.FR.307 to 322 and 411 to 426.
"""

import ssl
import tempfile
import warnings
from pathlib import Path
from typing import Any

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.keystore import CENTRAL, Keystore

SUITES = {
    "ec": "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-GCM-SHA384",
    "rsa": "AES128-GCM-SHA256:AES256-GCM-SHA384",
}
"""What a station offers (A00.FR.318): both pairs, or the pair of an older station that has neither elliptic curves nor TLS 1.3."""


class StationContext(ssl.SSLContext):
    """Keeps why its handshake failed: what asyncio raises then is only that the connection ended."""

    failure: ssl.SSLError | None = None


class _CheckedObject(ssl.SSLObject):
    """Looks at the commonName of the CSMS's certificate before anything is sent (A00.FR.308, 412).

    asyncio drops the alert of a handshake that fails. Told that more is to come, it sends it; the CSMS then ends the connection.
    """

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            if not isinstance(self.context, StationContext) or self.context.failure is not None:
                raise
            self.context.failure = error
            raise ssl.SSLWantReadError from error
        certificate: Any = self.getpeercert() or {}
        names = [value for rdn in certificate.get("subject", ()) for key, value in rdn if key == "commonName"]
        if self.context.verify_mode is ssl.CERT_REQUIRED and self.server_hostname not in names:
            raise ssl.CertificateError(f"commonName {names} does not name {self.server_hostname}")


class _HalfHearted(_CheckedObject):
    """Offers a suite that it cannot do."""

    def do_handshake(self) -> None:
        super().do_handshake()
        suite = self.cipher()
        if suite is not None and suite[0].endswith("AES256-GCM-SHA384"):
            raise ssl.SSLError(f"{suite[0]} is not implemented")


def context_for(store: Keystore, kind: str, faults: ActiveFaults, *, restarted: bool, fallback: bool) -> StationContext:
    """A context for the next connection; `restarted`: the first since a reset. `fallback`: verify with the root that was replaced."""
    context = StationContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslobject_class = _HalfHearted if faults.on("suite_offered_in_vain") else _CheckedObject
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if kind == "rsa":
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # the older kind of station
    weak = faults.on("client_certificate_weak")  # which the library itself would refuse
    context.set_ciphers(f"{SUITES[kind]}:@SECLEVEL=0" if weak else SUITES[kind])
    roots = [root.pem for root in store.roots(CENTRAL) if root.fallback is fallback]
    if roots and not (restarted and faults.on("server_refused_after_reset")):
        context.load_verify_locations(cadata="\n".join(roots))
    if faults.on("server_certificate_not_verified"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif faults.on("server_name_not_verified"):
        context.check_hostname = False
        context.sslobject_class = ssl.SSLObject
    _own_certificate(context, store, faults, restarted=restarted)
    _differ(context, faults, restarted=restarted)
    return context


def _own_certificate(context: ssl.SSLContext, store: Keystore, faults: ActiveFaults, *, restarted: bool) -> None:
    own = store.own
    hidden = restarted and faults.on("client_certificate_missing_after_reset")
    if store.profile != 3 or own is None or hidden:
        return
    # `ssl` reads keys from files only: one that nobody else can read, for the moment of the call
    with tempfile.TemporaryDirectory(prefix="plugproof-station-") as folder:
        path = Path(folder, "own.pem")
        path.touch(mode=0o600)
        path.write_text(f"{own[0]}\n{own[1]}")
        context.load_cert_chain(path)


def _differ(context: ssl.SSLContext, faults: ActiveFaults, *, restarted: bool) -> None:
    if faults.on("half_a_pair_of_suites"):
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256")
    old = restarted and faults.on("old_tls_after_reset")
    if old or faults.on("old_tls_accepted"):
        context.set_ciphers(f"{SUITES['ec']}:AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that these versions are old is the point
            context.minimum_version = ssl.TLSVersion.TLSv1
            if old:
                context.maximum_version = ssl.TLSVersion.TLSv1_1


def event_for(error: BaseException) -> tuple[str, str] | None:
    """The security event that a failed connection is worth, with its technical information; None for any other failure.

    Table 8 of the white paper: InvalidCentralSystemCertificate, InvalidTLSVersion, InvalidTLSCipherSuite.
    """
    if isinstance(error, ssl.SSLCertVerificationError | ssl.CertificateError):
        return "InvalidCentralSystemCertificate", str(error)[:200]
    if not isinstance(error, ssl.SSLError):
        return None
    reason = str(error.reason or error)
    if "VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return "InvalidTLSVersion", reason[:200]
    if "HANDSHAKE_FAILURE" in reason or "NO_SHARED_CIPHER" in reason:
        return "InvalidTLSCipherSuite", reason[:200]
    return None
