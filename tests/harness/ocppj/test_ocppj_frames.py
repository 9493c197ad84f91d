import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ocppj.error_codes import ERROR_CODES
from harness.ocppj.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Defect,
    Malformed,
    Message,
    RemarkCode,
    Send,
    encode,
    parse,
)
from harness.ocppj.version import OcppVersion

V16, V201, V21 = OcppVersion.V1_6, OcppVersion.V2_0_1, OcppVersion.V2_1

text = st.text(st.characters(exclude_categories=["Cs"]))
ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
numbers = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | text,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(text, children, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(text, values, max_size=5)
messages = st.one_of(
    st.builds(Call, ids, text, objects),
    st.builds(CallResult, ids, objects),
    st.builds(CallError, ids, text, text, objects),
    st.builds(CallResultError, ids, text, text, objects),
    st.builds(Send, ids, text, objects),
)


def malformed(raw: str | bytes, version: OcppVersion = V16) -> Malformed:
    frame = parse(raw, version)
    assert isinstance(frame, Malformed), frame
    assert frame.raw == raw
    return frame


def remark_codes(raw: str, version: OcppVersion = V16) -> list[RemarkCode]:
    frame = parse(raw, version)
    assert not isinstance(frame, Malformed), frame
    return [remark.code for remark in frame.remarks]


@given(messages)
def test_what_is_encoded_is_parsed_to_the_same(message: Message):
    raw = encode(message)
    frame = parse(raw, V21)
    assert frame == message
    assert type(frame) is type(message)
    assert frame.raw == raw


@given(messages)
def test_python_s_own_json_reads_the_same_frame(message: Message):
    assert json.loads(encode(message))[1] == message.message_id


@given(st.text(), st.sampled_from(OcppVersion))
def test_no_text_raises(raw: str, version: OcppVersion):
    assert parse(raw, version).raw == raw


@given(st.binary(), st.sampled_from(OcppVersion))
def test_no_bytes_raise(raw: bytes, version: OcppVersion):
    assert malformed(raw, version).defect in {Defect.BINARY_FRAME, Defect.INVALID_UTF8}


pieces = st.sampled_from([
    *'[]{},:"\\', "2", "3", "4", "5", "6", "-", "1e999", "NaN", "-Infinity", "null", "true", '"a"', '"Heartbeat"',
    '"\\u003a"', '"\\ud800"', "\ud800", "\ufeff", "18446744073709551616", "9" * 4400, " ", "{}", '{"a":1,"a":2}',
])  # fmt: skip


@settings(max_examples=500)
@given(st.lists(pieces, max_size=14).map("".join), st.sampled_from(OcppVersion))
def test_nothing_that_looks_like_json_raises(raw: str, version: OcppVersion):
    assert parse(raw, version).raw == raw
    assert parse(f'[2,"1","A",{raw}]', version) is not None


@given(st.lists(st.tuples(st.sampled_from("abc:"), st.integers(0, 9)), max_size=6), st.booleans())
def test_duplicates_are_reported_exactly(members: list[tuple[str, int]], escaped: bool):
    def name(key: str) -> str:
        return f'"\\u{ord(key):04x}"' if escaped else f'"{key}"'

    body = ",".join(f"{name(key)}:{value}" for key, value in members)
    repeats = len(members) - len({key for key, _ in members})
    codes = remark_codes(f'[2,"1","A",{{"o":{{{body}}}}}]')
    assert codes == [RemarkCode.DUPLICATE_KEY] * repeats


many_names = st.lists(st.sampled_from(["a", "a1", "a2", "a12", "1", "12", "b:"]), min_size=1, max_size=4)
message_ids = st.sampled_from(["1", "2", "22", "a", "a1", "b1f", "A", ":"])


@settings(max_examples=500)
@given(st.lists(st.tuples(message_ids, many_names, st.integers(0, 10**20)), min_size=2, max_size=4))
def test_texts_that_differ_in_digits_alone_are_each_looked_at(frames: list[tuple[str, list[str], int]]):
    """What was found good of one text says nothing of another whose names are repeated, or whose numbers are too long."""
    for number, names, value in frames:
        body = ",".join(f'"{name}":{value}' for name in names)
        codes = remark_codes(f'[2,"{number}","A",{{"o":{{{body}}}}}]')
        repeated = [RemarkCode.DUPLICATE_KEY] * (len(names) - len(set(names)))
        assert codes[: len(repeated)] == repeated
        assert set(codes[len(repeated) :]) == ({RemarkCode.INTEGER_BEYOND_64_BITS} if value >= 2**64 else set())


def test_a_text_that_is_built_like_a_good_one_and_repeats_a_name():
    assert remark_codes('[2,"x1","A",{"p1":1,"p2":2}]') == []
    assert remark_codes('[2,"x2","A",{"p1":1,"p1":2}]') == [RemarkCode.DUPLICATE_KEY]
    assert remark_codes('[2,"x3","A",{"p":1,"q":2}]') == []
    assert remark_codes('[2,"x4","A",{"p":1,"q":"18446744073709551616","r":18446744073709551616}]') != []
    assert remark_codes('[2,"x5","A",{"p":1,"q":18446744073709551616}]') == [RemarkCode.INTEGER_BEYOND_64_BITS]
    assert remark_codes('[2,"x6","A",{"p":1,"\\u0071":2}]') == []
    assert remark_codes('[2,"x7","A",{"p":1,"\\u0070":2}]') == [RemarkCode.DUPLICATE_KEY]


@given(objects, st.booleans())
def test_unique_names_are_never_called_duplicates(payload: dict[str, object], ascii_only: bool):
    raw = json.dumps([3, "1", payload], ensure_ascii=ascii_only)
    assert RemarkCode.DUPLICATE_KEY not in remark_codes(raw)


def test_a_duplicate_is_named_by_its_path_and_the_last_one_is_read():
    frame = parse('[2,"1","A",{"meterValue":[{},{"sampledValue":[{"value":"1","value":"2"}]}]}]', V16)
    assert isinstance(frame, Call)
    assert [remark.path for remark in frame.remarks] == ["meterValue[1].sampledValue[0].value"]
    assert frame.payload["meterValue"][1]["sampledValue"][0] == {"value": "2"}


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        ("", Defect.INVALID_JSON),
        ("[2", Defect.INVALID_JSON),
        ('[2,"1","A",{}] []', Defect.INVALID_JSON),
        ('[2,"1","A",{"a":1,}]', Defect.INVALID_JSON),
        ('[2,"1","A",{"a":01}]', Defect.INVALID_JSON),
        ("[2,'1','A',{}]", Defect.INVALID_JSON),
        ('[2,"1","A",{"a":"\t"}]', Defect.INVALID_JSON),
        ('[2,"1","A",{"a":NaN}]', Defect.NAN_OR_INFINITY),
        ('[2,"1","A",{"a":[Infinity]}]', Defect.NAN_OR_INFINITY),
        ('[2,"1","A",{"a":-Infinity}]', Defect.NAN_OR_INFINITY),
        ('[2,"1","A",{"a":1e999}]', Defect.NUMBER_OUT_OF_RANGE),
        ('[2,"1","A",{"a":' + "1" * 5000 + "}]", Defect.NUMBER_OUT_OF_RANGE),
        ('[2,"1","A",{"a":"\\ud800"}]', Defect.UNPAIRED_SURROGATE),
        ('[2,"1","A",{"a":"\ud800"}]', Defect.UNPAIRED_SURROGATE),
        ('\ufeff[2,"1","A",{}]', Defect.BYTE_ORDER_MARK),
        ("[" * 100_000, Defect.TOO_DEEP),
        ('[2,"1","A",{"a":' + "[" * 3000 + "]" * 3000 + "}]", Defect.TOO_DEEP),
        ('{"2":"1"}', Defect.NOT_AN_ARRAY),
        ("null", Defect.NOT_AN_ARRAY),
        ("[]", Defect.ELEMENT_COUNT),
        ('[2,"1","A"]', Defect.ELEMENT_COUNT),
        ('[2,"1","A",{},{}]', Defect.ELEMENT_COUNT),
        ('[3,"1"]', Defect.ELEMENT_COUNT),
        ('[4,"1","GenericError",""]', Defect.ELEMENT_COUNT),
        ('["2","1","A",{}]', Defect.MESSAGE_TYPE_NOT_INTEGER),
        ('[2.0,"1","A",{}]', Defect.MESSAGE_TYPE_NOT_INTEGER),
        ("[true]", Defect.MESSAGE_TYPE_NOT_INTEGER),
        ('[7,"1","A",{}]', Defect.MESSAGE_TYPE_UNKNOWN),
        ("[-1]", Defect.MESSAGE_TYPE_UNKNOWN),
        ('[5,"1","GenericError","",{}]', Defect.MESSAGE_TYPE_NOT_OF_VERSION),
        ('[6,"1","A",{}]', Defect.MESSAGE_TYPE_NOT_OF_VERSION),
        ('[2,1,"A",{}]', Defect.MESSAGE_ID_NOT_STRING),
        ("[3,null,{}]", Defect.MESSAGE_ID_NOT_STRING),
        ('[2,"' + "x" * 37 + '","A",{}]', Defect.MESSAGE_ID_TOO_LONG),
        ('[2,"1",7,{}]', Defect.ACTION_NOT_STRING),
        ('[2,"1","A",[]]', Defect.PAYLOAD_NOT_OBJECT),
        ('[2,"1","A","{}"]', Defect.PAYLOAD_NOT_OBJECT),
        ('[3,"1",0]', Defect.PAYLOAD_NOT_OBJECT),
        ('[4,"1",null,"",{}]', Defect.ERROR_CODE_NOT_STRING),
        (b'[2,"1","A",{}]', Defect.BINARY_FRAME),
        (b"\x00", Defect.BINARY_FRAME),
        (b'[2,"\xff","A",{}]', Defect.INVALID_UTF8),
    ],
)
def test_a_defect_is_reported_as_what_it_is(raw: str | bytes, defect: Defect):
    frame = malformed(raw)
    assert frame.defect is defect
    assert frame.reason


