"""What the run itself was late for, missed or ended is not the station's fault; what was seen all the same is."""

import pytest

from harness.oracle.expectations import AllOf, Message, Pattern, Reply
from harness.oracle.judge import judge
from harness.oracle.matchers import as_fields
from harness.trace.events import Closed, Note
from tests.harness.oracle.trace_builder import TraceBuilder

CHARGING = Pattern("StatusNotification", as_fields({"status": "Charging"}))


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.sent_by_csms(0.0, "Reset")
    return builder


def lagged(made, seconds, t):
    made.add(Note(text="late", data={"lag_s": seconds}), t)


def failed(made, t):
    made.add(Note(text="given up", data={"defect": "KeyError('x')"}), t)


def closed(made, by, t):
    made.add(Closed(connection=1, station="CP", code=1006, by=by), t)


def message(word="eventually", **fields):
    return Message(word=word, patterns=(CHARGING,), station="CP", since=0, **{"until": 10.0, **fields})


@pytest.mark.parametrize("meanwhile", [lambda made: lagged(made, 4.0, 9.0), lambda made: failed(made, 5.0)])
@pytest.mark.parametrize(
    "expectation",
    [message(), AllOf(patterns=(CHARGING,), station="CP", since=0, until=10.0), Reply(call=0, until=10.0)],
)
def test_a_missed_deadline_is_not_the_stations(made, meanwhile, expectation):
    meanwhile(made)
    assert judge(expectation, made.trace, 10.0).state == "inconclusive"


@pytest.mark.parametrize("meanwhile", [lambda made: lagged(made, 4.0, 9.0), lambda made: failed(made, 5.0)])
@pytest.mark.parametrize("word", ["next", "never"])
def test_what_was_seen_is_the_stations_all_the_same(made, meanwhile, word):
    meanwhile(made)
    made.sent_by_station(6.0, "StatusNotification", {"status": "Charging" if word == "never" else "Faulted"})
    assert judge(message(word), made.trace, 10.0).state == "violated"


def test_the_lag_is_held_against_the_time_the_station_was_given_not_against_the_window(made):
    lagged(made, 2.0, 98.0)
    assert judge(message(until=100.0), made.trace, 100.0).state == "violated"
    assert judge(message(until=100.0, within=5.0), made.trace, 100.0).state == "inconclusive"


def test_a_lag_before_the_station_was_asked_excuses_nothing(made):
    lagged(made, 2.0, 50.0)
    assert judge(message(until=100.0, within=5.0), made.trace, 100.0).state == "violated"


@pytest.mark.parametrize(("by", "state"), [("csms", "inconclusive"), ("station", "violated"), ("network", "violated")])
def test_a_connection_that_ends_in_mid_call_is_told_and_the_csms_own_end_blames_nobody(made, by, state):
    closed(made, by, 4.0)
    outcome = judge(Reply(call=0, until=10.0), made.trace, 10.0)
    assert outcome.state == state
    assert outcome.observed == f"no answer in 10.0 s: the {by} ended the connection after 4.0 s"
    assert outcome.evidence == (0, 1)
