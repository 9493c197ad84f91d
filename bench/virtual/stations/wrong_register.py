"""The registers of stations that spoil what their meter reads: at a restart, at midnight, when their connection is lost."""

from dataclasses import replace
from datetime import datetime, timedelta

from bench.virtual.hardware import StationMeterReading
from bench.virtual.stations.clock import StationClock
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.nvram import Nvram

LOST_LINKS = "lost_links"
"""Where the station counts how often its connection ended."""

_FALL_WH = -30_000.0
_DAY_JUMP_WH = 100_000.0
_OFFLINE_JUMP_WH = 30_000.0
_READ_AGAIN = timedelta(hours=2)
"""Readings further apart than this lie on both sides of a clock that was set, rather than of a midnight."""


class WrongRegister:
    """What is added to a reading of one EVSE; nothing in a good station. One a power-up."""

    def __init__(self, evse_id: int, nvram: Nvram, clock: StationClock, faults: ActiveFaults) -> None:
        self._name = f"register_of_{evse_id}"
        self._nvram = nvram
        self._clock = clock
        self._faults = faults
        self._base_wh: float | None = None
        self._last: datetime | None = None
        self._restarted = bool(nvram.read(f"{self._name}_known", default=False))

    def spoilt(self, reading: StationMeterReading) -> StationMeterReading:
        """The reading as the station tells it."""
        offset_wh = self._midnight_wh()
        if self._faults.on("register_jumps_when_offline"):
            offset_wh += _OFFLINE_JUMP_WH * int(self._nvram.read(LOST_LINKS, 0))
        if self._faults.on("register_forgotten_at_restart"):
            offset_wh -= self._forgotten_wh(reading.energy_wh)
        return reading if offset_wh == 0.0 else replace(reading, energy_wh=max(0.0, reading.energy_wh + offset_wh))

    def _forgotten_wh(self, energy_wh: float) -> float:
        if self._base_wh is None:
            self._base_wh = energy_wh if self._restarted else 0.0
            self._nvram.write(f"{self._name}_known", value=True)
        return self._base_wh

    def _midnight_wh(self) -> float:
        falls, jumps = self._faults.on("register_falls_at_midnight"), self._faults.on("register_jumps_at_midnight")
        if not (falls or jumps):
            return 0.0
        now, last = self._clock.now(), self._last
        self._last = now
        shifts = int(self._nvram.read(self._name, 0))
        if last is not None and last.date() != now.date() and timedelta() < now - last < _READ_AGAIN:
            shifts += 1
            self._nvram.write(self._name, shifts)
        return shifts * (_FALL_WH if falls else _DAY_JUMP_WH)