@pytest.mark.parametrize("version", [V16, V201])
def test_the_kinds_of_2_1_are_frames_of_2_1_only(version: OcppVersion):
    for raw in ('[5,"1","GenericError","",{}]', '[6,"1","A",{}]'):
        assert malformed(raw, version).defect is Defect.MESSAGE_TYPE_NOT_OF_VERSION
        assert not isinstance(parse(raw, V21), Malformed)


def test_an_id_of_36_characters_is_taken_whatever_its_bytes():
    assert isinstance(parse('[3,"' + "é" * 36 + '",{}]', V16), CallResult)


@pytest.mark.parametrize(
    "raw",
    [
        '[2,"id-7","Authorize",{"a":NaN}]',
        '[2,"id-7","Authorize",{"a":}]',
        '\ufeff[2,"id-7","Authorize",{}]',
        '[2,"id-7","Authorize",[]]',
        '[2,"id-7","Authorize"]',
        b'[2,"id-7","Authorize",{}]',
        b'[2,"id-7","Authorize",{"a":"\xff"}]',
        '[2,"id-7","Authorize",{"a":' + "[" * 5000,
    ],
)
def test_type_id_and_action_are_salvaged_from_a_broken_frame(raw: str | bytes):
    frame = malformed(raw)
    assert (frame.type_id, frame.message_id, frame.action) == (2, "id-7", "Authorize")


