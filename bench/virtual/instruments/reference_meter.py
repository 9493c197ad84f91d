"""The bench's reference meter in the register layout of an Eastron SDM630 (function 4, float32, high word first).

Addresses from volkszaehler/mbmd, `meters/rs485/sdm.go`. Its voltage taps sit before the contactor and it has its own
supply, so that it answers whatever the station does.
"""

import struct
from dataclasses import dataclass, field
from typing import Literal

from bench.virtual.instruments.modbus_server import ModbusInstrument
from bench.virtual.instruments.server import Channel, latched
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.history import ZERO, Window
from bench.virtual.plant.plant import Plant

VOLTAGE, CURRENT, POWER, POWER_FACTOR = 0, 6, 12, 30
POWER_TOTAL, POWER_FACTOR_TOTAL, FREQUENCY, ENERGY_IMPORT, ENERGY_EXPORT, ENERGY_SUM = 52, 62, 70, 72, 74, 342
TABLE_LENGTH = 344


@dataclass(frozen=True, slots=True)
class ReferenceMeterConfig:
    """Errors of the meter, its update period, where it sits, and the register it starts with.

    `vehicle` puts it at the far end of the cable: it reads less energy by the cable's loss.
    """

    update_s: float = 0.2
    location: Literal["outlet", "vehicle"] = "outlet"
    voltage: Channel = field(default_factory=lambda: Channel(0.0003, 0.0, 0.01))
    current: Channel = field(default_factory=lambda: Channel(0.0002, 0.0, 0.001))
    power: Channel = field(default_factory=lambda: Channel(0.0005, 0.0, 0.1))
    frequency: Channel = field(default_factory=lambda: Channel(0.0, 0.0, 0.01))
    energy_gain_error: float = 0.0005
    energy_step_wh: float = 0.1
    register_start_wh: float = 54_321.0


class VirtualReferenceMeter(ModbusInstrument):
    """All quantities of one block belong to the same update: nothing is torn."""

    input_count = TABLE_LENGTH

    def __init__(self, name: str, plant: Plant, evse: PlantEvse, config: ReferenceMeterConfig) -> None:
        super().__init__(name)
        self._plant = plant
        self._evse = evse
        self._config = config

    def input_registers(self) -> list[int]:
        """The whole table."""
        table = [0] * TABLE_LENGTH
        for address, value in self._quantities().items():
            seen = float("nan") if self.misbehaviour == "nan" else value
            table[address : address + 2] = struct.unpack(">HH", struct.pack(">f", seen))
        return table

    def _quantities(self) -> dict[int, float]:
        config, now = self._config, self._plant.now()
        end = latched(now, config.update_s)
        window = self._window(end)
        grid = self._plant.grid
        volts = [config.voltage.read(value) for value in grid.voltage_v]
        amps = [config.current.read(value) for value in window.current_a]
        watts = [config.power.read(value) for value in window.power_w]
        apparent = [volts[k] * amps[k] for k in range(3)]
        energy_kwh = self._energy_wh(end) / 1000.0
        values = {
            POWER_TOTAL: sum(watts),
            POWER_FACTOR_TOTAL: _factor(sum(watts), sum(apparent)),
            FREQUENCY: config.frequency.read(grid.frequency_hz),
            ENERGY_IMPORT: energy_kwh,
            ENERGY_EXPORT: 0.0,
            ENERGY_SUM: energy_kwh,
        }
        for k in range(3):
            values[VOLTAGE + 2 * k] = volts[k]
            values[CURRENT + 2 * k] = amps[k]
            values[POWER + 2 * k] = watts[k]
            values[POWER_FACTOR + 2 * k] = _factor(watts[k], apparent[k])
        return values

    def _window(self, end: float) -> Window:
        try:
            return self._evse.history.window(end - self._config.update_s, end)
        except ValueError:  # no update since the meter was switched on
            return Window(ZERO, ZERO, ZERO, 0.0)

    def _energy_wh(self, end: float) -> float:
        config, totals = self._config, self._evse.history.totals(end)
        true_wh = totals.vehicle_energy_wh if config.location == "vehicle" else totals.energy_wh
        seen_wh = config.register_start_wh + true_wh * (1.0 + config.energy_gain_error)
        return int(seen_wh / config.energy_step_wh + 1e-9) * config.energy_step_wh


def _factor(watts: float, apparent_va: float) -> float:
    return watts / apparent_va if apparent_va > 1.0 else 1.0
