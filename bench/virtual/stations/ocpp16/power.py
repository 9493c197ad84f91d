"""The back-up supply: mains loss is noticed, and transactions end before the station goes down (section 7.36 PowerLoss)."""

from typing import TYPE_CHECKING

from bench.virtual.hardware import EvseHardware, Signal

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

LOST_BELOW_V = 80.0
"""L1 below this is no mains."""


class PowerWatch:
    """Watches the mains of a station that has a back-up supply; without one there is no time to do anything."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._alive = False
        self._evse: EvseHardware = stack.board.hardware.evses[0]

    @property
    def lost(self) -> bool:
        """Whether the station runs on its back-up supply now."""
        return self._alive and self._evse.read_meter().voltage_v[0] < LOST_BELOW_V

    def power_up(self) -> None:
        """Begin to watch, where there is a back-up supply."""
        board = self._stack.board
        if board.config.backup_supply_s > 0 and not board.faults.on("backup_supply_unused"):
            self._alive = True
            self._evse.on_change(self._on_signal)

    def power_down(self) -> None:
        """The back-up supply is empty, or the firmware restarts."""
        self._alive = False

    def _on_signal(self, signal: Signal) -> None:
        if signal == "mains" and self.lost:
            for outlet in self._stack.outlets.values():
                self._stack.transactions.stop(outlet, "PowerLoss")
