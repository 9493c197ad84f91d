"""What a station samples of one moment fits together: power, current, voltage, and the register that counts them.

The bounds are wide on purpose. Values of one moment are read one after the other, power factors are low where little flows, and meters
have errors; what lies beyond is no measurement but a mistake of scale, unit or place. How exact a meter is, the physical cases judge.
"""

from dataclasses import dataclass, field

import msgspec

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.meter_moments import Key, Moment, Moments
from harness.oracle.invariants.meters import OF_METERS
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_IN_A_ROW = 3
"""Moments that must show it one after the other: a current that just began, or ended, is in one value and not yet in the next."""

_FACTOR = 3.0
"""Between a star and a delta voltage lies 1.7, between one and two loaded lines 2: what is off by more is no matter of how it is told."""

_LINES_FACTOR = 3.5
"""The same for a power: the current of each of three lines may be told once, without a phase."""

_LEAST_W = 1000.0
_CARRIES_A = 2.0
_NO_VOLTAGE_V = 10.0

_MOST_KEPT = 100


@dataclass(slots=True)
class _Rows:
    """How often in a row each transaction showed it; `sign`: which way."""

    moments: Moments = field(default_factory=Moments)
    seen: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def again(self, key: Key, sign: int) -> bool:
        """Count one more, in this direction (0: none at all); whether that is one too many."""
        if not sign:
            self.seen.pop(key, None)
            return False
        before, count = self.seen.get(key, (0, 0))
        count = count + 1 if sign == before else 1
        self.seen[key] = (sign, count)
        if len(self.seen) > _MOST_KEPT:
            del self.seen[next(iter(self.seen))]
        return count >= _IN_A_ROW


def _power(state: _Rows, exchange: Exchange) -> list[Violation]:
    found: list[Violation] = []
    for moment in state.moments.complete(exchange):
        power_w, apparent_va = moment.total_w(), moment.apparent_va()
        if power_w is None or apparent_va is None or max(abs(power_w), abs(apparent_va)) < _LEAST_W:
            sign = 0
        else:
            low, high = abs(power_w) * _LINES_FACTOR < abs(apparent_va), abs(power_w) > abs(apparent_va) * _LINES_FACTOR
            sign = high - low
        if state.again(moment.key, sign) and power_w is not None and apparent_va is not None:
            text = (
                f"Power.Active.Import of transaction {moment.key[1]} is {power_w:.6g} W, while voltage times current is "
                f"{apparent_va:.6g} VA, {_IN_A_ROW} times in a row"
            )
            found.append(Violation((moment.seq,), text, str(moment.key)))
    return found


def _dead(moment: Moment) -> tuple[str, float, float] | None:
    """The first line that carries current, and has no voltage: with both."""
    numbers = moment.numbers
    for line, a, to_a, v, to_v in moment.shape.loads:
        if abs(numbers[v] * to_v) < _NO_VOLTAGE_V and abs(numbers[a] * to_a) >= _CARRIES_A:
            return line, numbers[a] * to_a, numbers[v] * to_v
    return None


def _voltage(state: _Rows, exchange: Exchange) -> list[Violation]:
    found: list[Violation] = []
    for moment in state.moments.complete(exchange):
        dead = _dead(moment)
        if state.again(moment.key, 1 if dead else 0) and dead is not None:
            line, amperes, volts = dead
            text = (
                f"transaction {moment.key[1]} draws {amperes:g} A{' on ' + line if line else ''} at "
                f"{volts:g} V, {_IN_A_ROW} times in a row"
            )
            found.append(Violation((moment.seq,), text, str(moment.key)))
    return found


_LONGEST_S = 900.0
"""Between moments further apart than this the power is not known."""

_LEAST_WH = 300.0
"""Energy by either account from which on they are compared."""

_STEP_WH = 100.0
"""Registers advance in steps, whatever number of digits they are told with; these are the coarsest that are known."""


class _Both(msgspec.Struct, frozen=True, gc=False):
    """What one moment tells of both, in Wh and W."""

    t: float
    seq: int
    register_wh: float
    power_w: float


@dataclass(slots=True)
class _Account:
    """Of one transaction: the last moment that had both, and what either account counted so far."""

    last: "_Both"
    risen_wh: float = 0.0
    flown_wh: float = 0.0
    moments: int = 0


@dataclass(slots=True)
class _Book:
    moments: Moments = field(default_factory=Moments)
    accounts: dict[Key, _Account] = field(default_factory=dict)


def _register(book: _Book, exchange: Exchange) -> list[Violation]:
    found: list[Violation] = []
    for moment in book.moments.complete(exchange):
        register_wh, power_w = moment.register_wh(), moment.total_w()
        if register_wh is None or power_w is None:
            continue
        now = _Both(moment.t, moment.seq, register_wh, power_w)
        account = book.accounts.get(moment.key)
        if account is None:
            book.accounts[moment.key] = _Account(now)
            if len(book.accounts) > _MOST_KEPT:
                del book.accounts[next(iter(book.accounts))]
            continue
        before, account.last = account.last, now
        hours = (now.t - before.t) / 3600
        if not 0 < hours <= _LONGEST_S / 3600:
            continue
        account.risen_wh += register_wh - before.register_wh
        account.flown_wh += (power_w + before.power_w) / 2 * hours
        account.moments += 1
        apart = account.moments >= _IN_A_ROW and _apart(account, _STEP_WH)
        if apart and _apart(account, max(_STEP_WH, moment.register_step_wh())):
            text = (
                f"the import register of transaction {moment.key[1]} rose by {account.risen_wh:.6g} Wh, while the power told with it "
                f"makes {account.flown_wh:.6g} Wh"
            )
            found.append(Violation((before.seq, moment.seq), text, str(moment.key)))
    return found


def _apart(account: _Account, step_wh: float) -> bool:
    risen_wh, flown_wh = account.risen_wh, account.flown_wh
    more, less = (risen_wh, flown_wh) if risen_wh > flown_wh else (flown_wh, risen_wh)
    return more >= _LEAST_WH and more - step_wh > _FACTOR * max(less + step_wh, 0.0)


POWER_FITS = Rule(
    id="power-fits-current",
    requirement="OCPP 1.6 edition 2, 4.7, 7.31, 7.33; OCPP 2.0.1 J02.FR.02, MeasurandEnumType: values of one point in time",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that shares a grid connection by the power told gives away ten times what there is, or a tenth of it.",
    watch=lambda: PerStation(_Rows, _power, calls=OF_METERS, answers=()),
)

VOLTAGE_FITS = Rule(
    id="voltage-where-current-flows",
    requirement="OCPP 1.6 edition 2, 4.7, 7.31, 7.33; OCPP 2.0.1 J02.FR.02, MeasurandEnumType: values of one point in time",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS that makes power of voltage and current believes that nothing is charged.",
    watch=lambda: PerStation(_Rows, _voltage, calls=OF_METERS, answers=()),
)

REGISTER_FITS = Rule(
    id="register-counts-power",
    requirement="OCPP 1.6 edition 2, 7.31 with errata 3.78, 7.45; OCPP 2.0.1 part 2, MeasurandEnumType: the register of the energy imported, in its unit",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A register in another unit than it says, or one that is left behind, bills a thousandth or a thousand times the energy.",
    watch=lambda: PerStation(_Book, _register, calls=OF_METERS, answers=()),
)
