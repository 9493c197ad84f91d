"""OCPP 1.6: rules on connections, restarts, statuses and clocks, each stricter than the document by what one unusual station makes use of."""

from collections import Counter
from itertools import pairwise
from operator import eq
from unittest.mock import PropertyMock, patch

from harness.oracle.invariants import clock, sockets, status_times16, transaction16
from harness.oracle.invariants.csms_clock import CsmsClock
from harness.oracle.invariants.moments import seconds_of
from tests.detection.tightening import Run, expecting, followed, sooner, without


def statuses(seen):
    """What was told of each connector, in order."""
    told = {}
    for one in seen.of("StatusNotification"):
        told.setdefault(one.payload["connectorId"], []).append(one)
    return told.values()


def steps(seen):
    return [pair for told in statuses(seen) for pair in pairwise(told)]


# of the rule on connections that do not last: how many may end, how long the bench and an update excuse it, and what a Rejected excuses
FEWER = {"_MOST": 1, "_DISTURBED_S": 0.0, "_EXCUSED_S": 600.0}
left = without(sockets.PERSIST_16, sockets, **FEWER)
left_although_rejected = without(sockets.PERSIST_16, sockets, _rejects=lambda *_: False, **FEWER)


def unavailable_for_a_while(seen):
    orders = [one.t for one in seen.of("ChangeAvailability", by="csms")]
    return [
        now
        for before, now in steps(seen)
        if (before.status, now.status) == ("Unavailable", "Available")
        and now.t - before.t < 10
        and not any(before.t - 60 < t < now.t for t in orders)
    ]


def told_late(seen):
    """Where no MinimumStatusDuration is set."""
    charged = [one for told in statuses(seen) for one in told if one.case == "TC_010_CS"]
    return [one for one in charged if seconds_of(one.known) - seconds_of(one.payload["timestamp"]) > 2]


def told_over_and_over(seen):
    """More than once on one connection, while nobody asked for it and the station did not boot."""
    asked = [one.t for one in (*seen.accepted_boots(), *seen.answers("TriggerMessage"))]
    again = [
        now
        for before, now in steps(seen)
        if (before.status, before.connection) == (now.status, now.connection)
        and before.payload["errorCode"] == now.payload["errorCode"]
        and before.payload.get("info") == now.payload.get("info")
        and not any(before.t <= t <= now.t for t in asked)
    ]
    places = Counter((one.connection, one.payload["connectorId"]) for one in again)
    return [place for place, times in places.items() if times > 1]


def no_heartbeat_in_time(seen):
    """After an accepted boot with a short interval, on a connection that goes on for longer."""
    beats = seen.of("Heartbeat")
    return [
        boot
        for boot in seen.accepted_boots()
        if (limit := boot.t + 1.5 * boot.payload["interval"]) < boot.t + 60
        and any(one.connection == boot.connection and one.t > limit for one in seen.said)
        and not any(boot.t < beat.t < limit for beat in beats)
    ]


def other_messages_between_heartbeats(seen):
    between = [(first.t, second.t) for first, second in pairwise(seen.of("Heartbeat")) if second.t - first.t < 60]
    return [one for one in seen.of("DataTransfer") if any(first < one.t < second for first, second in between)]


def nobody_let_in_before_accepted(seen):
    """Somebody showed his card to a station that has power and knows his tag, and had no session."""
    starts = [seconds_of(one.payload["timestamp"]) for one in seen.of("StartTransaction")]
    boots = [one.t for one in seen.accepted_boots()]
    shown = [
        one
        for cut in seen.cuts()
        for one in seen.stimuli("id_reader", "present")
        if cut < one.t < min(t for t in boots if t > cut)
    ]
    return shown if shown and not any(0 < start - seconds_of(one.utc) < 60 for start in starts for one in shown) else []


def ended_after_the_boot(seen):
    resets = seen.resets("Hard")
    ends = [one for one in seen.of("StopTransaction") if one.payload.get("reason") == "HardReset"]
    return [one for one in ends if all(reset.connection != one.connection for reset in resets)]


def not_booted(seen):
    boots = [one.t for one in seen.accepted_boots()]
    return [reset for reset in seen.resets("Soft") if not any(0 < t - reset.t < 100 for t in boots)]


def reset_late(seen):
    """The connection ends late, however long the restart takes then."""
    left = [t for t, _ in seen.left()]
    took = [min((t - reset.t for t in left if t >= reset.t), default=0.0) for reset in seen.resets("Soft")]
    return [took_s for took_s in took if took_s > 30]


def went_on(seen):
    begun = {
        one.payload["transactionId"]: one.asked_at for one in seen.of("StartTransaction", by="csms", kind="result")
    }
    ends = [one for one in seen.of("StopTransaction") if one.payload.get("reason") != "PowerLoss"]
    return [one for one in ends for cut in seen.cuts() if begun.get(one.payload["transactionId"], one.t) < cut < one.t]


def interrupted_end_late(seen):
    ends = [one for one in seen.of("StopTransaction") if one.payload.get("reason") == "PowerLoss"]
    return [one for one in ends if one.t - max(boot.t for boot in seen.accepted_boots() if boot.t < one.t) > 60]


def follows_every_leap(seen):
    """Our rule on times ahead of the CSMS, for stations that need not follow its leaps as well."""
    with patch.object(CsmsClock, "stepped", new_callable=PropertyMock, return_value=False):
        return seen.breaches(clock.FUTURE)


def follows_no_leap(seen):
    return [] if followed(seen) else follows_every_leap(seen)


def follows_some_leaps(seen):
    return follows_every_leap(seen) if followed(seen) else []


RUNS = {
    "link": Run(
        "1.6",
        {
            "hangs_up_when_rejected": lambda seen: set(left_although_rejected(seen)) - set(left(seen)),
            "first_connection_dropped": left,
            "unavailable_while_starting": unavailable_for_a_while,
            "statuses_settle_first": told_late,
            "suspended_before_charging": without(status_times16.OWN_TIME, status_times16, _LATER_S=0.0),
            "other_messages_for_heartbeats": no_heartbeat_in_time,
            "no_sessions_before_accepted": nobody_let_in_before_accepted,
        },
        ("TC_001_CS", "TC_010_CS", "ROB_OFFLINE_01"),
    ),
    "restarts": Run(
        "1.6",
        {
            "hard_reset_stops_afterwards": ended_after_the_boot,
            "soft_reset_without_boot": not_booted,
            "resumes_after_power_loss": went_on,
            "boots_slowly": expecting(("opened", "BootNotification"), sooner(60.0, up_to_s=300.0)),
        },
        ("TC_015_CS", "TC_016_CS", "TC_032_2_CS"),
    ),
    "talkative": Run(
        "1.6",
        {
            "statuses_repeated": told_over_and_over,
            "timestamps_in_local_time": lambda seen: [
                one for one in seen.of("StatusNotification") if not one.payload["timestamp"].endswith("Z")
            ],
            "other_messages_beside_heartbeats": other_messages_between_heartbeats,
            "soft_reset_takes_its_time": reset_late,
        },
        ("TC_001_CS", "TC_014_CS"),
    ),
    "interrupted": Run(
        "1.6",
        {
            "takes_the_time_seldom": follows_some_leaps,
            "sent_again_in_local_time": without(transaction16.ONE_BY_ONE, transaction16, same_moment=eq),
            "interrupted_end_told_late": interrupted_end_late,
        },
        ("ROB_CLOCK_01", "ROB_LOST_02", "ROB_POWER_02"),
    ),
    "clock": Run("1.6", {"sets_its_clock_once": follows_no_leap}, ("ROB_CLOCK_01",)),
}