def test_a_broken_reply_has_an_id_but_no_action():
    frame = malformed('[4,"id-7","NotSupported",""]')
    assert (frame.type_id, frame.message_id, frame.action) == (4, "id-7", None)


def test_the_reason_names_the_place_of_a_value_that_is_no_json():
    assert "[3].meterValue[0].value is NaN" in malformed('[2,"1","A",{"meterValue":[{"value":NaN}]}]').reason
    assert "character 18" in malformed('[2,"1","A",{"a":1 2}]').reason


@pytest.mark.parametrize("version", list(OcppVersion))
def test_null_is_taken_for_an_empty_payload_with_a_remark(version: OcppVersion):
    for raw in ('[2,"1","Heartbeat",null]', '[3,"1",null]'):
        frame = parse(raw, version)
        assert isinstance(frame, Call | CallResult)
        assert frame.payload == {}
        assert [(remark.code, remark.breach) for remark in frame.remarks] == [(RemarkCode.NULL_PAYLOAD, False)]


@pytest.mark.parametrize(
    ("literal", "beyond"),
    [(2**63, False), (2**64 - 1, False), (-(2**63), False), (2**64, True), (-(2**63) - 1, True)],
)
def test_integers_beyond_64_bits_are_kept_and_remarked(literal: int, beyond: bool):
    frame = parse(f'[2,"1","A",{{"list":[{literal}]}}]', V16)
    assert isinstance(frame, Call)
    assert frame.payload == {"list": [literal]}
    expected = [(RemarkCode.INTEGER_BEYOND_64_BITS, "list[0]")] if beyond else []
    assert [(remark.code, remark.path) for remark in frame.remarks] == expected


