"""JSON text to values and back, with an exact answer to what is wrong with a text that is no JSON.

msgspec reads the good frames. Its refusals do not tell NaN from a stray comma, so a refused text is read once more by
the standard library, which is slower but can say. No parser reports a repeated object name by itself: the text's
colons are counted against those of a fresh dump, which is exact, once for all texts that differ in their digits only.
"""

import json
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NoReturn

import msgspec

from harness.ocppj.findings import Defect

Path = tuple[str | int, ...]

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(decimal_format="number")
_msgpack = msgspec.msgpack.Encoder()
_PLACE_LIMIT = 60
_DIGITS = b"0123456789"
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LEAST_DIGITS = 19
_NINETEEN_DIGITS = b"0" * _LEAST_DIGITS


class JsonTextError(Exception):
    """A text that is no JSON value; `value` is what a lenient reader made of it, where one could."""

    def __init__(self, defect: Defect, reason: str, value: object = None) -> None:
        super().__init__(reason)
        self.defect = defect
        self.reason = reason
        self.value = value


class _Pairs(list[tuple[str, object]]):
    """A JSON object as the list of its members, repeated names included."""


class _NotANumber(str):
    """The text NaN, Infinity or -Infinity where a number should stand."""

    __slots__ = ()


def format_path(path: Path) -> str:
    """Write a path as the OCA documents do: `meterValue[0].sampledValue[1].value`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def loads(text: str) -> object:
    """Read one JSON value (RFC 8259). Integers of any size below 1e308 keep their value.

    Raises JsonTextError, and nothing else, for a text that is no JSON value or that no number or string type can hold.
    """
    try:
        return _decoder.decode(text)
    except RecursionError:
        raise JsonTextError(Defect.TOO_DEEP, _too_deep()) from None
    except UnicodeEncodeError as error:
        _raise_surrogate(f"character {error.start} of the text is an unpaired surrogate, which UTF-8 cannot carry")
    except msgspec.MsgspecError as error:
        _diagnose(text, str(error))


def dumps(value: object) -> str:
    """Write `value` as compact JSON.

    Raises ValueError naming the path of NaN, Infinity or an unpaired surrogate, and TypeError for objects that JSON
    does not have; a text that breaks JSON on purpose is sent raw.
    """
    try:
        text = _encoder.encode(value).decode()
    except UnicodeEncodeError:
        where = _first(value, _has_surrogate)
        raise ValueError(
            f"{where or 'the text'} holds an unpaired surrogate, which JSON in UTF-8 cannot carry; send such a text raw"
        ) from None
    if "null" in text:  # msgspec writes NaN as null: never change a value in silence
        where = _first(value, _is_not_finite)
        if where is not None:
            raise ValueError(f"{where or 'the value'} is NaN or Infinity, which JSON lacks; send such a text raw")
    return text


_builds: set[bytes] = set()
"""Texts without a repeated name, from their message ids on, without their digits: none has an escape."""

_MOST_BUILDS = 1000
_LONGEST_BUILD = 4000


def is_unambiguous(text: str, value: object, message_id: str = "") -> bool:
    """Tell whether every reader must take `text` as `value`: no repeated name, no integer beyond 64 bits.

    False says only that a closer look is due (`duplicate_keys`, `integers_beyond_64_bits`). A text that differs in digits alone from
    one that was looked at needs no second look. `message_id`: the first text in it, which differs in letters as well; before it stands a
    small number.
    """
    escaped = "\\" in text
    rest = (text if escaped else text[text.find(message_id) + len(message_id) :]).encode(errors="replace")
    build = rest.translate(None, _DIGITS)
    if len(rest) - len(build) >= _LEAST_DIGITS and _may_hold_nineteen_digits(rest) and integers_beyond_64_bits(value):
        return False
    if escaped or build not in _builds:
        return _unambiguous_build(text, value, None if escaped else build)
    return True


def _unambiguous_build(text: str, value: object, build: bytes | None) -> bool:
    """Whether a text is unambiguous whose build, None with escapes, was not seen before.

    Without escapes every quote begins or ends a string, so that two JSON texts of one build have the same objects, whose names are the
    same but for digits. Where the names of the one have none, and none twice, the names of the other are different, too.
    """
    if not _names_once(text.encode(errors="replace"), value):
        return False
    if (
        build is not None
        and len(build) <= _LONGEST_BUILD
        and len(_builds) < _MOST_BUILDS
        and _no_digits_in_names(value)
    ):
        _builds.add(build)
    return True


def _names_once(data: bytes, value: object) -> bool:
    """Every member has one colon in the text, and so has every colon within a string unless it is written as an escape; a reader that
    drops a repeated member drops its colon. A text that is the dump of its own value needs no counting."""
    again = _encoder.encode(value)
    return again == data or (b"\\u003" not in data and again.count(b":") == data.count(b":"))


def _no_digits_in_names(value: object) -> bool:
    return not any(
        character.isdigit() for _, node in _walk(value) if isinstance(node, dict) for name in node for character in name
    )


def _may_hold_nineteen_digits(data: bytes) -> bool:
    """No integer beyond 64 bits has fewer. Of nineteen bytes in a row every fourth gives four; few texts have four digits so placed."""
    return b"0000" in data[::4].translate(_DIGITS_TO_ZERO) and _NINETEEN_DIGITS in data.translate(_DIGITS_TO_ZERO)


def duplicate_keys(text: str) -> list[Path]:
    """Give the path of every repeated object name in a JSON text, once for each repetition.

    Exact and slow (about 20 us a kilobyte): for texts that are not `is_unambiguous`.
    """
    try:
        tree = json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return []
    found: list[Path] = []
    for path, node in _walk(tree):
        if isinstance(node, _Pairs):
            seen: set[str] = set()
            for name, _ in node:
                if name in seen:
                    found.append((*path, name))
                seen.add(name)
    return found


def integers_beyond_64_bits(value: object) -> list[Path]:
    """Give the path of every integer that neither a signed nor an unsigned 64-bit type holds (msgpack has no more).

    For values of texts with nineteen digits in a row; others hold none.
    """
    try:
        _msgpack.encode(value)
    except OverflowError:
        return [path for path, node in _walk(value) if isinstance(node, int) and not -(2**63) <= node < 2**64]
    return []


def _diagnose(text: str, refusal: str) -> NoReturn:
    """Say why `text` was refused; `refusal` is msgspec's own reason."""
    if text.startswith("\ufeff"):
        raise JsonTextError(
            Defect.BYTE_ORDER_MARK,
            "the text begins with a byte order mark (U+FEFF), which RFC 8259, 8.1 forbids; send the JSON without it",
        )
    try:
        value = json.loads(text, parse_constant=_NotANumber, parse_int=_as_int, parse_float=_as_float)
    except RecursionError:
        raise JsonTextError(Defect.TOO_DEEP, _too_deep()) from None
    except json.JSONDecodeError as error:
        raise JsonTextError(Defect.INVALID_JSON, _describe(text, error)) from None
    where = _first(value, lambda node: isinstance(node, _NotANumber))
    if where is not None:
        raise JsonTextError(
            Defect.NAN_OR_INFINITY, f"{where or 'the text'} is NaN or Infinity, which JSON does not have", value
        )
    where = _first(value, _has_surrogate)
    if where is not None:
        raise JsonTextError(
            Defect.UNPAIRED_SURROGATE, f"{where or 'the text'} escapes an unpaired surrogate: no character", value
        )
    where = _first(value, _is_beyond_float)
    if where is not None:
        raise JsonTextError(
            Defect.NUMBER_OUT_OF_RANGE, f"{where or 'the text'} is a number that no 64-bit float can hold", value
        )
    raise JsonTextError(Defect.INVALID_JSON, refusal, value)


