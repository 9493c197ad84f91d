"""A fault that the bench makes is told, and what is over is told to be over: stimuli beside what the station says of its connectors.

Judged are faults of which the station file says that they keep the station from charging: `[pixit]` `fault_condition`, and a welded
contactor where `[pics]` claims `HIL-WeldDetection`, once it can be seen to be one. Whatever else a bench makes a station may stand, or not
notice; what an EV does to the control pilot may be told as a suspension (OCPP 1.6 7.6, EVCommunicationError).
"""

from collections.abc import Iterable, Iterator, Mapping

from harness.model.station import Station
from harness.oracle.invariants.fault_bench import CLEARS_S, FaultBench
from harness.oracle.invariants.rule import Rule, Violation
from harness.trace.trace import Record
from harness.verdict import Strictness

_OUT_OF_SERVICE = frozenset({"Faulted", "Unavailable"})
"""A station goes to Unavailable at its own discretion, too (OCPP 1.6 7.7; OCPP 2.0.1 ConnectorStatusEnumType)."""


class _Told(FaultBench):
    """A fault in force is told by its time.

    Of a station that is silent since, that waits for its next message: what tripped may be what feeds the station, and then nobody closes its
    connection. By a message on that very connection it was there all the time.
    """

    def __init__(self, stations: Mapping[str, Station]) -> None:
        super().__init__(stations)
        self._silent: dict[int, Violation] = {}

    def forget(self) -> None:
        super().forget()
        self._silent.clear()

    def overdue(self, record: Record) -> Iterator[Violation]:
        for evse, made in list(self.made.items()):
            if record.t <= made.due:
                continue
            del self.made[evse]
            told = self.told_of(evse)
            if any(state in _OUT_OF_SERVICE for state, _ in told):
                continue
            last = f"it is told to be {told[-1][0]}" if told else "nothing is told of it"
            text = f"the bench made {made.kind} at EVSE {evse}, and {record.t - made.t:.0f} s later {last}, not Faulted"
            evidence = (*(seq for _, seq in told[-1:]), made.seq, record.seq)
            violation = Violation(evidence, text, f"{evse}:{made.kind}")
            if made.heard:
                yield violation
            else:
                self._silent[evse] = violation

    def alive(self) -> Iterable[Violation]:
        for made in self.made.values():
            made.heard = True
        silent, self._silent = self._silent, {}
        if self.station is None:
            return ()
        return [
            violation
            for evse, violation in silent.items()
            if not any(state in _OUT_OF_SERVICE for state, _ in self.told_of(evse))
        ]


class _Cleared(FaultBench):
    """A connector is not Faulted for good."""

    def overdue(self, record: Record) -> Iterator[Violation]:
        for evse, over in list(self.over.items()):
            if record.t <= over.due + self.least_s:
                continue
            del self.over[evse]
            faulted = [seq for state, seq in self.told_of(evse) if state == "Faulted"]
            if faulted:
                after_s = record.t - over.due + CLEARS_S
                text = f"the fault that the bench made at EVSE {evse} is removed and no plug is in, and {after_s:.0f} s later it is still told to be Faulted"
                yield Violation((faulted[-1], over.seq, record.seq), text, str(evse))


def told_rule(stations: Mapping[str, Station]) -> Rule:
    """The rule over stations whose description is known: what keeps them from charging, which connectors an EVSE has, how long they may take."""
    return Rule(
        id="injected-fault-told",
        requirement="OCPP 1.6 edition 2, 4.9 (A9 to H9) with errata 3.19, 7.7: Faulted is told; OCPP 2.0.1 B01 (remark), G01.FR.01, ConnectorStatusEnumType",
        strictness=Strictness.MUST,
        needs=("wire", "stimulus", "bench"),
        explanation="A CSMS sends drivers to an outlet that cannot charge them, and nobody is sent to repair it.",
        watch=lambda: _Told(stations),
    )


def cleared_rule(stations: Mapping[str, Station]) -> Rule:
    """The rule over stations whose description is known; the time is ours, and no document says that a station recovers by itself."""
    return Rule(
        id="fault-is-over",
        requirement="OCPP 1.6 edition 2, 4.9 (I1 to I8): the fault is resolved, and the status is again that of before; OCPP 2.0.1 B01 (remark), G01.FR.01",
        strictness=Strictness.SHOULD,
        needs=("wire", "stimulus"),
        explanation="An outlet that works stands there as broken until somebody comes and switches it off and on.",
        watch=lambda: _Cleared(stations),
    )