@pytest.mark.parametrize("before", range(8))
@pytest.mark.parametrize("literal", [-(2**63) - 1, -(2**63), 10**19, 2**64])
def test_an_integer_beyond_64_bits_is_found_wherever_it_stands(before: int, literal: int):
    codes = remark_codes(f'[2,"{"x" * (before + 1)}","A",{{"n":{literal}}}]')
    assert (RemarkCode.INTEGER_BEYOND_64_BITS in codes) is not (-(2**63) <= literal < 2**64)


def test_an_empty_message_id_is_remarked():
    assert remark_codes('[2,"","Heartbeat",{}]') == [RemarkCode.EMPTY_MESSAGE_ID]


@pytest.mark.parametrize("version", list(OcppVersion))
def test_the_error_codes_of_the_version_bring_no_remark(version: OcppVersion):
    for code in ERROR_CODES[version]:
        assert remark_codes(f'[4,"1","{code}","",{{}}]', version) == []


def test_other_error_codes_are_a_breach():
    frame = parse('[4,"1","Nope","",{}]', V201)
    assert isinstance(frame, CallError)
    assert [(remark.code, remark.breach) for remark in frame.remarks] == [(RemarkCode.ERROR_CODE_UNKNOWN, True)]


def test_a_later_spelling_is_no_breach_in_1_6():
    frame = parse('[4,"1","FormatViolation","",{}]', V16)
    assert isinstance(frame, CallError)
    assert [(remark.code, remark.breach) for remark in frame.remarks] == [(RemarkCode.ERROR_CODE_SPELLING, False)]
    assert remark_codes('[4,"1","FormationViolation","",{}]', V201) == [RemarkCode.ERROR_CODE_UNKNOWN]


def test_strange_description_and_details_are_remarked_and_replaced():
    frame = parse('[4,"1","GenericError",null,null]', V201)
    assert isinstance(frame, CallError)
    assert (frame.description, frame.details) == ("", {})
    assert [remark.code for remark in frame.remarks] == [
        RemarkCode.ERROR_DESCRIPTION_NOT_STRING,
        RemarkCode.ERROR_DETAILS_NOT_OBJECT,
    ]


def test_the_length_of_a_description_is_limited_from_2_0_1_on():
    raw = f'[4,"1","GenericError","{"x" * 256}",{{}}]'
    assert remark_codes(raw, V16) == []
    assert remark_codes(raw, V201) == [RemarkCode.ERROR_DESCRIPTION_TOO_LONG]


def test_a_frame_of_megabytes_is_read():
    payload = {"data": "x:y" * 1_000_000}
    frame = parse(encode(Call("1", "DataTransfer", payload)), V16)
    assert isinstance(frame, Call)
    assert (frame.payload, frame.remarks) == (payload, ())


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_encode_refuses_numbers_that_json_lacks_and_names_the_place(number: float):
    with pytest.raises(ValueError, match=r"\[3\]\.limit is NaN or Infinity.*raw"):
        encode(Call("1", "A", {"limit": number, "other": None}))


def test_encode_refuses_an_unpaired_surrogate_and_names_the_place():
    with pytest.raises(ValueError, match=r"\[3\]\.idTag holds an unpaired surrogate.*raw"):
        encode(Call("1", "A", {"idTag": "\ud800"}))


def test_encode_writes_null_and_large_integers():
    assert encode(CallResult("1", {"a": None, "b": 2**70})) == f'[3,"1",{{"a":null,"b":{2**70}}}]'


def test_versions_are_found_by_their_subprotocol():
    assert [OcppVersion.from_subprotocol(v.subprotocol) for v in OcppVersion] == list(OcppVersion)
    assert [v.subprotocol for v in OcppVersion] == ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
    with pytest.raises(ValueError, match=r"ocpp2\.0'.*ocpp1\.6, ocpp2\.0\.1, ocpp2\.1"):
        OcppVersion.from_subprotocol("ocpp2.0")
