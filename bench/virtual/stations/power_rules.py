"""What the firmware holds to in the power path of an EVSE: its events, and the states of the pilot that it supplies."""

from typing import Literal

from bench.virtual.hardware import PilotState
from bench.virtual.stations.faults import ActiveFaults

Event = Literal[
    "plugged", "unplugged", "secured", "charging", "suspended_ev", "suspended_evse", "fault", "fault_cleared"
]
Activity = Literal["idle", "starting", "charging", "suspended_ev", "suspended_evse"]

NOT_OF_POWER = frozenset({"memory_failure"})
"""Fault conditions at the terminals that leave the power path as it is; other parts of the firmware look for them."""

CHATTERS = 3
"""How often the wrong station `chatters_after_a_dip` opens its contactor."""


def states_supplied(faults: ActiveFaults, *, ventilation: bool) -> frozenset[PilotState]:
    """The pilot states of an EV in which the contactor may be closed."""
    ventilated = (ventilation and not faults.on("ventilation_refused")) or faults.on("ventilation_assumed")
    return frozenset({"C", "D"} if ventilated else {"C"})
