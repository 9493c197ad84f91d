import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.schema_files import load_schemas
from harness.ocppj.endpoint import Endpoint, IdHistory
from harness.ocppj.endpoint_events import (
    CallAbandoned,
    CallExpired,
    CallOverlapped,
    CallReceived,
    CallSent,
    ErrorReceived,
    MalformedReceived,
    MessageIdReused,
    OtherSent,
    ReplyLate,
    ReplyRepeated,
    ReplySent,
    ReplyUnmatched,
    ResultErrorReceived,
    ResultReceived,
    SendReceived,
    SendSent,
)
from harness.ocppj.frames import Call, CallError, CallResult, Defect, Malformed, encode
from harness.ocppj.message_ids import MessageIds
from harness.ocppj.version import OcppVersion

V16, V201, V21 = OcppVersion.V1_6, OcppVersion.V2_0_1, OcppVersion.V2_1
NOW = "2026-11-22T11:00:00Z"
HEARTBEAT = '[2,"{}","Heartbeat",{{}}]'


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint(V16, load_schemas(V16), MessageIds("t"))


def receive_call(endpoint: Endpoint, message_id: str, t: float) -> CallReceived:
    event = endpoint.receive(HEARTBEAT.format(message_id), t)[-1]
    assert isinstance(event, CallReceived)
    return event


def test_a_request_is_sent_and_its_result_matched(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=10.0, deadline=40.0)
    assert isinstance(sent.frame, Call)
    assert sent.frame.raw == '[2,"t-000001","ClearCache",{}]'
    assert (sent.message_id, sent.action, sent.problems, sent.outstanding) == ("t-000001", "ClearCache", (), ())
    assert endpoint.awaiting_reply == (sent,)
    raw = '[3, "t-000001", {"status": "Accepted"}]'
    (event,) = endpoint.receive(raw, t=10.25)
    assert isinstance(event, ResultReceived)
    assert (event.call, event.latency, event.problems, event.frame.raw) == (sent, 0.25, (), raw)
    assert endpoint.awaiting_reply == ()


def test_a_result_is_checked_against_the_action_that_it_answers(endpoint: Endpoint):
    endpoint.call("ClearCache", {}, t=0)
    (event,) = endpoint.receive('[3,"t-000001",{"status":"Maybe"}]', t=1)
    assert isinstance(event, ResultReceived)
    assert [(p.path, p.rule) for p in event.problems] == [("status", "enum")]


def test_an_error_is_matched(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=0)
    (event,) = endpoint.receive('[4,"t-000001","NotImplemented","",{}]', t=2)
    assert isinstance(event, ErrorReceived)
    assert (event.call, event.latency, event.frame.code) == (sent, 2, "NotImplemented")


def test_a_second_reply_is_a_repetition(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=0)
    endpoint.receive('[3,"t-000001",{"status":"Accepted"}]', t=1)
    for raw in ('[3,"t-000001",{"status":"Accepted"}]', '[4,"t-000001","GenericError","",{}]'):
        (event,) = endpoint.receive(raw, t=3)
        assert isinstance(event, ReplyRepeated)
        assert (event.call, event.latency) == (sent, 3)


def test_a_reply_to_nothing_is_unmatched(endpoint: Endpoint):
    for raw in ('[3,"nobody",{}]', '[4,"-1","RpcFrameworkError","",{}]'):
        (event,) = endpoint.receive(raw, t=1)
        assert isinstance(event, ReplyUnmatched)
        assert event.frame.raw == raw


def test_the_peer_s_request_is_no_reply_to_ours_of_the_same_id(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=0, message_id="same")
    receive_call(endpoint, "same", t=1)
    assert endpoint.awaiting_reply == (sent,)


def test_a_request_expires_at_its_deadline_and_a_reply_is_late_then(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=5, deadline=35)
    endless = endpoint.call("GetLocalListVersion", {}, t=6)
    assert endpoint.next_deadline() == 35
    assert endpoint.expire(34.9) == []
    (expired,) = endpoint.expire(35)
    assert isinstance(expired, CallExpired)
    assert (expired.call, expired.waited) == (sent, 30)
    assert endpoint.expire(100) == []
    assert endpoint.awaiting_reply == (endless,)
    assert endpoint.next_deadline() is None
    first, second = (endpoint.receive('[3,"t-000001",{"status":"Accepted"}]', t)[0] for t in (36, 37))
    assert isinstance(first, ReplyLate)
    assert (first.call, first.latency) == (sent, 31)
    assert isinstance(second, ReplyRepeated)


