"""How a station asks for a connection: the request's form, its path, what it offers, and how often it tries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.oracle.invariants.rule import Rule, Violation, events
from harness.trace.events import Handshake, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

_MUST_HAVE = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": ""}
"""Header fields of an opening handshake, and a token that each must name (RFC 6455, 4.1, items 5 to 9)."""

_UNKNOWN = 404
_ATTEMPTS = 8
_FLAT_S = 5.0
"""So many failed attempts in a row, none of them more than so many seconds after the one before: the pause does not grow."""


class _Form:
    """Looks at every request for a WebSocket whose header fields are on record; a log that was imported has none."""

    hears = events(Handshake)

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if not isinstance(event, Handshake) or not event.headers:
            return ()
        return list(_malformed(record.seq, event))


def _malformed(seq: int, event: Handshake) -> Iterator[Violation]:
    fields: dict[str, str] = {}
    for name, value in event.headers:
        known = fields.get(name.lower())
        fields[name.lower()] = value if known is None else f"{known}, {value}"
    for name, token in _MUST_HAVE.items():
        if name not in fields:
            yield Violation((seq,), f"the opening handshake has no header field {name}", name)
        elif token and token not in {one.strip().lower() for one in fields[name].split(",")}:
            yield Violation((seq,), f"the header field {name} is {fields[name][:60]!r}, without {token!r}", name)


class _Path:
    hears = events(Handshake)

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if not isinstance(event, Handshake) or not event.path or event.path.partition("?")[0].rpartition("/")[2]:
            return ()
        text = f"the connection URL has the path {event.path[:80]!r}, which ends without an identity"
        return (Violation((record.seq,), text, "path"),)


class _Offer:
    hears = events(Handshake)

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if not isinstance(event, Handshake) or not event.headers or event.offered:
            return ()
        return (Violation((record.seq,), "the opening handshake names no OCPP version as subprotocol", "offer"),)


@dataclass(slots=True)
class _Tries:
    times: list[float] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)


class _BackOff:
    """Counts attempts that came to nothing, by station. A success, and whatever the bench does, begins a new count.

    OCPP 1.6 asks for a growing pause after HTTP 404 alone (OCPP-J 1.6 errata 3.4): of a station that offers no later version other answers are passed over.
    """

    hears = events(Handshake, Stimulus)

    def __init__(self) -> None:
        self._tries: dict[str, _Tries] = {}

    def feed(self, record: Record) -> Iterable[Violation]:
        event = record.event
        if isinstance(event, Stimulus):
            self._tries.clear()
            return ()
        if not isinstance(event, Handshake):
            return ()
        if event.status == 101:
            self._tries.pop(event.station, None)
            return ()
        if event.status != _UNKNOWN and all(version.startswith("ocpp1.") for version in event.offered):
            return ()
        tries = self._tries.setdefault(event.station, _Tries())
        tries.times.append(record.t)
        tries.seqs.append(record.seq)
        del tries.times[:-_ATTEMPTS], tries.seqs[:-_ATTEMPTS]
        pauses = [later - earlier for earlier, later in zip(tries.times, tries.times[1:], strict=False)]
        if len(pauses) < _ATTEMPTS - 1 or max(pauses) > _FLAT_S or pauses[-1] > 2 * pauses[0]:
            return ()
        text = f"{_ATTEMPTS} attempts to connect in a row, the longest pause between them {max(pauses):.1f} s: they do not get rarer"
        return (Violation(tuple(tries.seqs), text, "flat"),)


FORM = Rule(
    id="opening-handshake",
    requirement="RFC 6455, 4.1; OCPP-J 1.6 3.1; OCPP 2.0.1 Part 4 3.1",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A server that goes by the standard refuses such a request: the station never comes online there.",
    watch=_Form,
)

PATH = Rule(
    id="identity-in-url",
    requirement="OCPP-J 1.6 3.1.1; OCPP 2.0.1 Part 4 3.1.1: the connection URL ends with the station's identity",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="The CSMS cannot tell whose connection it is: nothing else in OCPP-J says it.",
    watch=_Path,
)

OFFER = Rule(
    id="version-offered",
    requirement="OCPP-J 1.6 3.1.2; OCPP 2.0.1 Part 4 3.1.2: the version is specified in Sec-WebSocket-Protocol",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="Without a version there is no agreement what the messages mean, and the CSMS has to close the connection.",
    watch=_Offer,
)

BACK_OFF = Rule(
    id="reconnect-backs-off",
    requirement="OCPP-J 1.6 errata 3.4 (after HTTP 404); OCPP 2.0.1 Part 4 5.3, with the values of 8.1 to 8.3",
    strictness=Strictness.SHOULD,
    needs=("wire", "stimulus"),
    explanation="After an outage of the CSMS a fleet that knocks every second keeps it down.",
    watch=_BackOff,
)
