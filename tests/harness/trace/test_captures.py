"""Captures in a trace file: written, read back whole, and unknown to traces that were written before there were any."""

from harness.trace.events import Captured, EdgeSeen, RunEnded, RunStarted, SignalSeen
from harness.trace.jsonl import Writer, read
from harness.trace.trace import Trace

STARTED = RunStarted(
    schema=1, run="r", plugproof="1", station="s", bench="b", clock="simulated", epoch_utc="2026-01-01T00:00:00Z"
)
SHOT = Captured(
    at=12.5,
    t_u=0.01,
    source="scope_1",
    evse=1,
    trigger="pilot rises through 7.5 V",
    signals={"pilot": SignalSeen(-0.05, 5e-05, 10000, -12.0, 9.0, "V", 0.15625, 0.1)},
    edges=(
        EdgeSeen("pilot", "leaves state C", -0.0003, 0.0003),
        EdgeSeen("outlet_current", "ends", 0.45, 5e-05, open=True),
    ),
    time_base_ppm=50.0,
)


def lines(*events):
    trace, writer = Trace(), Writer()
    return [writer.line(trace.append(event, 0.0, "2026-01-01T00:00:00.000Z")) for event in events]


def test_a_capture_is_read_back_as_it_was():
    back = read(lines(STARTED, SHOT, RunEnded(reason="complete", events=3)))
    assert back.intact
    assert back.trace.records[1].event == SHOT


def test_a_trace_without_captures_reads_as_before():
    assert read(lines(STARTED, RunEnded(reason="complete", events=2))).intact


def test_a_capture_that_was_changed_breaks_the_chain():
    first, shot, last = lines(STARTED, SHOT, RunEnded(reason="complete", events=3))
    assert not read([first, shot.replace(b'"t":0.45', b'"t":0.05'), last]).intact
