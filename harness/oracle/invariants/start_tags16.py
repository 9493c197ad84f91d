"""Who begins a transaction of OCPP 1.6: somebody who was at a reader, or whom the CSMS named."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import CaseStarted, Frame, Stimulus
from harness.trace.trace import Record
from harness.verdict import Strictness

LET_IN_S = 180.0
"""Somebody who was let in so long ago may have gone."""

_MOST_KEPT = 200


@dataclass(slots=True)
class StartTagWatcher:
    """Tags without case: those that were presented or named in the whole record, and who came last, when and where."""

    hears = frames("both", "call") | events(Stimulus, CaseStarted)

    known: dict[str, int] = field(default_factory=dict)
    latest: tuple[str, float, int] | None = None
    case: str = ""

    def feed(self, record: Record) -> Iterable[Violation]:
        """Look at the next record."""
        event = record.event
        if isinstance(event, Stimulus):
            if event.role == "id_reader" and event.verb == "present" and event.phase == "begin":
                self._let_in(record, event.args.get("token"))
        elif isinstance(event, CaseStarted):
            self.latest = None
        elif isinstance(event, Frame) and event.frame == "call" and event.ocpp == "1.6":
            return self._message(record, event)
        return ()

    def _let_in(self, record: Record, tag: object) -> None:
        if isinstance(tag, str):
            self.known.pop(tag.casefold(), None)
            self.known[tag.casefold()] = record.seq
            self.latest = tag, record.t, record.seq
            if len(self.known) > _MOST_KEPT:
                del self.known[next(iter(self.known))]

    def _message(self, record: Record, frame: Frame) -> Iterable[Violation]:
        payload = record.payload if isinstance(record.payload, dict) else {}
        tag = payload.get("idTag")
        if frame.action == "RemoteStartTransaction" and frame.direction == "out":
            self._let_in(record, tag)
        if frame.action != "StartTransaction" or frame.direction != "in" or not isinstance(tag, str):
            return ()
        latest, self.latest = self.latest, None
        if latest is None or tag.casefold() in self.known or record.t - latest[1] > LET_IN_S:
            return ()
        text = f"a transaction starts with the tag {tag}, which nobody presented or sent; {latest[0]} was let in last"
        return (Violation((record.seq, latest[2]), text, tag),)


RULE = Rule(
    id="start-tag-was-let-in",
    requirement="OCPP 1.6 edition 2, 4.1, 4.8, 6.45: idTag is the identifier for which the transaction was started; 7.28: without case",
    strictness=Strictness.MUST,
    needs=("wire", "stimulus"),
    explanation="A session is billed to a tag that was never there, or refused for a tag that nobody knows.",
    watch=StartTagWatcher,
)
