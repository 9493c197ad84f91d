"""OCPP-J frames: wire text to typed frames and back.

`parse` takes any text or bytes and never raises: what is no frame becomes `Malformed` with the reason. Clauses are
those of OCPP-J 1.6 with its errata sheet, and of Part 4 of OCPP 2.0.1 and 2.1.
"""

import re

from harness.ocppj import json_text
from harness.ocppj.error_codes import ERROR_CODE_CLAUSES, ERROR_CODES, LATER_SPELLINGS_1_6
from harness.ocppj.findings import Defect, Remark, RemarkCode
from harness.ocppj.frame_types import (
    MAX_MESSAGE_ID_LENGTH,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    JsonObject,
    Malformed,
    Message,
    Send,
)
from harness.ocppj.version import OcppVersion

__all__ = [
    "CALL",
    "CALLERROR",
    "CALLRESULT",
    "CALLRESULTERROR",
    "MAX_MESSAGE_ID_LENGTH",
    "SEND",
    "Call",
    "CallError",
    "CallResult",
    "CallResultError",
    "Defect",
    "Frame",
    "JsonObject",
    "Malformed",
    "Message",
    "Remark",
    "RemarkCode",
    "Send",
    "encode",
    "parse",
]

CALL, CALLRESULT, CALLERROR, CALLRESULTERROR, SEND = 2, 3, 4, 5, 6

_NAMES = {
    CALL: "CALL",
    CALLRESULT: "CALLRESULT",
    CALLERROR: "CALLERROR",
    CALLRESULTERROR: "CALLRESULTERROR",
    SEND: "SEND",
}
_ELEMENTS = {CALL: 4, CALLRESULT: 3, CALLERROR: 5, CALLRESULTERROR: 5, SEND: 4}
_TYPES_OF = {
    OcppVersion.V1_6: frozenset({CALL, CALLRESULT, CALLERROR}),
    OcppVersion.V2_0_1: frozenset({CALL, CALLRESULT, CALLERROR}),
    OcppVersion.V2_1: frozenset(_NAMES),
}
_PART_4 = {
    OcppVersion.V1_6: "OCPP-J 1.6",
    OcppVersion.V2_0_1: "OCPP 2.0.1 Part 4",
    OcppVersion.V2_1: "OCPP 2.1 Part 4",
}
_MAX_DESCRIPTION_LENGTH = 255  # string[255] from OCPP 2.0.1 on (Part 4, 4.2.3, table 7); 1.6 sets no limit
_PLAIN = {4: CALL, 3: CALLRESULT}
"""The messages without any irregularity, by their number of elements."""

_HEAD = re.compile(r'\s*\[\s*(\d{1,9})\s*,\s*"([^"\\]*)"\s*,(?:\s*"([^"\\]*)"\s*,)?')


class _UnreadableError(Exception):
    def __init__(self, defect: Defect, reason: str) -> None:
        super().__init__(reason)
        self.defect = defect
        self.reason = reason


def parse(raw: str | bytes, version: OcppVersion) -> Frame:
    """Read one WebSocket message: a str is a text message, bytes a binary one. Never raises, whatever comes."""
    if not isinstance(raw, str):
        return _parse_binary(bytes(raw), version)
    try:
        value = json_text.loads(raw)
    except json_text.JsonTextError as fault:
        return _malformed(raw, fault.defect, fault.reason, fault.value)
    try:
        return _read_plainly(raw, value) or _read(raw, value, version)
    except _UnreadableError as fault:
        return _malformed(raw, fault.defect, fault.reason, value)
    except RecursionError:
        return _malformed(raw, Defect.TOO_DEEP, "nested more deeply than it can be written again", value)


def encode(message: Message) -> str:
    """Write a frame as compact JSON, ignoring its `raw`.

    Raises ValueError or TypeError naming what JSON cannot carry (see `json_text.dumps`).
    """
    match message:
        case Call(message_id, action, payload):
            return json_text.dumps([CALL, message_id, action, payload])
        case CallResult(message_id, payload):
            return json_text.dumps([CALLRESULT, message_id, payload])
        case CallError(message_id, code, description, details):
            return json_text.dumps([CALLERROR, message_id, code, description, details])
        case CallResultError(message_id, code, description, details):
            return json_text.dumps([CALLRESULTERROR, message_id, code, description, details])
        case Send(message_id, action, payload):
            return json_text.dumps([SEND, message_id, action, payload])


def _parse_binary(raw: bytes, version: OcppVersion) -> Malformed:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        reason = (
            f"binary message that is not UTF-8 either: byte {error.start} is 0x{raw[error.start]:02x}, {error.reason}"
        )
        return _malformed(raw, Defect.INVALID_UTF8, reason, None)
    frame = parse(text, version)
    if isinstance(frame, Malformed):
        within = f"no frame in a text message either: {frame.reason}"
        return Malformed(
            raw, Defect.BINARY_FRAME, f"binary message; {within}", frame.message_id, frame.type_id, frame.action
        )
    name = type(frame).__name__
    reason = f"binary message; as a text message it would be the {name} {frame.message_id!r}"
    return _malformed(raw, Defect.BINARY_FRAME, reason, json_text.loads(text))


