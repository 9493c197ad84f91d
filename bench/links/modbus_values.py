"""Numbers in 16-bit registers: how many a type takes, and the way there and back. Nothing here speaks to a meter."""

import math
import struct
from typing import Literal

WordOrder = Literal["big", "little"]
"""Which register comes first: the most significant word (big), or the least significant one (little)."""

RegisterType = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "decade_uint24", "decade_int24"
]
"""`decade_...`: the upper 8 bits are a signed power of ten, the lower 24 a number that it multiplies."""

_FORMATS: dict[str, str] = {
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "uint64": ">Q",
    "float32": ">f",
    "float64": ">d",
}
_DECADES: dict[str, bool] = {"decade_uint24": False, "decade_int24": True}
_SINGLE_BITS = 24  # of the significand of a float32, the hidden one included


def words(kind: RegisterType) -> int:
    """How many 16-bit registers a value of this type takes."""
    return 2 if kind in _DECADES else struct.calcsize(_FORMATS[kind]) // 2


def bits(registers: list[int], order: WordOrder) -> int:
    """The registers as one unsigned number, whatever their type."""
    result = 0
    for word in registers if order == "big" else reversed(registers):
        result = result << 16 | word
    return result


def decode(registers: list[int], kind: RegisterType, order: WordOrder) -> int | float:
    """The number in these registers. Raises ValueError when they are not exactly those of one value."""
    if len(registers) != words(kind):
        raise ValueError(f"{kind} takes {words(kind)} registers, not {len(registers)}")
    raw = bits(registers, order)
    if kind in _DECADES:
        exponent, mantissa = raw >> 24, raw & 0xFFFFFF
        if _DECADES[kind] and mantissa >= 1 << 23:
            mantissa -= 1 << 24
        return mantissa * 10.0 ** (exponent - 256 if exponent >= 128 else exponent)
    value: int | float = struct.unpack(_FORMATS[kind], raw.to_bytes(2 * len(registers), "big"))[0]
    return value


def encode(value: float, kind: RegisterType, order: WordOrder) -> list[int]:
    """The registers that hold `value`, rounded to what the type can hold. Raises ValueError when it is out of range."""
    try:
        raw = _decade(value, signed=_DECADES[kind]) if kind in _DECADES else _packed(value, kind)
    except (struct.error, OverflowError):
        raise ValueError(f"{value!r} does not fit into {kind}") from None
    return split(raw, kind, order)


def split(raw: int, kind: RegisterType, order: WordOrder) -> list[int]:
    """The bits of a value of this type as its registers, in their order."""
    count = words(kind)
    result = [raw >> 16 * place & 0xFFFF for place in range(count)]
    return result if order == "little" else result[::-1]


def step_at(value: float, kind: RegisterType) -> float:
    """The distance of two neighbouring values of this type near `value`."""
    if kind == "float64":
        return math.ulp(value)
    if kind == "float32":
        return math.ldexp(1.0, max(math.frexp(value)[1], -125) - _SINGLE_BITS)
    if kind in _DECADES:
        return float(10.0 ** _exponent(value, signed=_DECADES[kind]))
    return 1.0


def _packed(value: float, kind: RegisterType) -> int:
    number = value if kind.startswith("float") else round(value)
    return int.from_bytes(struct.pack(_FORMATS[kind], number), "big")


def _exponent(value: float, *, signed: bool) -> int:
    """The least power of ten with which the value fits into 23 (or 24) bits."""
    most = (1 << (23 if signed else 24)) - 1
    return math.ceil(math.log10(abs(value) / most)) if value else -6


def _decade(value: float, *, signed: bool) -> int:
    exponent = _exponent(value, signed=signed)
    if not -128 <= exponent <= 127 or (value < 0 and not signed):
        raise OverflowError(value)
    mantissa = round(value / 10.0**exponent)
    return (exponent & 0xFF) << 24 | (mantissa & 0xFFFFFF)
