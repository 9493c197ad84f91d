"""A trace made by hand: each method observes one event at an explicit time."""

import json
from itertools import count

from harness.trace.events import CaseEnded, CaseStarted, Closed, Frame, Handshake, Sample, StepEnded, StepStarted
from harness.trace.trace import Record, Trace


class TraceBuilder:
    def __init__(self):
        self.trace = Trace()
        self._ids = count(1)

    def add(self, event, t, payload=None) -> Record:
        return self.trace.append(event, t, "2026-01-01T00:00:00.000Z", payload)

    def sent_by_station(self, t, action, payload=None, **extra) -> Record:
        return self._frame(t, "in", "call", action, payload or {}, extra)

    def sent_by_csms(self, t, action, payload=None, **extra) -> Record:
        return self._frame(t, "out", "call", action, payload or {}, extra)

    def answered(self, t, call, payload=None, kind="result", **extra) -> Record:
        extra = {"answers": call.seq, "message_id": call.event.message_id, **extra}
        direction = "in" if call.event.direction == "out" else "out"
        return self._frame(t, direction, kind, call.event.action, payload or {}, extra)

    def _frame(self, t, direction, kind, action, payload, extra):
        message_id = extra.pop("message_id", f"m{next(self._ids)}")
        texts = {"call": [2, message_id, action, payload], "result": [3, message_id, payload]}
        raw = json.dumps(texts.get(kind, [4, message_id, "InternalError", "", {}]))
        event = Frame(
            connection=1,
            station="CP",
            ocpp=extra.pop("ocpp", "1.6"),
            direction=direction,
            frame=kind,
            raw=raw,
            message_id=message_id,
            action=action,
            **extra,
        )
        return self.add(event, t, payload)

    def sample(self, t, value, u=0.05, name="current_l1_a", role="power_analyzer", **others) -> Record:
        values = {name: (value, "A", u), **{key: (number, "A", u) for key, number in others.items()}}
        return self.add(Sample(at=t, source="analyzer", role=role, evse=1, values=values, t_u=0.01), t)

    def opened(self, t) -> Record:
        return self.add(
            Handshake(connection=1, station="CP", path="/CP", remote="", offered=(), selected="ocpp1.6", status=101), t
        )

    def closed(self, t) -> Record:
        return self.add(Closed(connection=1, station="CP", code=1001), t)

    def case(self, t, case_id="TC_010_CS") -> Record:
        return self.add(CaseStarted(id=case_id, ocpp="1.6", station="CP", evse=1), t)

    def case_end(self, t, case_id="TC_010_CS", **fields) -> Record:
        return self.add(CaseEnded(**{"id": case_id, "result": "", "verdict": "none", **fields}), t)

    def step(self, t, index=1, kind="test", title="a step") -> Record:
        return self.add(StepStarted(index=index, step_kind=kind, title=title), t)

    def step_end(self, t, index=1, verdict="pass") -> Record:
        return self.add(StepEnded(index=index, verdict=verdict), t)