def _describe(text: str, error: json.JSONDecodeError) -> str:
    near = text[error.pos : error.pos + _PLACE_LIMIT]
    found = f"found {near!r}" if near else "the text ends"
    return f"no JSON at character {error.pos}: {error.msg}; {found}"


def _raise_surrogate(reason: str) -> NoReturn:
    raise JsonTextError(Defect.UNPAIRED_SURROGATE, reason)


def _too_deep() -> str:
    return "arrays or objects are nested more deeply than the reader goes; no OCPP message needs that"


def _as_int(digits: str) -> object:
    return int(digits) if len(digits) < 300 else Decimal(digits)


def _as_float(digits: str) -> object:
    number = float(digits)
    return number if math.isfinite(number) else Decimal("Infinity")


def _is_beyond_float(node: object) -> bool:
    return isinstance(node, Decimal)


def _is_not_finite(node: object) -> bool:
    return isinstance(node, float) and not math.isfinite(node)


def _has_surrogate(node: object) -> bool:
    """Tell a string, or an object with a name, that UTF-8 cannot carry."""
    texts = [node] if isinstance(node, str) else list(node) if isinstance(node, dict) else []
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return True
    return False


def _first(value: object, is_it: Callable[[object], bool]) -> str | None:
    return next((format_path(path) for path, node in _walk(value) if is_it(node)), None)


def _walk(value: object) -> Iterator[tuple[Path, object]]:
    """Visit every node in document order, without recursion, so that no depth can stop it."""
    stack: list[tuple[Path, object]] = [((), value)]
    while stack:
        path, node = stack.pop()
        yield path, node
        children: list[tuple[Path, object]] = []
        if isinstance(node, _Pairs):
            children = [((*path, name), child) for name, child in node]
        elif isinstance(node, dict):
            children = [((*path, str(name)), child) for name, child in node.items()]
        elif isinstance(node, list | tuple):
            children = [((*path, index), child) for index, child in enumerate(node)]
        stack.extend(reversed(children))
