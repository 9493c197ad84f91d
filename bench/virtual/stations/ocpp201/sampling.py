"""Periodic readings during a transaction (J02.FR.11, SampledDataCtrlr.TxEndedInterval)."""

import asyncio
from collections.abc import Callable

from bench.virtual.stations.board import Board
from bench.virtual.stations.clock import behind
from bench.virtual.stations.ocpp201.device_model import DeviceModel
from bench.virtual.stations.ocpp201.events import EventWriter
from bench.virtual.stations.ocpp201.transaction import MeterValue, Transaction


class Sampler:
    """Reads the meter every TxUpdatedInterval and TxEndedInterval seconds from the start of a transaction."""

    def __init__(self, board: Board, model: DeviceModel, events: EventWriter) -> None:
        self._board = board
        self._model = model
        self._events = events
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def start(self, transaction: Transaction, report: Callable[[list[MeterValue]], None]) -> None:
        """Begin to sample; `report` is given what TxUpdatedMeasurands asks for."""
        self.stop()
        began = self._board.loop.time()

        def updated(measurands: tuple[str, ...]) -> None:
            readings = self._events.sample(measurands, "Sample.Periodic")
            if readings:
                report(readings)

        def ended(measurands: tuple[str, ...]) -> None:
            transaction.ended_samples += self._events.sample(measurands, "Sample.Periodic")

        self._arm("TxUpdated", began, updated)
        self._arm("TxEnded", began, ended)

    def stop(self) -> None:
        """Sample no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _arm(self, name: str, last: float, take: Callable[[tuple[str, ...]], None]) -> None:
        interval_s = self._model.integer("SampledDataCtrlr", f"{name}Interval")
        if interval_s <= 0 or not self._model.flag("SampledDataCtrlr", "Enabled"):
            return
        due, taken = last + interval_s, self._board.clock.now()

        def fire() -> None:
            if behind(self._board.faults, taken, self._board.clock.now()):
                self._timers[name] = self._board.loop.call_later(1.0, fire)
                return
            self._arm(name, due, take)
            take(self._model.members("SampledDataCtrlr", f"{name}Measurands"))

        self._timers[name] = self._board.loop.call_at(due, fire)
