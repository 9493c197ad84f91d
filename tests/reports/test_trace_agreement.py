"""The report reads the trace's lines as plain objects; this holds it to what harness.trace writes."""

import json
from typing import get_args

import pytest

from harness.record import CaseRecord
from harness.trace.events import AnyEvent, CaseStarted, Frame, Note
from harness.trace.jsonl import Writer
from harness.trace.trace import Trace
from harness.verdict import Result, Verdict
from reports.assign import assign
from reports.html.rows import _BY_KIND, _QUIET, rows_of


@pytest.mark.parametrize("event", get_args(AnyEvent))
def test_every_event_of_the_trace_has_its_row(event):
    assert (event.__struct_config__.tag in _BY_KIND) != (event.__struct_config__.tag in _QUIET)


def test_lines_written_by_the_trace_are_read_as_they_are_meant():
    trace, writer = Trace(), Writer()
    trace.append(Note(text="before the cases"), 0.0, "u")
    trace.append(CaseStarted(id="TC_1", ocpp="1.6", station="s", evse=1), 1.0, "u")
    frame = {
        "connection": 1,
        "station": "s",
        "ocpp": "1.6",
        "direction": "in",
        "action": "Heartbeat",
        "message_id": "1",
    }
    trace.append(Frame(frame="call", raw='[2,"1","Heartbeat",{}]', **frame), 1.5, "u")
    lines = [json.loads(writer.line(record)) for record in trace.records]
    case = CaseRecord("TC_1", "t", "1.6", "s", 1, Result.PASS, Verdict.PASS, started=1.0, first_event=1, last_event=2)
    assigned = assign([case], lines)
    (row,) = rows_of(assigned.cases[0], case.started)
    assert (row.line, row.at, row.lane, row.head) == (2, 0.5, "in", "Heartbeat")
    assert [line["text"] for line in assigned.outside] == ["before the cases"]
