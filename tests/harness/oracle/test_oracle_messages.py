import pytest

from harness.oracle.expectations import AllOf, Connection, Fields, Holds, Message, Pattern, Reply, Silence
from harness.oracle.judge import judge
from harness.oracle.matchers import Absent, NotOneOf, as_fields
from harness.trace.events import Note
from tests.harness.oracle.trace_builder import TraceBuilder


def pattern(action, where=None, **fields):
    return Pattern(action, as_fields(fields), as_fields(where or {}))


def message(word, *patterns, since=0, until=10.0, used=()):
    return Message(word=word, patterns=patterns, station="CP", since=since, until=until, used=used)


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.step(0.0)
    return builder


CHARGING = pattern("StatusNotification", connectorId=1, status="Charging")


class TestNext:
    def test_the_first_of_the_action_decides(self, made):
        first = made.sent_by_station(1.0, "StatusNotification", {"connectorId": 1, "status": "Preparing"})
        made.sent_by_station(2.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        outcome = judge(message("next", CHARGING), made.trace, 3.0)
        assert outcome.state == "violated"
        assert outcome.evidence == (first.seq,)
        assert 'status is "Preparing"' in outcome.observed

    def test_other_actions_and_other_stations_do_not_count(self, made):
        made.sent_by_station(1.0, "Heartbeat")
        good = made.sent_by_station(2.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        assert judge(message("next", CHARGING), made.trace, 3.0).evidence == (good.seq,)
        elsewhere = Message(word="next", patterns=(CHARGING,), station="OTHER", since=0, until=10.0)
        assert judge(elsewhere, made.trace, 10.0).state == "violated"

    def test_where_selects_which_ones_are_meant(self, made):
        made.sent_by_station(1.0, "StatusNotification", {"connectorId": 2, "status": "Preparing"})
        made.sent_by_station(2.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        selected = pattern("StatusNotification", where={"connectorId": 1}, status="Charging")
        assert judge(message("next", selected), made.trace, 3.0).state == "met"

    def test_a_message_taken_before_is_passed_over(self, made):
        taken = made.sent_by_station(1.0, "StatusNotification", {"connectorId": 1, "status": "Preparing"})
        made.sent_by_station(2.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        assert judge(message("next", CHARGING, used=(taken.seq,)), made.trace, 3.0).state == "met"

    def test_a_frame_of_the_csms_is_not_the_stations(self, made):
        made.sent_by_csms(1.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        assert judge(message("next", CHARGING), made.trace, 10.0).state == "violated"


class TestTransactionEventsInSeqNoOrder:
    EXPECTED = pattern("TransactionEvent", eventType="Updated", seqNo=1)

    def event(self, made, t, number, kind, transaction="T"):
        info = {"transactionId": transaction}
        payload = {"eventType": kind, "seqNo": number, "transactionInfo": info}
        return made.sent_by_station(t, "TransactionEvent", payload, ocpp="2.0.1")

    def test_an_early_arrival_waits_for_its_predecessor(self, made):
        anchor = self.event(made, 0.5, 0, "Started")
        self.event(made, 1.0, 2, "Ended")
        open_question = judge(message("next", self.EXPECTED, since=anchor.seq), made.trace, 2.0)
        assert open_question.state == "pending"
        late = self.event(made, 3.0, 1, "Updated")
        settled = judge(message("next", self.EXPECTED, since=anchor.seq), made.trace, 3.0)
        assert (settled.state, settled.evidence) == ("met", (late.seq,))

    def test_a_gap_that_never_closes_is_decided_at_the_deadline(self, made):
        anchor = self.event(made, 0.5, 0, "Started")
        self.event(made, 1.0, 2, "Ended")
        outcome = judge(message("next", self.EXPECTED, since=anchor.seq), made.trace, 10.0)
        assert outcome.state == "violated"
        assert "seqNo is 2" in outcome.observed


class TestEventually:
    def test_any_match_before_the_deadline_will_do(self, made):
        made.sent_by_station(1.0, "StatusNotification", {"connectorId": 1, "status": "Preparing"})
        made.sent_by_station(9.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        assert judge(message("eventually", CHARGING), made.trace, 9.0).state == "met"

    def test_nothing_yet_is_pending_and_wakes_at_the_deadline(self, made):
        outcome = judge(message("eventually", CHARGING), made.trace, 4.0)
        assert (outcome.state, outcome.wake_at) == ("pending", 10.0)

    def test_too_late_is_violated_and_says_what_came_instead(self, made):
        made.sent_by_station(2.0, "Heartbeat")
        made.sent_by_station(11.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        outcome = judge(message("eventually", CHARGING), made.trace, 12.0)
        assert outcome.state == "violated"
        assert "Heartbeat" in outcome.observed

    def test_alternatives(self, made):
        seen = made.sent_by_station(1.0, "NotifyEvent", {"seqNo": 0})
        outcome = judge(message("eventually", CHARGING, pattern("NotifyEvent")), made.trace, 2.0)
        assert (outcome.state, outcome.taken) == ("met", (seen.seq,))

    def test_our_own_lag_excuses_a_missed_deadline(self, made):
        made.add(Note(text="late", data={"lag_s": 4.0}), 9.0)
        assert judge(message("eventually", CHARGING), made.trace, 10.0).state == "inconclusive"

    def test_a_small_lag_excuses_nothing(self, made):
        made.add(Note(text="late", data={"lag_s": 3.0}), 9.0)
        assert judge(message("eventually", CHARGING), made.trace, 10.0).state == "violated"


class TestNever:
    def test_a_match_violates_at_once(self, made):
        seen = made.sent_by_station(1.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        outcome = judge(message("never", CHARGING), made.trace, 1.0)
        assert (outcome.state, outcome.evidence) == ("violated", (seen.seq,))
        assert outcome.observed == 'StatusNotification(connectorId = 1, status = "Charging") came at +1.00 s'

    def test_what_came_is_told_with_the_values_it_has(self, made):
        made.sent_by_station(0.25, "StatusNotification", {"connectorId": 2, "status": "Preparing"})
        unwanted = pattern("StatusNotification", connectorId=NotOneOf((1,)), info=Absent())
        outcome = judge(message("never", unwanted), made.trace, 1.0)
        assert outcome.observed == "StatusNotification(connectorId = 2, info absent) came at +0.25 s"
        outcome = judge(message("never", pattern("StatusNotification")), made.trace, 1.0)
        assert outcome.observed == "StatusNotification came at +0.25 s"

    def test_it_is_met_only_when_the_window_is_over(self, made):
        assert judge(message("never", CHARGING), made.trace, 9.9).state == "pending"
        assert judge(message("never", CHARGING), made.trace, 10.0).state == "met"

    def test_after_the_window_it_may_come(self, made):
        made.sent_by_station(10.5, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        assert judge(message("never", CHARGING), made.trace, 11.0).state == "met"


class TestAllOf:
    BOTH = (CHARGING, pattern("StartTransaction", connectorId=1))

    def expectation(self, until=10.0):
        return AllOf(patterns=self.BOTH, station="CP", since=0, until=until)

    def test_any_order(self, made):
        start = made.sent_by_station(1.0, "StartTransaction", {"connectorId": 1})
        status = made.sent_by_station(2.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        outcome = judge(self.expectation(), made.trace, 2.0)
        assert (outcome.state, outcome.taken) == ("met", (status.seq, start.seq))

    def test_one_message_serves_one_pattern(self, made):
        made.sent_by_station(1.0, "StatusNotification", {"connectorId": 1, "status": "Charging"})
        twice = AllOf(patterns=(CHARGING, CHARGING), station="CP", since=0, until=10.0)
        assert judge(twice, made.trace, 2.0).state == "pending"

    def test_what_is_missing_is_named(self, made):
        made.sent_by_station(1.0, "StartTransaction", {"connectorId": 1})
        outcome = judge(self.expectation(), made.trace, 10.0)
        assert outcome.state == "violated"
        assert "missing: StatusNotification" in outcome.observed


class TestSilence:
    def test_only_what_is_allowed_may_come(self, made):
        made.sent_by_station(1.0, "Heartbeat")
        quiet = Silence(station="CP", since=0, until=5.0, allowed=("Heartbeat",))
        assert judge(quiet, made.trace, 4.0).state == "pending"
        assert judge(quiet, made.trace, 5.0).state == "met"
        made.sent_by_station(5.0, "StatusNotification")
        assert judge(quiet, made.trace, 5.0).state == "violated"


class TestReply:
    def test_a_result_in_time(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        answer = made.answered(2.0, call, {"status": "Accepted"})
        outcome = judge(Reply(call=call.seq, until=5.0), made.trace, 2.0)
        assert (outcome.state, outcome.evidence) == ("met", (call.seq, answer.seq))

    def test_an_error_counts_only_where_it_is_allowed(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        made.answered(2.0, call, kind="error", reason="NotSupported")
        assert judge(Reply(call=call.seq, until=5.0), made.trace, 2.0).state == "violated"
        assert judge(Reply(call=call.seq, until=5.0, error_ok=True), made.trace, 2.0).state == "met"

    def test_an_error_counts_by_its_code(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        made.answered(2.0, call, kind="error", reason="NotSupported: no such profile")
        wanted = Reply(call=call.seq, until=5.0, error_codes=("NotSupported",))
        assert judge(wanted, made.trace, 2.0).state == "met"
        other = judge(Reply(call=call.seq, until=5.0, error_codes=("InternalError",)), made.trace, 2.0)
        assert (other.state, other.observed) == ("violated", "CALLERROR NotSupported: no such profile")
        assert "a CALLRESULT (or CALLERROR InternalError)" in other.required

    def test_a_result_does_not_count_where_only_an_error_does(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        made.answered(2.0, call, {"status": "Accepted"})
        outcome = judge(Reply(call=call.seq, until=5.0, error_ok=True, error_only=True), made.trace, 2.0)
        assert (outcome.state, outcome.observed) == ("violated", "CALLRESULT {'status': 'Accepted'}")
        assert "a CALLERROR to Reset" in outcome.required
        wanted = Reply(call=call.seq, until=5.0, error_codes=("NotSupported", "NotImplemented"), error_only=True)
        assert "a CALLERROR NotSupported or NotImplemented to" in judge(wanted, made.trace, 2.0).required

    def test_an_error_counts_where_only_one_does(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        made.answered(2.0, call, kind="error", reason="NotSupported")
        assert judge(Reply(call=call.seq, until=5.0, error_ok=True, error_only=True), made.trace, 2.0).state == "met"

    def test_late_is_not_answered(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        assert judge(Reply(call=call.seq, until=5.0), made.trace, 4.0).state == "pending"
        made.answered(6.0, call)
        outcome = judge(Reply(call=call.seq, until=5.0), made.trace, 6.0)
        assert outcome.state == "violated"
        assert "after 5.0 s" in outcome.observed


def test_fields_of_one_frame(made):
    frame = made.sent_by_station(1.0, "StartTransaction", {"idTag": "A"})
    assert judge(Fields(frame=frame.seq, fields=as_fields({"idTag": "A"})), made.trace, 1.0).state == "met"
    wrong = judge(Fields(frame=frame.seq, fields=as_fields({"idTag": "B"})), made.trace, 1.0)
    assert (wrong.state, wrong.observed) == ("violated", 'idTag is "A"')


@pytest.mark.parametrize(("event", "add"), [("opened", "opened"), ("closed", "closed")])
def test_connections(made, event, add):
    wanted = Connection(event=event, word="eventually", station="CP", since=0, until=10.0)
    assert judge(wanted, made.trace, 9.0).state == "pending"
    assert judge(wanted, made.trace, 10.0).state == "violated"
    getattr(made, add)(9.5)
    assert judge(wanted, made.trace, 10.0).state == "met"
    unwanted = Connection(event=event, word="never", station="CP", since=0, until=10.0)
    assert judge(unwanted, made.trace, 10.0).state == "violated"


@pytest.mark.parametrize(("value", "state"), [(0.0, "met"), (1.0, "met"), (1.5, "violated")])
def test_exact_figures(made, value, state):
    holds = Holds(name="register gap", value=value, inputs=(0,), low=0.0, high=1.0, unit="Wh")
    assert judge(holds, made.trace, 0.0).state == state
