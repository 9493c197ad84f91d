"""Frames on their way out of a station with faults: changed, repeated, swallowed, and told when it happened."""

import json

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault, changed, received, spoilt
from bench.virtual.stations.wire.framing import FRAMING
from bench.virtual.stations.wire.garbled import GARBLED


def _named(name):
    return next(fault for fault in FRAMING if fault.name == name)


def _fault(spoil):
    return WireFault("some_fault", ("1.6",), "differs", "section 1", spoil=spoil)


def test_a_value_is_left_out_of_the_frame_and_told():
    shown = set()
    text = '[2,"1","MeterValues",{"connectorId":1,"transactionId":7,"meterValue":[]}]'
    assert spoilt(text, [_named("transaction_id_without_value")], Wire(), shown.add) == [
        '[2,"1","MeterValues",{"connectorId":1,"transactionId":,"meterValue":[]}]'
    ]
    assert shown == {"transaction_id_without_value"}


def test_a_frame_that_is_not_concerned_goes_out_as_it_was_and_nothing_is_told():
    shown = set()
    text = '[2, "1", "Heartbeat", {}]'
    assert spoilt(text, [_named("transaction_id_without_value")], Wire(), shown.add) == [text]
    assert shown == set()


def test_an_answer_knows_the_call_that_it_answers():
    seen: list[Frame] = []
    wire = Wire()
    received('[2,"csms-1","Reset",{"type":"Soft"}]', wire)
    spoilt('[3,"csms-1",{"status":"Accepted"}]', [_fault(lambda frame, _: seen.append(frame))], wire, print)
    assert [(frame.kind, frame.action, frame.request) for frame in seen] == [("result", "Reset", {"type": "Soft"})]
    assert wire.pending == {}


def test_a_change_that_changes_nothing_is_not_told():
    shown = set()
    same = changed(lambda frame: frame.payload.update(a=1), when=lambda frame: frame.is_call("DataTransfer"))
    assert spoilt('[2,"1","DataTransfer",{"a":1}]', [_fault(same)], Wire(), shown.add) == [
        '[2,"1","DataTransfer",{"a":1}]'
    ]
    assert shown == set()


def test_each_fault_works_on_what_the_one_before_left():
    twice = _fault(lambda frame, _: [frame.text(), frame.text()])
    other = changed(lambda frame: frame.payload.update(b=2), when=lambda frame: frame.is_call())
    sent = spoilt('[2,"1","DataTransfer",{"a":1}]', [twice, _fault(other)], Wire(), print)
    assert [json.loads(text)[3] for text in sent] == [{"a": 1, "b": 2}] * 2


def test_what_is_no_frame_is_left_alone():
    for text in ("no JSON", "{}", "[]", '["2","1","Heartbeat",{}]', "[9,1,2,3]"):
        assert spoilt(text, [_fault(lambda *_: [])], Wire(), print) == [text]
        received(text, Wire())


def test_what_cannot_be_read_is_known_by_its_connection():
    wire = Wire(connections=3)
    spoilt('[2,"1","Heartbeat",{}]', [_fault(lambda *_: None)], wire, print)
    received('[3,"1",{}]', wire)
    received('[4,"1","GenericError","",{}]', wire)
    received('[2,"1","Reset",{}]', wire)
    received('[2,"2","ClearCache",null]', wire)
    assert wire.confused == {}
    received("no JSON", wire)
    assert wire.confused == {"garbled": 3}
    received('[2,"1","Reset"]', wire)
    wire.connections += 1
    received('[3,"2",{}]', wire)
    received(f'[2,"3","DataTransfer",{{"data":"{"x" * 100_000}"}}]', wire)
    assert wire.confused == {"garbled": 3, "misshapen": 3, "unasked": 4, "long": 4}


def test_a_station_is_deaf_on_the_connection_on_which_it_was_confused():
    fault = next(fault for fault in GARBLED if fault.name == "deaf_after_garbage")
    shown = set()
    wire = Wire(connections=2)
    answer = '[3,"1",{}]'
    assert spoilt(answer, [fault], wire, shown.add) == [answer]
    received("{", wire)
    assert spoilt('[2,"1","Heartbeat",{}]', [fault], wire, shown.add) == ['[2,"1","Heartbeat",{}]']
    assert shown == set()
    assert spoilt(answer, [fault], wire, shown.add) == []
    assert shown == {fault.name}
    wire.connections += 1
    assert spoilt(answer, [fault], wire, shown.add) == [answer]
