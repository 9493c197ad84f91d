"""StatusNotification: what is told to the CSMS of each connector, and when (section 4.9, errata 3.22)."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from bench.virtual.stations.faults_common import TOLD_AGAIN_S, TOLD_LATE_S
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

REPEAT_S = 7.0
STARTING_S = 5.0
MINIMAL_DURATION_S = 3
"""Of the station that tells its statuses again and again; that reports itself Unavailable while it starts; with a minimal status duration of its own."""

State = tuple[str, str, str | None]
"""status, errorCode, info"""


class Statuses:
    """Reports changes once each, after MinimumStatusDuration; history is not reported."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._reported: dict[int, State] = {}
        self._latest: dict[int, tuple[State, str]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._telling = 0

    def update(self, connector_id: int) -> None:
        """Something may have changed at a connector."""
        state = self._current(connector_id)
        if connector_id in self._latest and self._latest[connector_id][0] == state:
            return
        self._latest[connector_id] = (state, self._stack.board.clock.text())
        self._stop_timer(connector_id)
        stable_s = self._minimal_duration_s()
        if stable_s == 0:
            self._report(connector_id)
        else:
            loop = self._stack.board.loop
            self._timers[connector_id] = loop.call_later(stable_s, self._report, connector_id)

    def report_all(self) -> None:
        """After an accepted boot: every connector, whatever was reported before (errata 3.22)."""
        self._reported.clear()
        for connector_id in self._due_after_boot():
            self._latest[connector_id] = (self._current(connector_id), self._stack.board.clock.text())
            self._stop_timer(connector_id)
            self._report(connector_id)

    def _due_after_boot(self) -> tuple[int, ...]:
        told = (0, *self._stack.outlets)
        return told[:-1] if self._stack.board.faults.on("one_connector_untold_after_boot") else told

    async def report_starting(self, status: str) -> None:
        """Everything has this status for some seconds after the boot; the time is over when this returns."""
        with contextlib.suppress(UndeliveredError):
            for connector_id in (0, *self._stack.outlets):
                state: State = (status, "NoError", None)
                await self._stack.csms.call(self._request(connector_id, state, self._stack.board.clock.text()))
        await asyncio.sleep(STARTING_S)

    async def repeat(self) -> None:
        """For ever: what was told of every connector is told again and again."""
        while True:
            await asyncio.sleep(REPEAT_S)
            for connector_id, state in tuple(self._reported.items()):
                if self._reported.get(connector_id) == state and self._stack.csms.ready.is_set():
                    with contextlib.suppress(UndeliveredError):
                        await self._stack.csms.call(self._request(connector_id, state, self._stack.board.clock.text()))

    def report_changes(self) -> None:
        """After a mere reconnect: what differs from what was reported last."""
        idle = [number for number in (0, *self._stack.outlets) if number not in self._timers]
        changed = [number for number in idle if self._reported.get(number) != self._latest[number][0]]
        if changed and self._stack.board.faults.on("offline_changes_not_told"):
            return
        paused = [number for number in changed if self._latest[number][0][0] == "SuspendedEVSE"]
        untold = paused if paused and self._stack.board.faults.on("offline_pause_not_told") else []
        for connector_id in changed:
            if connector_id not in untold:
                self._report(connector_id)

    async def send(self, connector_id: int) -> None:
        """Send the present status, triggered. Raises UndeliveredError."""
        state = self._current(connector_id)
        await self._stack.csms.call(self._request(connector_id, state, self._stack.board.clock.text()), triggered=True)
        self._reported[connector_id] = state

    def tell_list_conflict(self) -> None:
        """The CSMS judged a tag otherwise than the local list does (section 3.5.2)."""
        status, _, info = self._current(0)
        state: State = (status, "LocalListConflict", info)
        self._stack.spawn(self._deliver(0, state, self._stack.board.clock.text(), ()))

    @property
    def settled(self) -> bool:
        """Whether no status waits for its minimal duration, or is being told."""
        return not self._timers and not self._telling

    def shut_down(self) -> None:
        """Cancel what is still to be reported."""
        for connector_id in tuple(self._timers):
            self._stop_timer(connector_id)

    def _report(self, connector_id: int) -> None:
        self._timers.pop(connector_id, None)
        state, since = self._latest[connector_id]
        if self._reported.get(connector_id) == state or not self._stack.csms.ready.is_set():
            return
        if self._left_out(state[0]) or self._charges_on(connector_id):
            return
        if connector_id == 0 and self._says_nothing_of_itself():
            return
        before = self._reported.get(connector_id)
        self._reported[connector_id] = state
        returned = before is not None and (before[0], state[0]) == ("Unavailable", "Available")
        if returned and self._stack.board.faults.on("operative_not_told"):
            return
        self._telling += 1
        self._stack.spawn(self._tell(connector_id, state, since, before))

    def _says_nothing_of_itself(self) -> bool:
        """The wrong stations that never report connector 0."""
        faults = self._stack.board.faults
        return faults.on("station_status_not_reported") or faults.on("no_station_status_after_reset_for_profile")

    def _charges_on(self, connector_id: int) -> bool:
        """The wrong station that goes on to say Charging when it cut energy by itself."""
        told = self._reported.get(connector_id)
        charging = told is not None and told[0] == "Charging"
        return charging and self._stack.board.faults.on("energy_cut_not_told")

    def _left_out(self, status: str) -> bool:
        """The wrong stations that keep a status to themselves."""
        names = {
            "Preparing": "preparing_not_reported",
            "Finishing": "finishing_not_reported",
            "Faulted": "faults_not_reported",
            "SuspendedEV": "suspension_not_reported",
            "SuspendedEVSE": "suspension_not_reported",
        }
        return status in names and self._stack.board.faults.on(names[status])

    def _between(self, before: State | None, state: State) -> tuple[str, ...]:
        """Statuses of no duration on the way to Charging."""
        begins = before is not None and before[0] == "Preparing" and state[0] == "Charging"
        shown = begins and self._stack.board.faults.on("suspended_before_charging")
        return ("SuspendedEVSE", "SuspendedEV") if shown else ()

    def _minimal_duration_s(self) -> int:
        configured_s = self._stack.configuration.integer("MinimumStatusDuration")
        own_s = MINIMAL_DURATION_S if self._stack.board.faults.on("statuses_settle_first") else 0
        return configured_s + own_s

    async def _tell(self, connector_id: int, state: State, since: str, before: State | None) -> None:
        faults = self._stack.board.faults
        try:
            if faults.on("statuses_told_late"):
                await asyncio.sleep(TOLD_LATE_S)
            await self._deliver(connector_id, state, since, self._between(before, state))
            if before is not None and faults.on("old_status_told_again"):
                await asyncio.sleep(TOLD_AGAIN_S)
                with contextlib.suppress(UndeliveredError):
                    await self._stack.csms.call(self._request(connector_id, before, since))
        finally:
            self._telling -= 1

    async def _deliver(self, connector_id: int, state: State, since: str, between: tuple[str, ...]) -> None:
        try:
            for status in between:
                await self._stack.csms.call(self._request(connector_id, (status, "NoError", None), since))
            await self._stack.csms.call(self._request(connector_id, state, since))
        except UndeliveredError:
            if self._reported.get(connector_id) == state:
                del self._reported[connector_id]

    def _current(self, connector_id: int) -> State:
        if connector_id == 0:
            return ("Available" if self._stack.availability.station_operative else "Unavailable", "NoError", None)
        outlet = self._stack.outlets[connector_id]
        ending = outlet.transaction is not None and outlet.transaction.stopping
        if ending and self._stack.board.faults.on("finishing_after_stop_told") and connector_id in self._latest:
            return self._latest[connector_id][0]
        return (outlet.status(), *outlet.error())

    @staticmethod
    def _request(connector_id: int, state: State, since: str) -> call.StatusNotification:
        status, error_code, info = state
        return call.StatusNotification(
            connector_id=connector_id,
            error_code=error_code,
            status=status,
            timestamp=since,
            info=info,
        )

    def _stop_timer(self, connector_id: int) -> None:
        timer = self._timers.pop(connector_id, None)
        if timer is not None:
            timer.cancel()
