"""What a permitted EVSE is doing for its EV, and when that is told."""

from collections.abc import Callable
from typing import Literal

from bench.virtual.stations import times
from bench.virtual.stations.contactor import Contactor
from bench.virtual.stations.power_rules import Activity
from bench.virtual.stations.timers import Timers

Told = Literal["charging", "suspended_ev", "suspended_evse"]


class Progress:
    """`activity` is it. `tell` is called with each that is an event; `faulted` says whether a fault holds."""

    def __init__(
        self, timers: Timers, contactor: Contactor, tell: Callable[[Told], None], faulted: Callable[[], bool]
    ) -> None:
        self._timers = timers
        self._contactor = contactor
        self._tell = tell
        self._faulted = faulted
        self.activity: Activity = "idle"

    def rest(self, activity: Literal["idle", "starting"]) -> None:
        """Nothing is permitted or there is no EV (`idle`), or a fault is in the way (`starting`)."""
        self._timers.cancel("ev_silent")
        self.activity = activity

    def enter(self, activity: Told) -> None:
        """It charges, or one of the two pauses."""
        self._timers.cancel("ev_silent")
        if activity != self.activity:
            self.activity = activity
            self._tell(activity)

    def await_ev(self, *, offered: bool) -> None:
        """Energy does not flow, by no doing of the EVSE: where it is offered, the EV gets its time before it counts as pausing."""
        if self.activity == "idle":
            self.activity = "starting"
        waits = self.activity != "suspended_ev" and "ev_silent" not in self._timers
        if offered and not self._contactor.driven and waits:
            patience_s = times.EV_PAUSE_S if self._contactor.has_closed else times.EV_REACTION_S
            self._timers.set("ev_silent", patience_s, self._ev_kept_silent)

    def _ev_kept_silent(self) -> None:
        if not self._contactor.driven and not self._faulted():
            self.enter("suspended_ev")