def test_a_lost_connection_abandons_requests_of_both_sides(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=0, deadline=30)
    received = receive_call(endpoint, "a", t=1)
    (abandoned,) = endpoint.connection_lost(t=4)
    assert isinstance(abandoned, CallAbandoned)
    assert (abandoned.call, abandoned.waited) == (sent, 4)
    assert (endpoint.awaiting_reply, endpoint.to_answer, endpoint.next_deadline()) == ((), (), None)
    assert isinstance(endpoint.receive('[3,"t-000001",{"status":"Accepted"}]', t=9)[0], ReplyLate)
    assert endpoint.reply(received, {"currentTime": NOW}, t=9).repeated


def test_requests_are_checked_and_answered(endpoint: Endpoint):
    (event,) = endpoint.receive('[2,"a","Heartbeat",{"surplus":1}]', t=1)
    assert isinstance(event, CallReceived)
    assert [p.path for p in event.problems] == ["surplus"]
    assert endpoint.to_answer == (event,)
    sent = endpoint.reply(event, {"currentTime": NOW}, t=1.5)
    assert isinstance(sent, ReplySent)
    assert sent.frame.raw == f'[3,"a",{{"currentTime":"{NOW}"}}]'
    assert (sent.call, sent.latency, sent.problems, sent.repeated) == (event, 0.5, (), False)
    assert endpoint.to_answer == ()
    assert endpoint.reply(event, {"currentTime": NOW}, t=2).repeated


def test_own_payloads_are_checked_too(endpoint: Endpoint):
    assert [p.rule for p in endpoint.call("Reset", {"type": "Medium"}, t=0).problems] == ["enum"]
    received = receive_call(endpoint, "a", t=1)
    assert [p.path for p in endpoint.reply(received, {}, t=1).problems] == ["currentTime"]


def test_an_unknown_action_can_be_refused(endpoint: Endpoint):
    (event,) = endpoint.receive('[2,"a","Nonsense",{}]', t=1)
    assert isinstance(event, CallReceived)
    assert [p.rule for p in event.problems] == ["action"]
    sent = endpoint.reply_error(event, "NotImplemented", t=2, description="no such action")
    assert sent.frame == CallError("a", "NotImplemented", "no such action", {})
    assert json.loads(sent.frame.raw) == [4, "a", "NotImplemented", "no such action", {}]
    assert not endpoint.reply(event, {"made": "up"}, t=3).problems


def test_a_second_request_while_one_is_unanswered_is_an_overlap(endpoint: Endpoint):
    first = receive_call(endpoint, "a", t=1)
    overlap, second = endpoint.receive(HEARTBEAT.format("b"), t=2)
    assert isinstance(overlap, CallOverlapped)
    assert overlap.outstanding == (first,)
    assert isinstance(second, CallReceived)
    assert endpoint.to_answer == (first, second)
    endpoint.reply(second, {"currentTime": NOW}, t=3)
    endpoint.reply(first, {"currentTime": NOW}, t=3)
    assert len(endpoint.receive(HEARTBEAT.format("c"), t=4)) == 1


def test_own_overlapping_requests_are_visible_in_the_event(endpoint: Endpoint):
    first = endpoint.call("ClearCache", {}, t=0)
    second = endpoint.call("ClearCache", {}, t=1)
    assert second.outstanding == (first,)


@pytest.mark.parametrize(
    ("again", "may_be_retry", "same_text"),
    [
        ('[2,"a","Heartbeat",{}]', True, True),
        ('[2,"a","Heartbeat",{ }]', True, False),
        ('[2,"a","Authorize",{"idTag":"T"}]', False, False),
    ],
)
def test_a_message_id_used_again_is_reported(endpoint: Endpoint, again: str, may_be_retry: bool, same_text: bool):
    endpoint.reply(receive_call(endpoint, "a", t=1), {"currentTime": NOW}, t=1)
    endpoint.connection_lost(t=2)
    reused, received = endpoint.receive(again, t=7)
    assert isinstance(reused, MessageIdReused)
    assert (reused.first_t, reused.first_action) == (1, "Heartbeat")
    assert (reused.may_be_retry, reused.same_text) == (may_be_retry, same_text)
    assert isinstance(received, CallReceived)


def test_ids_are_remembered_beyond_an_upgrade_of_the_version():
    history = IdHistory()
    receive_call(Endpoint(V16, None, history=history), "a", t=1)
    reused, _ = Endpoint(V201, None, history=history).receive(HEARTBEAT.format("a"), t=2)
    assert isinstance(reused, MessageIdReused)


def test_two_requests_of_the_same_id_can_both_be_answered(endpoint: Endpoint):
    first = receive_call(endpoint, "a", t=1)
    second = receive_call(endpoint, "a", t=2)
    assert not endpoint.reply(second, {"currentTime": NOW}, t=3).repeated
    assert endpoint.to_answer == (first,)
    assert not endpoint.reply(first, {"currentTime": NOW}, t=3).repeated