def _malformed(raw: str | bytes, defect: Defect, reason: str, value: object) -> Malformed:
    """Keep what type, id and action can be read of a frame that cannot."""
    if isinstance(value, list):
        head = [*value[:3], None, None, None]
        type_id = head[0] if type(head[0]) is int else None
        message_id = head[1] if isinstance(head[1], str) else None
        action = head[2] if isinstance(head[2], str) and type_id in {CALL, SEND} else None
        return Malformed(raw, defect, reason, message_id, type_id, action)
    text = raw if isinstance(raw, str) else raw.decode(errors="replace")
    found = _HEAD.match(text.removeprefix("\ufeff"))
    if found is None:
        return Malformed(raw, defect, reason)
    type_id = int(found[1])
    return Malformed(raw, defect, reason, found[2], type_id, found[3] if type_id in {CALL, SEND} else None)


def _read(raw: str, value: object, version: OcppVersion) -> Frame:
    """Read the elements of a JSON value. Raises _UnreadableError."""
    elements = _elements(value, version)
    kind = elements[0]
    message_id = _message_id(elements[1], version)
    remarks = _remarks(raw, elements, message_id, version)
    if kind in {CALL, SEND}:
        action = elements[2]
        if not isinstance(action, str):
            raise _UnreadableError(
                Defect.ACTION_NOT_STRING,
                f"element 3, the action, is {_show(action)}, not a string ({_PART_4[version]}, 4.2.1)",
            )
        payload = _payload(elements[3], 4, remarks, version)
        return (Call if kind == CALL else Send)(message_id, action, payload, raw, tuple(remarks))
    if kind == CALLRESULT:
        return CallResult(message_id, _payload(elements[2], 3, remarks, version), raw, tuple(remarks))
    code, description, details = _error(elements, remarks, version)
    make = CallError if kind == CALLERROR else CallResultError
    return make(message_id, code, description, details, raw, tuple(remarks))


def _read_plainly(raw: str, value: object) -> Call | CallResult | None:
    """Read what nearly every message is, at once; None for anything else, which `_read` takes apart."""
    if type(value) is not list or len(value) not in _PLAIN:
        return None
    kind, message_id, payload = value[0], value[1], value[-1]
    if type(message_id) is not str or not 0 < len(message_id) <= MAX_MESSAGE_ID_LENGTH or type(payload) is not dict:
        return None
    if type(kind) is not int or kind != _PLAIN[len(value)]:
        return None
    if payload and not json_text.is_unambiguous(raw, value, message_id):  # an empty object repeats no name
        return None
    if kind == CALLRESULT:
        return CallResult(message_id, payload, raw)
    action = value[2]
    return Call(message_id, action, payload, raw) if type(action) is str else None


def _elements(value: object, version: OcppVersion) -> list[object]:
    if not isinstance(value, list):
        raise _UnreadableError(
            Defect.NOT_AN_ARRAY, f"the text is {_show(value)}, not an array ({_PART_4[version]}, 4.2)"
        )
    if not value:
        raise _UnreadableError(Defect.ELEMENT_COUNT, f"the array is empty ({_PART_4[version]}, 4.2)")
    kind = value[0]
    if type(kind) is not int:
        raise _UnreadableError(
            Defect.MESSAGE_TYPE_NOT_INTEGER,
            f"element 1, the message type, is {_show(kind)}, not an integer ({_PART_4[version]}, 4.1.3)",
        )
    if kind not in _TYPES_OF[version]:
        if kind in _NAMES:
            raise _UnreadableError(
                Defect.MESSAGE_TYPE_NOT_OF_VERSION,
                f"message type {kind} ({_NAMES[kind]}) came with OCPP 2.1 and is none of OCPP {version} "
                f"({_PART_4[version]}, 4.1.3)",
            )
        raise _UnreadableError(
            Defect.MESSAGE_TYPE_UNKNOWN, f"message type {_show(kind)} is none of OCPP ({_PART_4[version]}, 4.1.3)"
        )
    if len(value) != _ELEMENTS[kind]:
        raise _UnreadableError(
            Defect.ELEMENT_COUNT,
            f"a {_NAMES[kind]} has {_ELEMENTS[kind]} elements, this one {len(value)} ({_PART_4[version]}, 4.2)",
        )
    return value


