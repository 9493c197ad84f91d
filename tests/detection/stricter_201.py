"""OCPP 2.0.1: rules that are each stricter than the document by what one unusual station makes use of."""

from itertools import pairwise
from operator import eq

from harness.oracle.invariants import transaction201
from harness.trace.events import Handshake
from tests.detection.stricter_link16 import follows_no_leap, follows_some_leaps
from tests.detection.tightening import Run, expecting, no_status, sooner, transactions201, without


def meter_values(seen):
    return [event["meterValue"] for events in transactions201(seen) for event in events if event.get("meterValue")]


def sampled(seen):
    return [sample for values in meter_values(seen) for value in values for sample in value["sampledValue"]]


def state_told_again(seen):
    """More than once in a transaction: a station may well tell one once more when it ends."""
    states = [[event["transactionInfo"].get("chargingState") for event in events] for events in transactions201(seen)]
    again = [sum(1 for before, now in pairwise(told) if before == now is not None) for told in states]
    return [times for times in again if times > 1]


def states_by_events(seen):
    data = [event for one in seen.of("NotifyEvent") for event in one.payload["eventData"]]
    return [event for event in data if event["variable"]["name"] == "AvailabilityState"]


def intervals(seen):
    """Heartbeat intervals, and since when they hold."""
    of_boots = [(boot.t, boot.payload["interval"]) for boot in seen.accepted_boots()]
    data = [(one.t, item) for one in seen.answers("SetVariables") for item in one.request["setVariableData"]]
    return sorted(
        [
            *of_boots,
            *((t, int(item["attributeValue"])) for t, item in data if item["variable"]["name"] == "HeartbeatInterval"),
        ]
    )


def beats_beside_others(seen):
    """A heartbeat although something else was sent within the interval."""
    ours = [one for one in seen.said if one.of_station and one.kind == "call"]
    pairs = [
        (before, now) for before, now in pairwise(ours) if now.action == "Heartbeat" and before.action != "Heartbeat"
    ]
    held = {now.t: [interval_s for t, interval_s in intervals(seen) if t < now.t][-1:] for _, now in pairs}
    return [now for before, now in pairs if held[now.t] and now.t - before.t < 0.7 * held[now.t][0]]


def refused_heartbeats(seen):
    """Of what every station has."""
    asked = [one for one in seen.answers("TriggerMessage") if one.request["requestedMessage"] == "Heartbeat"]
    return [one for one in asked if one.status != "Accepted"]


def unknown_variables(seen):
    results = [result for one in seen.answers("SetVariables") for result in one.payload["setVariableResult"]]
    return [result for result in results if result["attributeStatus"] == "UnknownVariable"]


def overtaken(seen):
    """An event that the CSMS refused to process comes again after another one."""
    told = [one for one in seen.said if one.action == "TransactionEvent" and one.of_station]
    failed = [
        one for one in seen.said if one.action == "TransactionEvent" and one.kind == "error" and not one.of_station
    ]
    later = [[one.payload for one in told if one.t > error.t] for error in failed]
    return [
        error
        for error, events in zip(failed, later, strict=True)
        if error.request in events and events[0] != error.request
    ]


def kept_over_power_loss(seen):
    begun = {}
    for one in seen.of("TransactionEvent"):
        begun.setdefault(one.payload["transactionInfo"]["transactionId"], one.t)
    ends = [one for one in seen.of("TransactionEvent") if one.payload["eventType"] == "Ended"]
    return [
        one
        for one in ends
        for cut in seen.cuts()
        if begun[one.payload["transactionInfo"]["transactionId"]] < cut < one.t
        and one.payload["transactionInfo"].get("stoppedReason") != "PowerLoss"
    ]


def values_beside_events(seen):
    """MeterValues of an EVSE in the midst of a transaction on it."""
    open_on, evse_of, found = set(), {}, []
    for one in seen.said:
        if not (one.of_station and one.kind == "call"):
            continue
        if one.action == "TransactionEvent":
            transaction = one.payload["transactionInfo"]["transactionId"]
            evse = evse_of.setdefault(transaction, one.payload.get("evse", {}).get("id"))
            (open_on.discard if one.payload["eventType"] == "Ended" else open_on.add)(evse)
        elif one.action == "MeterValues" and one.payload["evseId"] in open_on:
            found.append(one)
    return found


def taken_in_the_clear(seen):
    clear = {
        record.event.connection
        for record in seen.trace.records
        if isinstance(record.event, Handshake) and not record.event.tls
    }
    roots = [
        one for one in seen.answers("InstallCertificate") if one.request["certificateType"] == "CSMSRootCertificate"
    ]
    return [one for one in roots if one.connection in clear and one.status == "Accepted"]


RUNS = {
    "other messages": Run(
        "2.0.1",
        {
            "statuses_by_events": states_by_events,
            "beats_whatever_is_sent": beats_beside_others,
            "aligned_in_meter_values": values_beside_events,
            "certificates_taken_in_the_clear": taken_in_the_clear,
        },
        ("ROB_PLUG_01", "ROB_CLOCK_01", "HIL_ALIGNED_01", "ROB_CERT_01"),
    ),
    "device model": Run(
        "2.0.1",
        {
            "rejects_every_trigger": refused_heartbeats,
            "summary_not_supported": expecting(("GetBaseReport",), no_status("NotSupported")),
            "reports_in_many_parts": lambda seen: [one for one in seen.of("NotifyReport") if one.payload["seqNo"] > 20],
            "no_password_variable": unknown_variables,
            "takes_the_time_seldom": follows_some_leaps,
            "sent_again_in_local_time": without(transaction201.COUNTED, transaction201, same_moment=eq),
        },
        ("ROB_TRIGGER_01", "ROB_REPORT_01", "ROB_VARIABLE_03", "ROB_CLOCK_01", "ROB_EVENT_01"),
    ),
    "events": Run(
        "2.0.1",
        {
            "sequence_numbers_go_on": lambda seen: [
                events for events in transactions201(seen) if events[0]["seqNo"] != 0
            ],
            "charging_state_in_every_event": state_told_again,
            "evse_in_every_event": lambda seen: [
                events for events in transactions201(seen) if sum(1 for event in events if "evse" in event) > 1
            ],
            "measurands_apart_in_events": lambda seen: [
                values for values in meter_values(seen) if len({value["timestamp"] for value in values}) < len(values)
            ],
            "defaults_left_out_in_events": lambda seen: [one for one in sampled(seen) if "measurand" not in one],
            "sets_its_clock_once": follows_no_leap,
            "other_events_meanwhile": overtaken,
        },
        ("HIL_SAMPLE_01", "ROB_CLOCK_01", "ROB_EVENT_02"),
    ),
    "points": Run(
        "2.0.1",
        {
            "ends_transactions_at_the_plug": lambda seen: [
                event
                for events in transactions201(seen)
                for event in events
                if event["triggerReason"] == "RemoteStop" and event["eventType"] != "Ended"
            ],
            "starts_when_all_is_ready": lambda seen: [
                events for events in transactions201(seen) if events[0]["triggerReason"] != "CablePluggedIn"
            ],
        },
        ("HIL_STOP_01",),
    ),
    "power": Run(
        "2.0.1",
        {
            "boots_slowly": expecting(("opened", "BootNotification"), sooner(60.0, up_to_s=300.0)),
            "resumes_after_power_loss": kept_over_power_loss,
        },
        ("TC_B_01_CS", "ROB_POWER_02"),
    ),
}