def test_a_malformed_message_is_an_event_and_can_be_answered(endpoint: Endpoint):
    (event,) = endpoint.receive('[2,"a","Heartbeat",[]]', t=1)
    assert isinstance(event, MalformedReceived)
    assert event.frame.defect is Defect.PAYLOAD_NOT_OBJECT
    assert event.call is None
    sent = endpoint.reply_error(event, "FormationViolation", t=1)
    assert (sent.frame.message_id, sent.call, sent.repeated) == ("a", None, False)
    (event,) = endpoint.receive(b"\xff", t=1)
    assert isinstance(event, MalformedReceived)
    assert endpoint.reply_error(event, "GenericError", t=1).frame.message_id == "-1"


def test_a_malformed_reply_points_at_its_request_and_leaves_it_unanswered(endpoint: Endpoint):
    sent = endpoint.call("ClearCache", {}, t=0)
    (event,) = endpoint.receive('[4,"t-000001","NotSupported",""]', t=1)
    assert isinstance(event, MalformedReceived)
    assert event.call is sent
    assert endpoint.awaiting_reply == (sent,)


def test_raw_requests_are_awaited_even_if_only_their_id_can_be_read(endpoint: Endpoint):
    good = endpoint.send_raw('[2,"x1","ClearCache",{}]', t=0, deadline=9)
    broken = endpoint.send_raw('[2,"x2","ClearCache",[]]', t=0)
    assert isinstance(good, CallSent)
    assert isinstance(broken, CallSent)
    assert isinstance(broken.frame, Malformed)
    assert (good.action, good.deadline, broken.action) == ("ClearCache", 9, "ClearCache")
    unknown = endpoint.send_raw('[9,"x3","ClearCache",{}]', t=0)
    assert isinstance(unknown, CallSent)
    for message_id in ("x1", "x2", "x3"):
        (event,) = endpoint.receive(f'[4,"{message_id}","FormationViolation","",{{}}]', t=1)
        assert isinstance(event, ErrorReceived)
    assert isinstance(endpoint.send_raw("what?", t=2), OtherSent)
    assert isinstance(endpoint.send_raw(b"\x00", t=2), OtherSent)


def test_a_raw_reply_answers_and_a_second_one_is_known_as_such(endpoint: Endpoint):
    received = receive_call(endpoint, "a", t=1)
    first, second = (endpoint.send_raw('[3,"a",{}]', t=2) for _ in range(2))
    assert isinstance(first, ReplySent)
    assert isinstance(second, ReplySent)
    assert (first.call, first.repeated) == (received, False)
    assert (second.call, second.repeated) == (received, True)
    assert [p.path for p in first.problems] == ["currentTime"]
    stray = endpoint.send_raw('[3,"nobody",{}]', t=2)
    assert isinstance(stray, ReplySent)
    assert (stray.call, stray.latency, stray.repeated) == (None, None, False)


def test_unconfirmed_messages_and_errors_on_results_are_of_2_1():
    endpoint = Endpoint(V21, load_schemas(V21), MessageIds("t"))
    stream = {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0.5, "v": "230.4"}]}
    (event,) = endpoint.receive(json.dumps([6, "s", "NotifyPeriodicEventStream", stream]), t=1)
    assert isinstance(event, SendReceived)
    assert event.problems == ()
    reused, _ = endpoint.receive(HEARTBEAT.format("s"), t=2)
    assert isinstance(reused, MessageIdReused)
    assert not reused.may_be_retry
    sent = endpoint.send("NotifyPeriodicEventStream", stream, t=3)
    assert isinstance(sent, SendSent)
    assert sent.problems == ()
    assert isinstance(endpoint.send_raw(sent.frame.raw, t=3), SendSent)

    reply = endpoint.reply(receive_call(endpoint, "a", t=4), {"currentTime": NOW}, t=4)
    (refused,) = endpoint.receive('[5,"a","TypeConstraintViolation","",{}]', t=6)
    assert isinstance(refused, ResultErrorReceived)
    assert (refused.reply, refused.latency) == (reply, 2)
    (stray,) = endpoint.receive('[5,"zz","GenericError","",{}]', t=6)
    assert isinstance(stray, ResultErrorReceived)
    assert (stray.reply, stray.latency) == (None, None)

    own = endpoint.call("ClearCache", {}, t=7)
    (result,) = endpoint.receive(encode(CallResult(own.message_id, {"status": "Accepted"})), t=8)
    assert isinstance(result, ResultReceived)
    error = endpoint.reply_result_error(result, "GenericError", t=9)
    assert json.loads(error.frame.raw) == [5, own.message_id, "GenericError", "", {}]


