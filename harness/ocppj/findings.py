"""What can be wrong with a frame (a defect), and what is worth a remark although the frame can be read."""

from dataclasses import dataclass
from enum import StrEnum


class Defect(StrEnum):
    """Why a text or binary message is no OCPP-J frame. One defect a frame: the first that stops its reading."""

    BINARY_FRAME = "binary frame"
    INVALID_UTF8 = "invalid UTF-8"
    BYTE_ORDER_MARK = "byte order mark"
    INVALID_JSON = "invalid JSON"
    NAN_OR_INFINITY = "NaN or Infinity"
    NUMBER_OUT_OF_RANGE = "number out of range"
    UNPAIRED_SURROGATE = "unpaired surrogate"
    TOO_DEEP = "nested too deeply"
    NOT_AN_ARRAY = "not an array"
    ELEMENT_COUNT = "wrong element count"
    MESSAGE_TYPE_NOT_INTEGER = "message type is not an integer"
    MESSAGE_TYPE_UNKNOWN = "unknown message type"
    MESSAGE_TYPE_NOT_OF_VERSION = "message type of another OCPP version"
    MESSAGE_ID_NOT_STRING = "message id is not a string"
    MESSAGE_ID_TOO_LONG = "message id too long"
    ACTION_NOT_STRING = "action is not a string"
    PAYLOAD_NOT_OBJECT = "payload is not an object"
    ERROR_CODE_NOT_STRING = "error code is not a string"


class RemarkCode(StrEnum):
    """What a readable frame has that deserves a word in the record."""

    NULL_PAYLOAD = "null payload"
    DUPLICATE_KEY = "duplicate key"
    INTEGER_BEYOND_64_BITS = "integer beyond 64 bits"
    EMPTY_MESSAGE_ID = "empty message id"
    ERROR_CODE_UNKNOWN = "unknown error code"
    ERROR_CODE_SPELLING = "error code in the spelling of a later version"
    ERROR_DESCRIPTION_NOT_STRING = "error description is not a string"
    ERROR_DESCRIPTION_TOO_LONG = "error description too long"
    ERROR_DETAILS_NOT_OBJECT = "error details are not an object"


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark on a frame that was read all the same.

    `breach` tells a broken requirement (True) from something allowed but notable (False); `clause` is its source;
    `path` is relative to the payload (or names the frame's element) and empty where the whole frame is meant.
    """

    code: RemarkCode
    path: str
    text: str
    clause: str
    breach: bool
