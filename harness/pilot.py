"""The duty cycle of the control pilot in amperes, and back (IEC 61851-1 Annex A).

Second hand: the manuals of two EV simulators (Fluke FEV300, Gossen M525B) print the table; the standard was not read.
"""

LOWEST_A = 6.0
"""The smallest current that a duty can offer."""

HIGHEST_A = 80.0
NO_OFFER_PCT = 8.0
"""A duty below this offers no current by itself: 3 to 7 % asks for digital communication."""

NO_OFFER_ABOVE_PCT = 97.0
"""A duty above this offers no current."""

PWM_SWING_V = 6.0
"""Volts between top and base of a pilot that carries PWM, at least: -12 V below and +3 V above make 15 V, a steady pilot none."""

STATE_C_BELOW_V = 7.5
"""Top of a pilot in state C (6 V) or below: the middle between states B (9 V) and C."""

_BEND_A = 51.0
"""Up to here (85 %) a percent is 0.6 A, above it 2.5 A."""


def duty_for_current_pct(current_a: float) -> float:
    """The duty in percent that offers `current_a` per phase. Raises ValueError outside of 6 to 80 A."""
    if not LOWEST_A <= current_a <= HIGHEST_A:
        raise ValueError(f"no duty offers {current_a} A; give {LOWEST_A:g} to {HIGHEST_A:g} A")
    return current_a / 0.6 if current_a <= _BEND_A else current_a / 2.5 + 64.0


def offered_current_a(duty_pct: float) -> float:
    """The current per phase that a duty offers, 0 for a duty that offers none: below 8 %, above 97 %."""
    if not NO_OFFER_PCT <= duty_pct <= NO_OFFER_ABOVE_PCT:
        return 0.0
    if duty_pct < 10.0:
        return LOWEST_A
    if duty_pct <= 85.0:
        return 0.6 * duty_pct
    return min(2.5 * (duty_pct - 64.0), HIGHEST_A)
