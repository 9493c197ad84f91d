"""Measure what one OCPP-J message costs to read, to validate and to answer, in microseconds of CPU a message.

Run from the repository: `.venv/bin/python benchmarks/ocppj_parse.py`. The kinds of work are interleaved, and of each the
fastest of many rounds is printed, since whatever else the machine does only adds.
"""

import sys
import timeit
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fixtures.schema_files import load_schemas
from harness.ocppj.endpoint import Endpoint
from harness.ocppj.endpoint_events import CallReceived
from harness.ocppj.frames import Call, CallResult, encode, parse
from harness.ocppj.version import OcppVersion

VERSION = OcppVersion.V1_6
ROUNDS, MESSAGES = 40, 500


def meter_values() -> str:
    """A MeterValues request of 1.7 kB: eleven sampled values, as a three-phase station sends them."""
    common = {"context": "Sample.Periodic", "format": "Raw", "location": "Outlet"}
    sampled = [
        {"value": "231.42", "measurand": measurand, "phase": phase, "unit": unit} | common
        for measurand, unit in (("Voltage", "V"), ("Current.Import", "A"), ("Power.Active.Import", "W"))
        for phase in ("L1", "L2", "L3")
    ]
    sampled += [{"value": "123456", "measurand": "Energy.Active.Import.Register", "unit": "Wh"} | common]
    sampled += [{"value": "50.0", "measurand": "Frequency", "unit": "Hertz"} | common]
    meter_value = {"timestamp": "2026-11-22T11:00:00.000Z", "sampledValue": sampled}
    payload = {"connectorId": 1, "transactionId": 4711, "meterValue": [meter_value]}
    return encode(Call("c7b1cf2e-6b0b-4a2b-9d7e-5d8b3f5f0f11", "MeterValues", payload))


def main() -> None:
    """Print the figures."""
    schemas = load_schemas(VERSION)
    texts = {"MeterValues": meter_values(), "Heartbeat": '[2,"c7b1cf2e-6b0b-4a2b-9d7e-5d8b3f5f0f11","Heartbeat",{}]'}
    answers = {"MeterValues": {}, "Heartbeat": {"currentTime": "2026-11-22T11:00:00Z"}}
    work: dict[str, Callable[[], object]] = {}
    for action, text in texts.items():
        frame = parse(text, VERSION)
        assert isinstance(frame, Call)
        assert schemas.check_call(action, frame.payload) == []
        result = CallResult(frame.message_id, answers[action])
        name = f"{action} ({len(text)} bytes)"
        work[f"{name}: parse, duplicates and integers checked"] = lambda text=text: parse(text, VERSION)
        work[f"{name}: validate"] = lambda action=action, frame=frame: schemas.check_call(action, frame.payload)
        work[f"{name}: encode the reply"] = lambda result=result: encode(result)
        work[f"{name}: endpoint, receive and reply, both validated"] = exchange(text, answers[action])
    best = dict.fromkeys(work, float("inf"))
    for _ in range(ROUNDS):
        for name, run in work.items():
            best[name] = min(best[name], timeit.timeit(run, number=MESSAGES) / MESSAGES)
    for name, seconds in best.items():
        print(f"{seconds * 1e6:8.2f} us  {name}")


def exchange(text: str, answer: dict[str, str]) -> Callable[[], object]:
    """Give one receive-and-reply on an endpoint that has ever new message ids before it, as a station uses them."""
    endpoint = Endpoint(VERSION, load_schemas(VERSION))
    head, tail = text[:4], text[40:]
    texts = iter([f"{head}{number:036d}{tail}" for number in range(ROUNDS * MESSAGES)])

    def run() -> object:
        received = endpoint.receive(next(texts), 0.0)[-1]
        assert isinstance(received, CallReceived)
        return endpoint.reply(received, answer, 0.0)

    return run


if __name__ == "__main__":
    main()
