import os
import signal
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.trace_file import TraceFile
from harness.trace import jsonl
from harness.trace.events import Frame, Note, RunEnded, RunStarted, Sample
from harness.trace.trace import Trace


def written(*events):
    """Lines of a trace with a header, these events, and an end marker."""
    trace, writer, lines = Trace(), jsonl.Writer(), []
    trace.listeners.append(lambda record: lines.append(writer.line(record)))
    header = RunStarted(
        schema=1, run="r", plugproof="0", station="CP", bench="b", clock="simulated", epoch_utc="2026-01-01T00:00:00Z"
    )
    for number, event in enumerate((header, *events, RunEnded(reason="complete", events=len(events) + 1))):
        trace.append(event, float(number), "2026-01-01T00:00:00.000Z")
    return lines


def frame(raw):
    return Frame(connection=1, station="CP", ocpp="1.6", direction="in", frame="call", raw=raw, action="Heartbeat")


def test_what_is_written_is_read_back():
    raw = '[2, "1",\t"Heartbeat",{ }]'
    reading = jsonl.read(written(frame(raw), Note(text="x", data={"lag_s": 1.0})))
    assert reading.intact
    assert reading.trace[1].event.raw == raw
    assert reading.trace[1].payload == {}
    assert reading.trace[2].event == Note(text="x", data={"lag_s": 1.0})


@given(st.text(max_size=200))
def test_any_text_survives_verbatim(text):
    reading = jsonl.read(written(Note(text=text)))
    assert reading.intact
    assert reading.trace[1].event.text == text


def test_samples_keep_value_unit_and_uncertainty():
    sample = Sample(
        at=1.5, source="a", role="power_analyzer", evse=1, values={"current_l1_a": (9.98, "A", 0.05)}, t_u=0.01
    )
    assert jsonl.read(written(sample)).trace[1].event == sample


def edited(lines):
    return [lines[0], lines[1].replace(b"one", b"two"), *lines[2:]]


def removed(lines):
    return [lines[0], *lines[2:]]


def swapped(lines):
    return [lines[0], lines[2], lines[1], *lines[3:]]


def duplicated(lines):
    return [lines[0], lines[1], lines[1], *lines[2:]]


@pytest.mark.parametrize(("tamper", "line"), [(edited, 2), (removed, 2), (swapped, 2), (duplicated, 3)])
def test_a_tampered_trace_breaks_at_its_line(tamper, line):
    reading = jsonl.read(tamper(written(Note(text="one"), Note(text="three"))))
    assert not reading.intact
    assert any(problem.startswith(f"line {line}:") for problem in reading.problems)


def test_resealing_the_rest_of_an_edited_line_does_not_help_without_the_chain():
    lines, other = written(Note(text="one"), Note(text="three")), written(Note(text="two"), Note(text="three"))
    assert not jsonl.read([lines[0], other[1], lines[2], lines[3]]).intact


def test_a_trace_without_end_marker_was_cut():
    reading = jsonl.read(written(Note(text="one"))[:-1])
    assert (reading.ended, reading.problems) == (False, ["end: no end marker: the run was cut"])


def test_a_line_in_flight_is_dropped_and_said():
    lines = written(Note(text="one"))
    reading = jsonl.read([*lines[:1], lines[1][:20]])
    assert len(reading.trace) == 1
    assert "line 2: cut in mid-line (20 bytes dropped)" in reading.problems[0]


NESTED = b'{"kind":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"


@pytest.mark.parametrize(
    "junk", [b"", b"\n", b"not json\n", b"{}\n", b"[1,2]\n", b'{"kind":"frame"}\n', b"\xff\xfe\n", NESTED]
)
def test_junk_is_named_never_raised(junk):
    reading = jsonl.read([junk])
    assert not reading.intact
    assert reading.problems


def test_a_newer_schema_is_refused_by_name():
    lines = written()
    newer = [lines[0].replace(b'"schema":1', b'"schema":99'), *lines[1:]]
    assert any("schema 99 is newer" in problem for problem in jsonl.read(newer).problems)


def test_evidence_is_never_overwritten(tmp_path):
    TraceFile(tmp_path / "trace.jsonl").close()
    with pytest.raises(FileExistsError):
        TraceFile(tmp_path / "trace.jsonl")


def test_kill_9_loses_at_most_the_line_in_flight(tmp_path):
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from fixtures.trace_file import TraceFile
        from harness.trace.events import Note, RunStarted
        from harness.trace.trace import Trace
        file, trace = TraceFile(Path(sys.argv[1])), Trace()
        trace.listeners.append(file.append)
        trace.append(RunStarted(schema=1, run="r", plugproof="0", station="CP", bench="b", clock="wall", epoch_utc="x"), 0.0, "x")
        number = 0
        while True:
            number += 1
            trace.append(Note(text=f"event {number}"), float(number), "x")
            if number == 500:
                print("500 observed", flush=True)
    """)
    path = tmp_path / "trace.jsonl"
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "500 observed\n"
        os.kill(process.pid, signal.SIGKILL)
    with path.open("rb") as lines:
        reading = jsonl.read(lines)
    assert len(reading.trace) > 500
    assert all("cut" in problem for problem in reading.problems)
    assert [record.event.text for record in reading.trace.records[1:501]] == [f"event {n}" for n in range(1, 501)]


def test_times_are_the_same_in_memory_and_on_disk():
    trace, writer = Trace(), jsonl.Writer()
    live = trace.append(Note(text="x"), 1003.1234567891, "2026-01-01T00:00:00.000Z")
    stored = jsonl.read([writer.line(live)]).trace[0]
    assert stored.t == live.t == 1003.123457


def test_a_cut_is_no_break():
    whole = written(Note(text="a"))
    assert jsonl.read(whole[:-1]).breaks == []
    assert jsonl.read(whole[:-1]).cut
    assert jsonl.read([whole[0], whole[2]]).breaks
    assert not jsonl.read(whole).cut
