"""Which transaction event is the next one when events overtake each other."""

import pytest

from harness.oracle.expectations import Message, Pattern
from harness.oracle.judge import judge
from harness.oracle.matchers import as_fields
from tests.harness.oracle.trace_builder import TraceBuilder


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.step(0.0)
    return builder


def event(made, t, number, kind="Updated", trigger="ChargingStateChanged", transaction="T"):
    payload = {
        "eventType": kind,
        "seqNo": number,
        "triggerReason": trigger,
        "transactionInfo": {"transactionId": transaction},
    }
    return made.sent_by_station(t, "TransactionEvent", payload, ocpp="2.0.1")


def next_event(since=0, used=(), where=None, **fields):
    wanted = Pattern("TransactionEvent", as_fields(fields), as_fields(where or {}))
    return Message(word="next", patterns=(wanted,), station="CP", since=since, until=30.0, used=used)


def test_events_that_were_taken_before_count_as_arrived(made):
    anchor = made.sent_by_csms(1.0, "RequestStartTransaction")
    taken = [event(made, 2.0, 0, "Started"), event(made, 3.0, 1)]
    third = event(made, 4.0, 2)
    outcome = judge(next_event(anchor.seq, tuple(record.seq for record in taken)), made.trace, 4.0)
    assert (outcome.state, outcome.evidence) == ("met", (third.seq,))


def test_events_that_where_leaves_out_count_as_arrived(made):
    event(made, 1.0, 0, "Started")
    event(made, 2.0, 1, trigger="MeterValuePeriodic")
    authorized = event(made, 3.0, 2, trigger="Authorized")
    outcome = judge(next_event(1, where={"triggerReason": "Authorized"}), made.trace, 3.0)
    assert (outcome.state, outcome.evidence) == ("met", (authorized.seq,))


def test_a_station_may_count_on_over_its_transactions(made):
    started = event(made, 1.0, 17, "Started")
    assert judge(next_event(), made.trace, 1.0).evidence == (started.seq,)
    second = event(made, 2.0, 18)
    assert judge(next_event(started.seq), made.trace, 2.0).evidence == (second.seq,)


def test_a_gap_below_what_was_seen_before_the_window_keeps_the_question_open(made):
    event(made, 1.0, 0, "Started")
    anchor = event(made, 2.0, 2)
    event(made, 3.0, 3)
    assert judge(next_event(anchor.seq), made.trace, 3.0).state == "pending"
    late = event(made, 4.0, 1)
    assert judge(next_event(anchor.seq), made.trace, 4.0).evidence == (late.seq,)


def test_another_transactions_numbers_close_no_gap(made):
    event(made, 1.0, 0, "Started")
    event(made, 2.0, 1, transaction="OTHER")
    event(made, 3.0, 2)
    assert judge(next_event(1, where={"transactionInfo.transactionId": "T"}), made.trace, 3.0).state == "pending"


def test_numbers_that_stand_still_are_taken_in_the_order_of_arrival(made):
    first = event(made, 1.0, 0, "Started")
    second = event(made, 2.0, 0)
    assert judge(next_event(0), made.trace, 2.0).evidence == (first.seq,)
    assert judge(next_event(0, (first.seq,)), made.trace, 2.0).evidence == (second.seq,)


def test_a_huge_number_costs_nothing_and_waits_for_the_deadline(made):
    event(made, 1.0, 0, "Started")
    far = event(made, 2.0, 2**62)
    assert judge(next_event(1), made.trace, 2.0).state == "pending"
    assert judge(next_event(1), made.trace, 30.0).evidence == (far.seq,)


def test_numbers_of_different_transactions_do_not_compare(made):
    first = event(made, 1.0, 4, transaction="A")
    event(made, 2.0, 0, "Started", transaction="B")
    for number in range(4):
        event(made, 0.5, number, "Started" if number == 0 else "Updated", transaction="A")
    outcome = judge(next_event(0, used=tuple(range(3, 7))), made.trace, 3.0)
    assert (outcome.state, outcome.evidence) == ("met", (first.seq,))


def test_an_event_without_an_object_for_its_payload_is_not_a_defect_of_ours(made):
    made.trace.append(made.sent_by_station(1.0, "TransactionEvent").event, 1.0, "", [])
    outcome = judge(next_event(seqNo=0), made.trace, 3.0)
    assert outcome.state in {"pending", "violated"}
