import base64
import json

from harness.facts.volume import volumes
from harness.trace.events import Closed, Frame, Handshake
from harness.trace.trace import Trace, payload_of


class Talk:
    def __init__(self, ocpp="1.6"):
        self.trace, self.ocpp, self.connection, self.now = Trace(), ocpp, 1, 0.0

    def opened(self, connection=1):
        self.connection = connection
        event = Handshake(
            connection=connection, station="CP", path="/CP", remote="", offered=(), selected="ocpp1.6", status=101
        )
        self.trace.append(event, self.now, "")

    def closed(self):
        self.trace.append(Closed(connection=self.connection, station="CP", code=1000), self.now, "")

    def exchange(self, action, request, answer, direction="in"):
        asked = self._frame("call", action, [2, "1", action, request], direction)
        back = "out" if direction == "in" else "in"
        replied = self._frame("result", action, [3, "1", answer], back, answers=asked.seq)
        return len(asked.event.raw.encode()), len(replied.event.raw.encode())

    def _frame(self, kind, action, message, direction, **more):
        self.now += 1
        event = Frame(
            connection=self.connection, station="CP", ocpp=self.ocpp, direction=direction, frame=kind, action=action,
            raw=json.dumps(message, ensure_ascii=False), **more,
        )  # fmt: skip
        return self.trace.append(event, self.now, "", payload_of(event))


def test_a_connection_and_a_session_of_16_are_counted_to_the_byte():
    talk = Talk()
    talk.opened()
    boot = talk.exchange("BootNotification", {"chargePointModel": "Größe"}, {})
    start = talk.exchange("StartTransaction", {"idTag": "X"}, {"transactionId": 7})
    asked = talk.exchange("GetConfiguration", {}, {}, direction="out")
    stop = talk.exchange("StopTransaction", {"transactionId": 7}, {})
    talk.exchange("Heartbeat", {}, {})
    talk.closed()
    connection, session = volumes(talk.trace.records)
    assert (connection.kind, connection.id, connection.frames_in, connection.frames_out) == ("connection", "1", 5, 5)
    assert connection.whole
    assert (session.kind, session.id, session.whole) == ("transaction", "7", True)
    assert (session.frames_in, session.bytes_in) == (3, start[0] + asked[1] + stop[0])
    assert (session.frames_out, session.bytes_out) == (2, start[1] + asked[0])
    assert (session.began, session.ended) == (3.0, 7.0)
    assert connection.bytes_in > boot[0] > len('[2, "1", "BootNotification", {"chargePointModel": "Größe"}]')


def test_a_session_of_201_ends_with_the_event_that_says_so():
    talk = Talk("2.0.1")
    talk.opened()
    info = {"transactionInfo": {"transactionId": "abc"}}
    talk.exchange("TransactionEvent", {"eventType": "Started", **info}, {})
    talk.exchange("TransactionEvent", {"eventType": "Updated", **info}, {})
    talk.exchange("TransactionEvent", {"eventType": "Ended", **info}, {})
    talk.exchange("Heartbeat", {}, {})
    _, session = volumes(talk.trace.records)
    assert (session.id, session.whole, session.frames_in, session.frames_out) == ("abc", True, 3, 2)


def test_a_session_goes_on_over_a_lost_connection():
    talk = Talk()
    talk.opened(1)
    talk.exchange("StartTransaction", {}, {"transactionId": 1})
    talk.opened(2)
    talk.exchange("MeterValues", {}, {})
    told = [(one.kind, one.id, one.whole, one.frames_in) for one in volumes(talk.trace.records)]
    assert told == [("connection", "1", False, 1), ("transaction", "1", False, 2), ("connection", "2", False, 1)]


def test_bytes_that_are_no_text_are_counted_as_bytes():
    talk = Talk()
    raw = base64.b64encode(b"\xff\xfe\x00").decode()
    event = Frame(connection=1, station="CP", ocpp="1.6", direction="in", frame="malformed", raw_b64=raw)
    talk.trace.append(event, 0.0, "")
    (connection,) = volumes(talk.trace.records)
    assert (connection.frames_in, connection.bytes_in) == (1, 3)


def test_hostile_transactions_break_nothing():
    talk = Talk()
    for answer in ({}, {"transactionId": ["x"]}, {"transactionId": "y" * 1000}, [], None, "text"):
        talk.exchange("StartTransaction", {}, answer)
    talk.exchange("StopTransaction", [], {})
    assert all(len(one.id) <= 100 for one in volumes(talk.trace.records))
