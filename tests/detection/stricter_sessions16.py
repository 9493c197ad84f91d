"""OCPP 1.6: rules on sessions, remote control and reservations, each stricter than the document by what one unusual station makes use of."""

from harness.oracle.invariants import charging16
from harness.oracle.invariants.answered_once import rule as answered_within
from tests.detection.tightening import Run, expecting, no_error, no_status, without


def refused_starts(seen):
    return [one for one in seen.answers("RemoteStartTransaction") if one.status == "Rejected"]


def latest(t, moments):
    return max((moment for moment in moments if moment < t), default=0.0)


def plugged_and_ended(seen, one):
    """When the last transaction before a message ended and the station booted, if the cable has been in since that end; else None."""
    ended = latest(one.t, [stop.t for stop in seen.of("StopTransaction")])
    unplugged = latest(one.t, [record.t for record in seen.stimuli("ev_simulator", "unplug")])
    booted = latest(one.t, [boot.t for boot in seen.accepted_boots()])
    return (ended, booted) if ended > unplugged else None


def refused_after_restart(seen):
    ends = [plugged_and_ended(seen, one) for one in refused_starts(seen)]
    return [end for end in ends if end and end[1] > end[0]]


def refused_for_its_cable(seen):
    coded = [(one.t, one.event.args["ohm"]) for one in seen.stimuli("ev_simulator", "set_proximity")]
    return [one for one in refused_starts(seen) if [ohm for t, ohm in coded if t < one.t][-1:] not in ([], [0.0])]


def refused_once_asked(seen):
    asked = [one.t for one in seen.of("Authorize")]
    return [one for one in refused_starts(seen) if any(one.asked_at < t < one.t for t in asked)]


def finishing_after_stop(seen):
    """On one connection Charging is told, then that the transaction is over, and Finishing at once."""
    told = [
        one
        for one in seen.said
        if one.of_station and one.kind == "call" and one.action in {"StatusNotification", "StopTransaction"}
    ]
    names = [one.payload.get("status", one.action) if one.payload.get("connectorId") != 0 else "" for one in told]
    return [
        stop
        for (before, stop, after), names in zip(triplets(told), triplets(names), strict=True)
        if names == ("Charging", "StopTransaction", "Finishing")
        and before.connection == after.connection
        and after.t - stop.t < 1
    ]


def triplets(listed):
    return list(zip(listed, listed[1:], listed[2:], strict=False))


def tags_let_in(seen, until):
    """Tags that were presented, or named by the CSMS for a start, as they were written."""
    shown = [one.event.args["token"] for one in seen.stimuli("id_reader", "present") if one.t <= until + 1]
    return {*shown, *(one.payload["idTag"] for one in seen.of("RemoteStartTransaction", by="csms") if one.t <= until)}


def tags_otherwise(seen):
    told = [one for action in ("Authorize", "StartTransaction") for one in seen.of(action)]
    return [
        one
        for one in told
        if (tag := one.payload["idTag"]) not in (known := tags_let_in(seen, one.t))
        and tag.lower() in {tag.lower() for tag in known}
    ]


def asked_for_nobody(seen):
    """The tag of a reservation that nobody has presented since."""
    orders = seen.of("ReserveNow", by="csms")
    shown = [(one.t, one.event.args["token"].lower()) for one in seen.stimuli("id_reader", "present")]
    return [
        one
        for one in seen.of("Authorize")
        for order in orders
        if order.payload["idTag"].lower() == one.payload["idTag"].lower()
        and order.t < one.t
        and not any(order.t < t <= one.t and tag == one.payload["idTag"].lower() for t, tag in shown)
    ]


def faults_that_are_none(seen):
    return [
        one
        for one in seen.of("StatusNotification")
        if one.payload["errorCode"] == "EVCommunicationError" and one.status != "Faulted"
    ]


RUNS = {
    "order": Run(
        "1.6",
        {
            "start_told_after_charging": without(charging16.RULE, charging16, _QUEUED_S=1.0),
            "finishing_after_stop_told": finishing_after_stop,
            "tags_in_small_letters": tags_otherwise,
            "asks_for_reserving_tags": asked_for_nobody,
            "refuses_a_remote_start_after_asking": refused_once_asked,
            "refuses_by_callerror": expecting(("RemoteStartTransaction", "ChangeConfiguration"), no_error),
            "triggers_of_real_connectors": expecting(("TriggerMessage",), no_error),
        },
        ("TC_010_CS", "TC_012_CS", "TC_046_1_CS", "TC_023_5_CS", "TC_027_CS", "TC_040_2_CS", "ROB_TRIGGER_02"),
    ),
    "refused starts": Run(
        "1.6",
        {
            "refuses_starts_while_finishing": expecting(("RemoteStartTransaction",), no_status("Rejected")),
            "unknown_cable_refused": refused_for_its_cable,
            "pilot_error_is_a_suspension": faults_that_are_none,
        },
        ("ROB_START_02", "HIL_CABLE_03", "HIL_CPFAULT_01"),
    ),
    "restarted with a cable": Run(
        "1.6", {"finishing_after_restart_with_cable": refused_after_restart}, ("ROB_SESSION_04",)
    ),
    "late": Run("1.6", {"answers_late": lambda seen: seen.breaches(answered_within(10.0))}, ("TC_040_2_CS",)),
    "no local list": Run(
        "1.6",
        {"missing_local_list_by_error": expecting(("GetLocalListVersion", "SendLocalList"), no_error)},
        ("TC_042_1_CS", "TC_043_1_CS"),
        station="virtual-basic",
    ),
}
