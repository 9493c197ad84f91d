"""What the wrong stations do with the status of a connector when something happens there (faults_status)."""

from functools import partial
from typing import TYPE_CHECKING

from bench.virtual.stations.faults_status import BLIP_S, EARLY_S
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.outlet import Outlet
from bench.virtual.stations.ocpp16.package import call
from bench.virtual.stations.power_rules import Event

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

_STUCK = "stuck_in_preparing"


class WrongStatuses:
    """Listens to the controllers, before the transactions do."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack

    def power_up(self) -> None:
        """Subscribe to the controllers; what a connector was stuck in outlives the restart."""
        stuck = self._stack.board.nvram.read(_STUCK, [])
        for outlet in self._stack.outlets.values():
            outlet.stuck = outlet.connector_id in stuck
            outlet.controller.on_event(partial(self._on_event, outlet))

    def _on_event(self, outlet: Outlet, event: Event) -> None:
        faults, loop = self._stack.board.faults, self._stack.board.loop
        idle = outlet.transaction is None and outlet.authorisation is None
        if event == "plugged" and idle and faults.on("preparing_given_up_early"):
            loop.call_later(EARLY_S, self._give_up, outlet)
        elif event == "unplugged" and idle and not outlet.finishing and faults.on("preparing_outlives_the_cable"):
            outlet.stuck = True
            stuck = [number for number, one in self._stack.outlets.items() if one.stuck]
            self._stack.board.nvram.write(_STUCK, stuck)
        elif event == "charging" and faults.on("available_in_transaction"):
            loop.call_later(BLIP_S, self._blip, outlet)

    def _give_up(self, outlet: Outlet) -> None:
        if outlet.transaction is None and outlet.authorisation is None and outlet.controller.plugged:
            self._stack.transactions.finish_without_charging(outlet)

    def _blip(self, outlet: Outlet) -> None:
        if outlet.transaction is not None:
            self._stack.spawn(self._tell_available(outlet.connector_id))

    async def _tell_available(self, connector_id: int) -> None:
        told = call.StatusNotification(
            connector_id=connector_id,
            error_code="NoError",
            status="Available",
            timestamp=self._stack.board.clock.text(),
        )
        try:
            await self._stack.csms.call(told)
        except UndeliveredError:
            return
