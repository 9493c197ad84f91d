"""Drivers who were authorised and had not plugged in yet when the supply was lost. A good station has forgotten them when it starts."""

from collections.abc import Iterable

from bench.virtual.stations.board import Board

FAULT = "awaited_driver_charges_untold"
_CELL = "awaited_drivers"


class AwaitedDrivers:
    """The wrong station that gives energy to the EV that comes after the start, in no transaction."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._awaited: set[int] = set(board.nvram.read(_CELL, []))
        board.nvram.erase(_CELL)

    def power_down(self, evse_ids: Iterable[int]) -> None:
        """The supply is lost while these EVSEs wait for the cable of an authorised driver."""
        self._board.nvram.write(_CELL, sorted(evse_ids))

    def plugged(self, evse_id: int, *, taken: bool) -> None:
        """An EV was connected; `taken`: a driver is authorised there now, or charges."""
        if evse_id not in self._awaited:
            return
        self._awaited.discard(evse_id)
        if not taken and self._board.faults.on(FAULT):
            self._board.evses[evse_id].allow(self._board.config.max_current_a)
