"""What a station file claims in [pics] holds against what the station itself reports."""

from collections.abc import Iterable, Mapping

from harness.model.pics import Pics
from harness.model.pics_told16 import contradiction_text, contradictions, told
from harness.oracle.invariants.rule import Rule, Violation, frames
from harness.trace.events import Frame
from harness.trace.trace import Record
from harness.verdict import Strictness


class _Watcher:
    """Looks at GetConfiguration.conf only."""

    hears = frames("in", "result")

    def __init__(self, claims: Mapping[str, Pics]) -> None:
        self._claims = claims

    def feed(self, record: Record) -> Iterable[Violation]:
        frame = record.event
        if not isinstance(frame, Frame) or frame.action != "GetConfiguration" or frame.frame != "result":
            return ()
        pics = self._claims.get(frame.station)
        if pics is None or frame.direction != "in" or frame.ocpp != "1.6" or not isinstance(record.payload, dict):
            return ()
        listed = record.payload.get("configurationKey")
        answers = told(listed) if isinstance(listed, list) else {}
        return [
            Violation((record.seq,), contradiction_text(one), f"{frame.station}:{one.item}")
            for one in contradictions(pics, answers)
        ]


def rule(claims: Mapping[str, Pics]) -> Rule:
    """The rule over the claims of each station, by its identity."""
    return Rule(
        id="pics-contradicted",
        requirement="OCPP 1.6 chapter 9: a configuration key tells what the station is and does; the station file's [pics]",
        strictness=Strictness.MUST,
        needs=("wire",),
        explanation="Cases were selected by a claim that is not true: some that ran do not concern the station, or some that do did not run.",
        watch=lambda: _Watcher(claims),
    )
