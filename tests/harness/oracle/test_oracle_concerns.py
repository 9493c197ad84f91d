"""Waiting with `concern` ends where judging at every record ends, and judges seldom."""

import random

import pytest

from harness.oracle.concerns import concern
from harness.oracle.expectations import AllOf, Connection, Message, Pattern, Reply, Settles, Silence, Stays
from harness.oracle.judge import judge
from harness.oracle.matchers import as_fields
from tests.harness.oracle.trace_builder import TraceBuilder

PHASES = ("current_l1_a",)


def pattern(action="StatusNotification", **fields):
    return Pattern(action, as_fields(fields))


def message(word, *patterns):
    return Message(word=word, patterns=patterns, station="CP", since=0, until=20.0)


EXPECTATIONS = [
    message("next", pattern(status="Charging")),
    message("eventually", pattern(status="Charging")),
    message("eventually", pattern(status="Charging"), pattern("TransactionEvent", seqNo=3)),
    message("next", pattern("TransactionEvent", seqNo=2)),
    message("never", pattern(status="Charging")),
    AllOf(patterns=(pattern(status="Charging"), pattern(status="Preparing")), station="CP", since=0, until=20.0),
    Silence(station="CP", since=0, until=20.0, allowed=("StatusNotification",)),
    Reply(call=0, until=20.0),
    Connection(event="opened", word="eventually", station="CP", since=0, until=20.0),
    Connection(event="closed", word="never", station="CP", since=0, until=20.0),
    Stays(role="power_analyzer", evse=1, quantities=PHASES, since=0, until=20.0, max_gap=3.0, high=1.0),
    Settles(role="power_analyzer", evse=1, quantities=PHASES, since=0, until=12.0, holds=6.0, max_gap=3.0, high=1.0),
    Settles(role="power_analyzer", evse=1, quantities=PHASES, since=0, until=12.0, holds=0.0, max_gap=3.0, low=1.0),
]


def something(made, dice, t):
    kind = dice.randrange(9)
    if kind < 4:
        made.sample(t, dice.choice([0.2, 0.2, 0.2, 0.99, 3.0]))
    elif kind == 4:
        made.sent_by_station(t, "StatusNotification", {"status": dice.choice(["Charging", "Preparing", "Available"])})
    elif kind == 5:
        number = dice.randrange(4)
        payload = {"seqNo": number, "transactionInfo": {"transactionId": "T"}}
        made.sent_by_station(t, "TransactionEvent", {"eventType": "Started" if number == 0 else "Updated", **payload})
    elif kind == 6:
        made.answered(t, made.trace[0])
    elif kind == 7:
        made.opened(t)
    else:
        made.closed(t)


def ends(expectation, moments, *, every):
    """(state, time, times judged) of a wait over a trace that grows at `moments`."""
    made, count = TraceBuilder(), 1
    made.sent_by_csms(0.0, "Reset")
    outcome, concerns = judge(expectation, made.trace, 0.0), concern(expectation, made.trace)
    for t, seed in moments:
        while outcome.wake_at is not None and outcome.wake_at <= t:
            now, count = outcome.wake_at, count + 1
            outcome = judge(expectation, made.trace, now)
            if outcome.state != "pending":
                return outcome.state, now, count
        something(made, random.Random(seed), t)
        if concerns(made.trace.records[-1]) or every:
            outcome, count = judge(expectation, made.trace, t), count + 1
            if outcome.state != "pending":
                return outcome.state, t, count
    raise AssertionError("the moments go on beyond every deadline")


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda item: type(item).__name__)
def test_a_wait_ends_as_if_every_record_were_judged(expectation):
    dice = random.Random(7)
    for _ in range(150):
        rate = dice.choice([0.3, 1.0, 3.0])
        times, t = [], 0.0
        while t < 45.0:
            t += dice.expovariate(rate)
            times.append((round(t, 3), dice.random()))
        wanted, got = ends(expectation, times, every=True), ends(expectation, times, every=False)
        assert got[:2] == wanted[:2]
        assert got[2] <= wanted[2]


def test_an_hour_of_samples_is_judged_a_few_times():
    made = TraceBuilder()
    made.sent_by_csms(0.0, "Reset")
    wanted = Settles(
        role="power_analyzer", evse=1, quantities=PHASES, since=0, until=30.0, holds=3600.0, max_gap=3.0, high=1.0
    )
    concerns = concern(wanted, made.trace)
    told = sum(concerns(made.sample(float(t), 5.0 if t < 10 else 0.1)) for t in range(1, 3600))
    assert told == 2
