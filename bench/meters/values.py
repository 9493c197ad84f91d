"""From registers to quantities as a register file describes them, and back: the way back is the virtual meter's."""

import math
from collections.abc import Mapping

from bench.links.modbus_values import bits, decode, encode, split, step_at, words
from bench.meters.register_file import Register

Words = Mapping[int, int]
"""What was read of one table: address to 16-bit register."""

_MOST_DECADES = 12


class ImplausibleValueError(ValueError):
    """A register holds what no meter means: no number, or a scale beyond 10 to the power of 12."""


def told(register: Register, got: Words) -> float | None:
    """The quantity in its unit, or None where the meter says that it has no value. Raises ImplausibleValueError."""
    first = _taken(register, register.address, got)
    if _says_unavailable(register, first):
        return None
    value = decode(first, register.type, register.word_order) * register.scale
    if register.plus is not None:
        second = _taken(register, register.plus.address, got)
        if _says_unavailable(register, second):
            return None
        value += decode(second, register.type, register.word_order) * register.plus.scale
    if not math.isfinite(value):
        raise ImplausibleValueError(f"told {value} for {register.quantity}")
    return value * _power(register, got)


def step(register: Register, value: float, got: Words) -> float:
    """The smallest change that the register can tell near `value`, in the quantity's unit."""
    if register.fixed_step is not None:
        return register.fixed_step
    scale = abs(register.scale) * _power(register, got)
    return step_at(value / scale, register.type) * scale


def stored(register: Register, value: float, exponent: int = 0) -> dict[int, int]:
    """The registers in which a meter tells `value`; `exponent` is what its scale register holds.

    A register of energy counts only what is complete; the others are rounded. Raises ValueError when it does not fit.
    """
    power = 10.0 ** (exponent + register.exponent.offset) if register.exponent else 1.0
    value /= power
    made: dict[int, int] = {}
    if register.exponent is not None:
        made[register.exponent.address] = exponent & 0xFFFF
    count = _count if register.quantity == "energy_wh" and register.type.removeprefix("u").startswith("int") else _same
    plus = register.plus
    if plus is None:
        return made | _put(register, register.address, count(value / register.scale))
    if plus.scale < 0:
        made |= _put(register, register.address, max(value, 0.0) / register.scale)
        return made | _put(register, plus.address, min(value, 0.0) / plus.scale)
    whole = math.floor(value / register.scale + 1e-9)
    made |= _put(register, register.address, float(whole))
    return made | _put(register, plus.address, count(max(value - whole * register.scale, 0.0) / plus.scale))


def unavailable(register: Register) -> dict[int, int]:
    """The registers of a meter that has no value for this quantity. Raises ValueError for a register without such bits."""
    if not register.unavailable:
        raise ValueError(f"{register.quantity} has no bits that say that it is not available")
    made = split(int(register.unavailable[0], 16), register.type, register.word_order)
    return dict(enumerate(made, register.address))


def _taken(register: Register, address: int, got: Words) -> list[int]:
    return [got[address + n] for n in range(words(register.type))]


def _says_unavailable(register: Register, taken: list[int]) -> bool:
    raw = bits(taken, register.word_order)
    return any(raw == int(pattern, 16) for pattern in register.unavailable)


def _power(register: Register, got: Words) -> float:
    if register.exponent is None:
        return 1.0
    power = int(decode([got[register.exponent.address]], "int16", "big")) + register.exponent.offset
    if abs(power) > _MOST_DECADES:
        raise ImplausibleValueError(f"told 10 to the power of {power} as the scale of {register.quantity}")
    return float(10.0**power)


def _put(register: Register, address: int, raw: float) -> dict[int, int]:
    return dict(enumerate(encode(raw, register.type, register.word_order), address))


def _same(raw: float) -> float:
    return raw


def _count(raw: float) -> float:
    return float(math.floor(raw + 1e-6))
