"""The duty of the control pilot that offers a current (bench notes on IEC 61851-1 Annex A; the standard was not read)."""

MIN_CURRENT_A = 6.0
"""The smallest current a duty cycle can offer."""


def duty_for(limit_a: float) -> float | None:
    """The pilot duty in per cent that offers `limit_a` amperes; None below 6 A, where nothing can be offered."""
    if limit_a < MIN_CURRENT_A:
        return None
    if limit_a <= 51.0:
        return limit_a / 0.6
    return min(limit_a, 80.0) / 2.5 + 64.0
