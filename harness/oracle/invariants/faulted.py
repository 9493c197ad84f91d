"""No current where the station itself tells a fault: judged on what the bench measures."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.oracle.invariants.rule import Rule, Violation, events, frames
from harness.trace.events import CaseStarted, Frame, Note, RunResumed, Sample
from harness.trace.trace import Record
from harness.verdict import Strictness

_SETTLE_S = 60.0
"""Longer than any station takes to open its contactor once it told of the fault."""

_FLOWS_A = 1.0
_STUCK = frozenset({"PowerSwitchFailure"})
"""A contactor that does not open is told of, and cannot be helped."""


@dataclass(slots=True)
class _Faulted:
    """By connector (EVSE in 2.0.1): the record in which Faulted was told, and when."""

    hears = frames("both", "call") | events(Sample, CaseStarted, RunResumed, Note)

    since: dict[int, tuple[int, float]] = field(default_factory=dict)

    def feed(self, record: Record) -> Iterable[Violation]:
        """Follow the statuses, and look at the currents."""
        event = record.event
        if isinstance(event, Frame):
            if event.action == "StatusNotification" and event.frame == "call" and isinstance(record.payload, dict):
                self._status(record, record.payload)
        elif isinstance(event, Sample):
            return self._sample(record, event)
        elif isinstance(event, CaseStarted | RunResumed) or (isinstance(event, Note) and "station" in event.data):
            self.since.clear()
        return ()

    def _status(self, record: Record, payload: dict[str, object]) -> None:
        place = payload.get("evseId", payload.get("connectorId"))
        if not isinstance(place, int):
            return
        faulted = "Faulted" in (payload.get("connectorStatus"), payload.get("status"))
        if faulted and payload.get("errorCode") not in _STUCK:
            self.since.setdefault(place, (record.seq, record.t))
        else:
            self.since.pop(place, None)

    def _sample(self, record: Record, sample: Sample) -> Iterable[Violation]:
        since = self.since.get(sample.evse)
        if sample.role != "power_analyzer" or since is None or sample.at - since[1] < _SETTLE_S:
            return ()
        flows = [
            (name, value) for name, (value, _, u) in sample.values.items() if _is_current(name) and value - u > _FLOWS_A
        ]
        if not flows:
            return ()
        name, value = flows[0]
        text = (
            f"EVSE {sample.evse} is told to be Faulted, and {name} is {value:.1f} A {sample.at - since[1]:.0f} s later"
        )
        return (Violation((record.seq, since[0]), text, str(sample.evse)),)


def _is_current(name: str) -> bool:
    return name.startswith("current_l")


RULE = Rule(
    id="no-current-while-faulted",
    requirement="OCPP 1.6 edition 2, 7.7; OCPP 2.0.1 ConnectorStatusEnumType: Faulted is not available for energy delivery",
    strictness=Strictness.MUST,
    needs=("wire", "bench"),
    explanation="The station found itself unsafe, said so, and goes on feeding the car.",
    watch=_Faulted,
)