def _message_id(value: object, version: OcppVersion) -> str:
    if not isinstance(value, str):
        raise _UnreadableError(
            Defect.MESSAGE_ID_NOT_STRING,
            f"element 2, the message id, is {_show(value)}, not a string ({_PART_4[version]}, 4.1.4)",
        )
    if len(value) > MAX_MESSAGE_ID_LENGTH:
        raise _UnreadableError(
            Defect.MESSAGE_ID_TOO_LONG,
            f"message id {_show(value)} has {len(value)} characters, more than {MAX_MESSAGE_ID_LENGTH} "
            f"({_PART_4[version]}, 4.1.4)",
        )
    return value


def _payload(value: object, place: int, remarks: list[Remark], version: OcppVersion) -> JsonObject:
    if isinstance(value, dict):
        return value
    clause = f"{_PART_4[version]}, {'4.2' if version is OcppVersion.V1_6 else '4.1.5'}"
    if value is None:  # allowed for "no payload" by every version, in the same words
        text = "null stands for the empty payload; {} is the recommended form"
        remarks.append(Remark(RemarkCode.NULL_PAYLOAD, "", text, clause, breach=False))
        return {}
    raise _UnreadableError(
        Defect.PAYLOAD_NOT_OBJECT, f"element {place}, the payload, is {_show(value)}, not an object ({clause})"
    )


def _remarks(raw: str, elements: list[object], message_id: str, version: OcppVersion) -> list[Remark]:
    """Note what the JSON itself has that is unusual."""
    if message_id and json_text.is_unambiguous(raw, elements):
        return []
    found: list[Remark] = []
    if not message_id:
        clause = f"{_PART_4[version]}, 4.1.4"
        found.append(Remark(RemarkCode.EMPTY_MESSAGE_ID, "messageId", "the message id is empty", clause, breach=False))
    for path in json_text.duplicate_keys(raw):
        place = _in_payload(path)
        text = f"{place} stands more than once; readers differ in which they take, this one takes the last"
        found.append(Remark(RemarkCode.DUPLICATE_KEY, place, text, "RFC 8259, 4", breach=False))
    for path in json_text.integers_beyond_64_bits(elements):
        place = _in_payload(path)
        text = f"{place} is an integer that 64 bits do not hold; many readers round or refuse it"
        found.append(Remark(RemarkCode.INTEGER_BEYOND_64_BITS, place, text, "RFC 8259, 6", breach=False))
    return found


def _error(elements: list[object], remarks: list[Remark], version: OcppVersion) -> tuple[str, str, JsonObject]:
    clause = f"{_PART_4[version]}, 4.2.3"
    code, description, details = elements[2:]
    if not isinstance(code, str):
        raise _UnreadableError(
            Defect.ERROR_CODE_NOT_STRING, f"element 3, the error code, is {_show(code)}, not a string ({clause})"
        )
    if code not in ERROR_CODES[version]:
        remarks.append(_strange_code(code, version))
    if not isinstance(description, str):
        text = f"the error description is {_show(description)}, not a string; where there is none it is empty"
        remarks.append(Remark(RemarkCode.ERROR_DESCRIPTION_NOT_STRING, "errorDescription", text, clause, breach=True))
        description = ""
    elif len(description) > _MAX_DESCRIPTION_LENGTH and version is not OcppVersion.V1_6:
        text = f"the error description has {len(description)} characters, more than {_MAX_DESCRIPTION_LENGTH}"
        remarks.append(Remark(RemarkCode.ERROR_DESCRIPTION_TOO_LONG, "errorDescription", text, clause, breach=True))
    if not isinstance(details, dict):
        text = f"the error details are {_show(details)}, not an object; where there are none they are {{}}"
        remarks.append(Remark(RemarkCode.ERROR_DETAILS_NOT_OBJECT, "errorDetails", text, clause, breach=True))
        details = {}
    return code, description, details


def _strange_code(code: str, version: OcppVersion) -> Remark:
    if version is OcppVersion.V1_6 and code in LATER_SPELLINGS_1_6:
        text = f"error code {code!r} is how later versions write what OCPP 1.6 calls 'FormationViolation'"
        clause = "OCPP-J 1.6 errata, 5.2"
        return Remark(RemarkCode.ERROR_CODE_SPELLING, "errorCode", text, clause, breach=False)
    text = f"error code {_show(code)} is none of: {', '.join(sorted(ERROR_CODES[version]))}"
    return Remark(RemarkCode.ERROR_CODE_UNKNOWN, "errorCode", text, ERROR_CODE_CLAUSES[version], breach=True)


def _in_payload(path: json_text.Path) -> str:
    """Write a path within the frame as one within its payload; the payload is the last element."""
    return json_text.format_path(path[1:]) if len(path) > 1 else f"element {int(path[0]) + 1}"


def _show(value: object) -> str:
    """Write a value so that it can be recognised, cut to a line."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    text = json_text.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}... ({len(text)} characters)"
