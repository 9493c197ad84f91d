"""What a document leaves open is open by one clause: a rule that is stricter by just that finds the station that makes use of it, and not the usual one."""

import json
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from fixtures.detection_runs import run_cases
from harness.oracle.invariants.keys16 import STANDARD


@dataclass
class Said:
    """One message, with the request that it answers."""

    t: float
    of_station: bool
    kind: str
    action: str
    payload: dict
    request: dict = field(default_factory=dict)


def conversation(folder):
    said, asked = [], {}
    for line in (folder / "latest" / "trace.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] != "frame" or record["frame"] not in {"call", "result"}:
            continue
        elements = json.loads(record["raw"])
        message = Said(
            record["t"], record["direction"] == "in", record["frame"], record.get("action") or "", elements[-1]
        )
        if message.kind == "call":
            asked[record["seq"]] = message.payload
        else:
            message.request = asked.get(record.get("answers"), {})
        said.append(message)
    return said


def calls(said, action):
    return [one for one in said if one.of_station and one.kind == "call" and one.action == action]


def answers(said, action):
    return [one for one in said if one.of_station and one.kind == "result" and one.action == action]


def transactions(said):
    found = {}
    for one in calls(said, "TransactionEvent"):
        found.setdefault(one.payload["transactionInfo"]["transactionId"], []).append(one.payload)
    return list(found.values())


def meter_values(said):
    return [event.get("meterValue", []) for events in transactions(said) for event in events if event.get("meterValue")]


def states_told_again(said):
    found = 0
    for events in transactions(said):
        states = [
            event["transactionInfo"]["chargingState"] for event in events if "chargingState" in event["transactionInfo"]
        ]
        found += sum(1 for before, now in pairwise(states) if before == now)
    return found > len(transactions(said))  # a station may well tell one once more when it ends


TIGHTER_201 = {
    "statuses_by_events": lambda said: [
        event
        for one in calls(said, "NotifyEvent")
        for event in one.payload["eventData"]
        if event["variable"]["name"] == "AvailabilityState"
    ],
    "rejects_every_trigger": lambda said: [
        one
        for one in answers(said, "TriggerMessage")
        if one.request["requestedMessage"] == "Heartbeat" and one.payload["status"] != "Accepted"
    ],
    "summary_not_supported": lambda said: [
        one for one in answers(said, "GetBaseReport") if one.payload["status"] != "Accepted"
    ],
    "reports_in_many_parts": lambda said: [one for one in calls(said, "NotifyReport") if one.payload["seqNo"] > 20],
    "no_password_variable": lambda said: [
        result
        for one in answers(said, "SetVariables")
        for result in one.payload["setVariableResult"]
        if result["attributeStatus"] == "UnknownVariable"
    ],
    "sequence_numbers_go_on": lambda said: [events for events in transactions(said) if events[0]["seqNo"] != 0],
    "charging_state_in_every_event": states_told_again,
    "evse_in_every_event": lambda said: [
        events for events in transactions(said) if sum(1 for event in events if "evse" in event) > 1
    ],
    "measurands_apart_in_events": lambda said: [
        values for values in meter_values(said) if len({value["timestamp"] for value in values}) < len(values)
    ],
    "defaults_left_out_in_events": lambda said: [
        sample
        for values in meter_values(said)
        for value in values
        for sample in value["sampledValue"]
        if "measurand" not in sample
    ],
}
CASES_201 = (
    "TC_E_03_CS",
    "TC_F_01_CS",
    "HIL_SAMPLE_01",
    "HIL_OFFLINE_01",
    "ROB_PLUG_01",
    "ROB_TRIGGER_01",
    "ROB_REPORT_01",
    "ROB_VARIABLE_03",
)

TIGHTER_POINTS = {
    "ends_transactions_at_the_plug": lambda said: [
        events for events in transactions(said) if events[-1]["triggerReason"] != "RemoteStop"
    ],
    "starts_when_all_is_ready": lambda said: [
        events for events in transactions(said) if events[0]["triggerReason"] != "CablePluggedIn"
    ],
}

TIGHTER_16 = {
    "refuses_starts_while_finishing": lambda said: [
        one for one in answers(said, "RemoteStartTransaction") if one.payload["status"] == "Rejected"
    ],
    "one_measurand_at_a_time": lambda said: [
        one
        for one in answers(said, "ChangeConfiguration")
        if "," in one.request["value"] and one.payload["status"] == "Rejected"
    ],
    "keys_in_small_letters": lambda said: [
        entry["key"]
        for one in answers(said, "GetConfiguration")
        for entry in one.payload.get("configurationKey", [])
        if entry["key"] not in STANDARD and entry["key"].lower() in {key.lower() for key in STANDARD}
    ],
}

RUNS = [
    ("2.0.1", TIGHTER_201, CASES_201),
    ("2.0.1", TIGHTER_POINTS, ("HIL_STOP_01",)),
    ("1.6", TIGHTER_16, ("TC_019_CS", "ROB_START_02", "ROB_VALUE_03")),
]


@pytest.mark.parametrize(("ocpp", "tighter", "cases"), RUNS, ids=["events and model", "points", "keys and starts"])
def test_a_stricter_rule_finds_what_is_allowed(tmp_path, ocpp, tighter, cases):
    found = {}
    for name, switches in (("usual", ()), ("unusual", tuple(tighter))):
        done = run_cases(cases, ocpp=ocpp, faults=switches, runs=tmp_path / name)
        assert done.exit_code == 0, done.output
        said = conversation(tmp_path / name)
        found[name] = {rule for rule, breaches in tighter.items() if breaches(said)}
    assert found == {"usual": set(), "unusual": set(tighter)}