def test_older_versions_have_no_unconfirmed_messages(endpoint: Endpoint):
    with pytest.raises(ValueError, match=r"OCPP 1\.6 has no SEND message.*send_raw"):
        endpoint.send("NotifyPeriodicEventStream", {}, t=0)


def test_schemas_of_another_version_are_refused():
    with pytest.raises(ValueError, match=r"schemas are of OCPP 2\.1, the endpoint speaks 1\.6"):
        Endpoint(V16, load_schemas(V21))


def test_without_schemas_nothing_is_a_problem():
    endpoint = Endpoint(V16, None)
    assert endpoint.call("Nonsense", {"a": 1}, t=0).problems == ()
    event = receive_call(endpoint, "a", t=0)
    assert event.problems == ()
    assert endpoint.reply(event, {}, t=0).problems == ()


def test_what_json_cannot_carry_is_refused_before_anything_is_remembered(endpoint: Endpoint):
    with pytest.raises(ValueError, match="NaN"):
        endpoint.call("DataTransfer", {"data": float("nan")}, t=0)
    assert endpoint.awaiting_reply == ()


def test_message_ids_are_the_same_in_every_run_and_fit():
    ids = MessageIds("run-7f3c")
    assert [next(ids), next(ids)] == ["run-7f3c-000001", "run-7f3c-000002"]
    assert len(next(MessageIds("x" * 26))) == 33
    with pytest.raises(ValueError, match="27 characters; use at most 26"):
        MessageIds("x" * 27)


def test_ids_come_from_the_generator_that_was_passed():
    endpoint = Endpoint(V16, None, (f"id{n}" for n in count()))
    assert [endpoint.call("ClearCache", {}, t=0).message_id for _ in range(2)] == ["id0", "id1"]


replies = st.sampled_from(['[3,"{}",{{}}]', '[4,"{}","GenericError","",{{}}]', '[3,"{}"]', HEARTBEAT])


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("receive"), replies, st.sampled_from("abc")),
            st.tuples(st.just("raw"), replies, st.sampled_from("abc")),
            st.tuples(st.just("call"), st.just(""), st.sampled_from("abc")),
            st.tuples(st.just("expire"), st.just(""), st.just("")),
            st.tuples(st.just("lost"), st.just(""), st.just("")),
        ),
        max_size=25,
    )
)
def test_every_request_ends_once_whatever_the_peer_does(steps: list[tuple[str, str, str]]):
    """Each own request is answered, expired, abandoned or still waiting: exactly one of them; one event a message."""
    endpoint = Endpoint(V16, None)
    sent: list[CallSent] = []
    ended: list[Any] = []
    for t, (what, template, message_id) in enumerate(steps):
        if what == "receive":
            *_, last = events = endpoint.receive(template.format(message_id), t)
            assert sum(not isinstance(event, CallOverlapped | MessageIdReused) for event in events) == 1
            ended += [last.call] if isinstance(last, ResultReceived | ErrorReceived) else []
        elif what == "raw":
            event = endpoint.send_raw(template.format(message_id), t, deadline=t + 3)
            sent += [event] if isinstance(event, CallSent) else []
        elif what == "call":
            sent.append(endpoint.call("ClearCache", {}, t, message_id=message_id, deadline=t + 3))
        elif what == "expire":
            ended += [event.call for event in endpoint.expire(t)]
        else:
            ended += [event.call for event in endpoint.connection_lost(t)]
    assert sorted(map(id, [*ended, *endpoint.awaiting_reply])) == sorted(map(id, sent))


@given(st.lists(st.text() | st.binary(), max_size=5))
def test_nothing_received_raises(messages: list[str | bytes]):
    endpoint = Endpoint(V21, load_schemas(V21))
    for raw in messages:
        (event,) = endpoint.receive(raw, 0)
        assert event.frame.raw == raw


def test_a_log_of_one_direction_keeps_the_latest_requests_without_an_answer():
    endpoint = Endpoint(V16, None, MessageIds("t"), window=1000)
    for number in range(5_000):
        receive_call(endpoint, f"in-{number}", t=number)
        endpoint.call("ClearCache", {}, t=number, deadline=None)
    assert [call.frame.message_id for call in endpoint.to_answer] == [f"in-{number}" for number in range(4_900, 5_000)]
    assert len(endpoint.awaiting_reply) == 100
    (late,) = endpoint.receive('[3,"t-004900",{"status":"Accepted"}]', t=5_000)
    assert isinstance(late, ReplyLate)


def test_a_run_forgets_no_request():
    endpoint = Endpoint(V16, None)
    for number in range(150):
        receive_call(endpoint, f"in-{number}", t=number)
    assert len(endpoint.to_answer) == 150
