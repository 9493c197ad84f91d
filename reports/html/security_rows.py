"""TLS handshakes and certificates in the timeline of a case."""

from collections.abc import Mapping
from typing import Any

from reports.assign import Line


def tls_brief(line: Line) -> str:
    """What was agreed, or how it was broken off."""
    if line.get("outcome") == "completed":
        told = [line.get("version"), line.get("suite"), _of("station", line.get("client_certificate"))]
    else:
        alert = f"alert {line['alert']} by the {line.get('alert_by')}" if line.get("alert") else ""
        told = [line.get("detail"), alert]
    shown = line.get("shown", "valid")
    told.append("" if shown == "valid" else f"the CSMS showed: {shown}")
    return " · ".join(str(part) for part in told if part)


def tls_body(line: Line) -> str:
    """What the station offered, and both certificates."""
    rows = [
        ("offered versions", ", ".join(map(str, line.get("offered_versions", ())))),
        ("offered suites", "\n  ".join(map(str, line.get("offered_suites", ())))),
        ("server name", line.get("server_name")),
        ("CSMS's certificate", _whole(line.get("server_certificate"))),
        ("station's certificate", _whole(line.get("client_certificate"))),
    ]
    return "\n".join(f"{name}: {value}" for name, value in rows if value)


def certificate_brief(line: Line) -> str:
    """Whose certificate, or request for one, and what is wrong with it."""
    told = [_of("for", line.get("says")), "new key" if line.get("new_key") else "", line.get("problem")]
    return " · ".join(str(part) for part in told if part)


def certificate_body(line: Line) -> str:
    """Everything that it says."""
    return _whole(line.get("says"))


def credentials_brief(line: Line) -> str:
    """HTTP Basic credentials without their secret; empty where none were sent."""
    told = line.get("credentials")
    if not isinstance(told, Mapping):
        return ""
    return f"{told.get('scheme')} {told.get('user', '')!r}, {told.get('password') or 'no'} password"


def _of(word: str, certificate: Any) -> str:
    if not isinstance(certificate, Mapping):
        return ""
    return (
        f"{word} {certificate.get('subject_cn', '')!r} ({certificate.get('key', '')} {certificate.get('key_bits', '')})"
    )


def _whole(certificate: Any) -> str:
    if not isinstance(certificate, Mapping):
        return ""
    return ", ".join(f"{name} {value}" for name, value in certificate.items())
