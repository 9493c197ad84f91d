"""StatusNotification: what is told to the CSMS of each connector, and when (section 4.9, errata 3.22)."""

import asyncio
from typing import TYPE_CHECKING

from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

State = tuple[str, str, str | None]
"""status, errorCode, info"""


class Statuses:
    """Reports changes once each, after MinimumStatusDuration; history is not reported."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._reported: dict[int, State] = {}
        self._latest: dict[int, tuple[State, str]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def update(self, connector_id: int) -> None:
        """Something may have changed at a connector."""
        state = self._current(connector_id)
        if connector_id in self._latest and self._latest[connector_id][0] == state:
            return
        self._latest[connector_id] = (state, self._stack.board.clock.text())
        self._stop_timer(connector_id)
        stable_s = self._stack.configuration.integer("MinimumStatusDuration")
        if stable_s == 0:
            self._report(connector_id)
        else:
            loop = self._stack.board.loop
            self._timers[connector_id] = loop.call_later(stable_s, self._report, connector_id)

    def report_all(self) -> None:
        """After an accepted boot: every connector, whatever was reported before (errata 3.22)."""
        self._reported.clear()
        for connector_id in (0, *self._stack.outlets):
            self._latest[connector_id] = (self._current(connector_id), self._stack.board.clock.text())
            self._stop_timer(connector_id)
            self._report(connector_id)

    def report_changes(self) -> None:
        """After a mere reconnect: what differs from what was reported last."""
        for connector_id in (0, *self._stack.outlets):
            if connector_id not in self._timers:
                self._report(connector_id)

    async def send(self, connector_id: int) -> None:
        """Send the present status, triggered. Raises UndeliveredError."""
        state = self._current(connector_id)
        await self._stack.csms.call(self._request(connector_id, state, self._stack.board.clock.text()), triggered=True)
        self._reported[connector_id] = state

    def shut_down(self) -> None:
        """Cancel what is still to be reported."""
        for connector_id in tuple(self._timers):
            self._stop_timer(connector_id)

    def _report(self, connector_id: int) -> None:
        self._timers.pop(connector_id, None)
        state, since = self._latest[connector_id]
        if self._reported.get(connector_id) == state or not self._stack.csms.ready.is_set():
            return
        if self._left_out(state[0]):
            return
        if connector_id == 0 and self._stack.board.faults.on("station_status_not_reported"):
            return
        self._reported[connector_id] = state
        self._stack.spawn(self._deliver(connector_id, state, since))

    def _left_out(self, status: str) -> bool:
        """The wrong stations that keep a status to themselves."""
        names = {"Preparing": "preparing_not_reported", "Finishing": "finishing_not_reported"}
        return status in names and self._stack.board.faults.on(names[status])

    async def _deliver(self, connector_id: int, state: State, since: str) -> None:
        try:
            await self._stack.csms.call(self._request(connector_id, state, since))
        except UndeliveredError:
            if self._reported.get(connector_id) == state:
                del self._reported[connector_id]

    def _current(self, connector_id: int) -> State:
        if connector_id == 0:
            return ("Available" if self._stack.availability.station_operative else "Unavailable", "NoError", None)
        outlet = self._stack.outlets[connector_id]
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
