"""Events of the connection between station and CSMS: handshakes, certificates, messages, pings, ends.

Frames keep the text exactly as it crossed the wire.
"""

from typing import Literal

import msgspec

from harness.trace.event import Event

Direction = Literal["in", "out"]
"""`in`: from the station to the CSMS; `out`: from the CSMS to the station."""

FrameType = Literal["call", "result", "error", "result_error", "send", "malformed"]


class Certificate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an X.509 certificate, or a request for one (PKCS #10), says of itself.

    `serial` is hexadecimal; `sha256` of the whole and `key_sha256` of its public key tell one from another; times are RFC 3339.
    """

    subject_cn: str = ""
    subject_o: str = ""
    issuer: str = ""
    serial: str = ""
    key: str = ""
    key_bits: int = 0
    not_before: str = ""
    not_after: str = ""
    sha256: str = ""
    key_sha256: str = ""


class CertificateExamined(Event, frozen=True, kw_only=True, omit_defaults=True, tag="certificate"):
    """A certificate, or a request for one, that stands in the frame `frame`, read for judging. `problem`: why it cannot be used.

    `new_key`: its key is in no certificate that the station showed or sent before.
    """

    frame: int
    what: Literal["request", "certificate"]
    says: Certificate
    new_key: bool = False
    problem: str = ""


class TlsHandshake(Event, frozen=True, kw_only=True, omit_defaults=True, tag="tls"):
    """A TLS handshake, completed or failed, before any request is seen (RFC 5246, RFC 8446).

    `offered_...` is what the client said that it takes; `shown` which kind of server certificate it was met with; `version` and `suite`
    are what was agreed. `client_problem`: why the client's certificate does not stand (it may have been let in all the same).
    `alert`: how the handshake was broken off, and by whom.
    """

    connection: int
    remote: str
    outcome: Literal["completed", "failed"]
    offered_versions: tuple[str, ...] = ()
    offered_suites: tuple[str, ...] = ()
    server_name: str = ""
    compression: bool = False
    shown: str = "valid"
    version: str = ""
    suite: str = ""
    server_certificate: Certificate | None = None
    client_asked: bool = False
    client_certificate: Certificate | None = None
    client_problem: str = ""
    alert: str = ""
    alert_by: Literal["", "station", "csms"] = ""
    detail: str = ""


class Credentials(msgspec.Struct, frozen=True, omit_defaults=True):
    """HTTP Basic credentials without their secret: `password` says which one it is, `octets` how long.

    `current`: the one in force; `former` and `next`: one of the station's that is not (any more, or yet); `factory`: the station file's,
    while another is in force; `wrong`: none that was ever its own.
    """

    scheme: str
    user: str = ""
    octets: int = 0
    password: Literal["", "current", "former", "next", "factory", "wrong"] = ""
    problem: str = ""


class Handshake(Event, frozen=True, kw_only=True, omit_defaults=True, tag="handshake"):
    """An opening handshake, accepted or refused. `secrets` names header fields whose value is secret.

    `tls`: the connection has the TlsHandshake of the same number below it. `credentials`: None where no Authorization was sent.
    """

    connection: int
    station: str
    path: str
    remote: str
    offered: tuple[str, ...]
    selected: str | None
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    reason: str = ""
    extensions: tuple[str, ...] = ()
    tls: bool = False
    credentials: Credentials | None = None


class Closed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="closed"):
    """A connection ended. `by`: who began the closing; `code` 1006 means that no close frame was seen."""

    connection: int
    station: str
    code: int
    reason: str = ""
    by: Literal["station", "csms", "network"] = "station"


class Problem(msgspec.Struct, frozen=True):
    """Why a message breaks its schema: dotted path, rule and what was wrong."""

    path: str
    rule: str
    message: str


class Frame(Event, frozen=True, kw_only=True, omit_defaults=True, tag="frame"):
    """One WebSocket message.

    `raw` is its text (`raw_b64` where it was not text). `answers` is the sequence number of the CALL that this frame replies to;
    for replies `action` is that CALL's. `anomalies` name what the endpoint saw wrong with it (`unmatched`, `repeated`, `second_call`, ...).
    `secrets` are dotted payload paths whose values are secret. `deliberate` marks what the harness sent wrong on purpose.
    """

    connection: int
    station: str
    ocpp: str
    direction: Direction
    frame: FrameType
    raw: str = ""
    raw_b64: str = ""
    message_id: str | None = None
    action: str | None = None
    answers: int | None = None
    latency: float | None = None
    problems: tuple[Problem, ...] = ()
    anomalies: tuple[str, ...] = ()
    reason: str = ""
    secrets: tuple[str, ...] = ()
    deliberate: bool = False


class Ping(Event, frozen=True, kw_only=True, omit_defaults=True, tag="ping"):
    """A WebSocket ping (or, with `pong`, its answer)."""

    connection: int
    station: str
    direction: Direction
    pong: bool = False
    latency: float | None = None
