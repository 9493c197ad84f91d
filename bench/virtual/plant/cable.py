"""The charging cable: its rating by proximity resistor (IEC 61851-1 Annex B) and its loss."""

PROXIMITY_OHM: dict[float, float] = {13.0: 1500.0, 20.0: 680.0, 32.0: 220.0, 63.0: 100.0}
"""Resistor in the plug by rating in ampere (from EV simulators' manuals)."""

_WINDOWS_OHM: tuple[tuple[float, float, float], ...] = (
    (1100.0, 2460.0, 13.0),
    (400.0, 936.0, 20.0),
    (164.0, 308.0, 32.0),
    (80.0, 140.0, 63.0),
)

CONDUCTOR_OHM = 0.0143
"""One conductor of 5 m copper of 6 mm2."""

_CARRYING = {0: 0, 1: 2, 2: 3, 3: 3}


def proximity_ohm(rating_a: float) -> float:
    """Resistor of a cable of this rating.

    Raises:
        ValueError: no cable is coded for this rating.
    """
    try:
        return PROXIMITY_OHM[float(rating_a)]
    except KeyError:
        ratings = ", ".join(f"{rating:g}" for rating in PROXIMITY_OHM)
        raise ValueError(f"no cable is coded for {rating_a:g} A: use one of {ratings}") from None


def rating_from_ohm(ohm: float) -> float | None:
    """Rating a station reads from a proximity resistor; None when it lies in no window."""
    for low, high, rating_a in _WINDOWS_OHM:
        if low <= ohm <= high:
            return rating_a
    return None


def carrying_conductors(phases: int) -> int:
    """How many conductors carry the full current: with a balanced three-phase load the neutral carries none."""
    return _CARRYING[phases]
