"""Times of the power path, those of its wrong behaviours included (bench notes on IEC 61851-1; the standard was not read)."""

FORCED_OPENING_S = 6.0
"""How long an EV may stay in state C without PWM before the contactor opens under load (sequence 10.2)."""

EV_REACTION_S = 10.0
"""How long an EV that was offered energy may take to ask for it before it counts as suspended by the EV."""

EV_PAUSE_S = 1.0
"""How long an EV must be out of state C before that counts as a pause; an unplugging EV passes B faster."""

WELD_S = 1.0
"""A contactor that is still closed this long after its coil was released counts as welded."""

FORGETS_S = 15.0
"""Delay of the wrong behaviour `limit_forgotten`."""

LATE_LIMIT_S = 90.0
"""Delay of the wrong behaviour `limit_applied_late`."""

EARLY_OPENING_S = 0.5
"""What is left of `FORCED_OPENING_S` under the wrong behaviour `opens_at_once_under_load`."""

LATE_CLOSING_S = 8.0
"""Delay of the wrong behaviour `closes_late`."""

BOOT_PULSE_S = 0.08
"""How long the wrong behaviour `contactor_pulses_at_boot` closes the contactor."""

LATE_STOP_S = 8.0
"""Delay of the wrong behaviour `pwm_left_on_after_stop`."""
