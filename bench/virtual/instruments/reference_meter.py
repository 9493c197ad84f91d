"""The bench's reference meter, in the register layout of any model that has a register file (bench/meters).

Its voltage taps sit before the contactor and it has its own supply, so that it answers whatever the station does.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from bench.links.modbus_values import words
from bench.meters.register_file import Register, load_register_file
from bench.meters.values import stored, unavailable
from bench.virtual.instruments.modbus_server import Framing, IllegalAddressError, ModbusInstrument
from bench.virtual.instruments.server import Channel, latched
from bench.virtual.instruments.taps import OutletTap, Tap
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.history import ZERO, Window
from bench.virtual.plant.plant import Plant
from harness.model.strict import Range

Table = Literal["input", "holding"]

_SPARE = 2
"""Registers after the last one that a file names, which exist and read zero: an energy register of a sum, often."""

_SDM630 = "eastron_sdm630"
_SDM630_BESIDES = {
    "power_factor_l1": 30,
    "power_factor_l2": 32,
    "power_factor_l3": 34,
    "power_factor": 62,
    "energy_export_kwh": 74,
    "energy_sum_kwh": 342,
}
"""What an SDM630 tells besides (volkszaehler/mbmd, meters/rs485/sdm.go); no driver here reads it."""


@dataclass(frozen=True, slots=True)
class ReferenceMeterConfig:
    """Errors of the meter, its update period, where it sits, the register it starts with, and the model it is.

    `vehicle` puts it at the far end of the cable: it reads less energy by the cable's loss. `meter` names a register
    file. `strict` has it refuse what the most particular units refuse: a request that is longer than the file's
    max_block, begins or ends within a value, or touches a register that is none of the file's. `missing` are
    quantities that it says it has no value for. `scale_exponent` stands in its scale registers, where it has any.
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
    meter: str = _SDM630
    framing: Framing = "tcp"
    strict: bool = False
    missing: tuple[str, ...] = ()
    scale_exponent: Annotated[int, Range(-9, 9)] = 1


class VirtualReferenceMeter(ModbusInstrument):
    """All quantities of one request belong to the same update: nothing is torn.

    A model that tells totals only, or one phase only, tells the totals of all three phases.
    """

    def __init__(
        self, name: str, plant: Plant, evse: PlantEvse, config: ReferenceMeterConfig, tap: Tap | None = None
    ) -> None:
        """It sits at the EVSE unless `tap` says where else. Raises BenchError for a model that has no register file."""
        super().__init__(name)
        self._plant = plant
        self._tap: Tap = OutletTap(evse, config.location) if tap is None else tap
        self._config = config
        self._file = load_register_file(config.meter)
        self._besides = _SDM630_BESIDES if config.meter == _SDM630 else {}
        self.framing = config.framing
        self.input_count = self._length("input")
        self.holding_count = self._length("holding")

    def _length(self, table: Table) -> int:
        ends = [span.end for r in self._file.registers for span in r.spans() if span.table == table]
        last = max(self._besides.values(), default=0) if table == "input" else 0
        return max(max(ends) + _SPARE, last + 2) if ends else 0

    def read_registers(self, table: Table, address: int, count: int) -> list[int]:
        """What the model tells in these registers; those that mean nothing read zero."""
        if self._config.strict:
            self._examine(table, address, count)
        image = self._image(table)
        return [image.get(address + n, 0) for n in range(count)]

    def _examine(self, table: Table, address: int, count: int) -> None:
        if count > self._file.max_block:
            raise ValueError(count)
        spans = [span for r in self._file.registers for span in r.spans() if span.table == table]
        inside = [span for span in spans if span.address < address + count and span.end > address]
        covered = {n for span in inside for n in range(span.address, span.end)}
        if covered != set(range(address, address + count)):
            raise IllegalAddressError(address)

    def _image(self, table: Table) -> dict[int, int]:
        seen = self.quantities()
        image: dict[int, int] = {}
        for register in self._file.registers:
            if register.table == table and register.quantity in seen:
                image |= self._registers_of(register, seen[register.quantity])
        for quantity, address in self._besides.items():
            if table == "input":
                image |= dict(enumerate(struct.unpack(">HH", struct.pack(">f", seen[quantity])), address))
        return image

    def _registers_of(self, register: Register, value: float) -> Mapping[int, int]:
        if register.quantity in self._config.missing:
            return unavailable(register)
        if self.misbehaviour == "nan":
            return dict.fromkeys(range(register.address, register.address + words(register.type)), 0xFFFF)
        return stored(register, value, self._config.scale_exponent)

    def quantities(self) -> dict[str, float]:
        """What the meter has found out at its last update, before its registers round it."""
        config, now = self._config, self._plant.now()
        end = latched(now, config.update_s)
        window = self._window(end)
        grid = self._plant.grid
        volts = [config.voltage.read(value) for value in grid.voltage_v]
        amps = [config.current.read(value) for value in window.current_a]
        watts = [config.power.read(value) for value in window.power_w]
        apparent = [volts[k] * amps[k] for k in range(3)]
        energy_wh = self._energy_wh(end)
        values = {
            "power_w": sum(watts),
            "power_factor": _factor(sum(watts), sum(apparent)),
            "frequency_hz": config.frequency.read(grid.frequency_hz),
            "energy_wh": energy_wh,
            "energy_export_kwh": 0.0,
            "energy_sum_kwh": energy_wh / 1000.0,
        }
        for k in range(3):
            values[f"voltage_l{k + 1}_v"] = volts[k]
            values[f"current_l{k + 1}_a"] = amps[k]
            values[f"power_l{k + 1}_w"] = watts[k]
            values[f"power_factor_l{k + 1}"] = _factor(watts[k], apparent[k])
        return values

    def _window(self, end: float) -> Window:
        try:
            return self._tap.window(end - self._config.update_s, end)
        except ValueError:  # no update since the meter was switched on
            return Window(ZERO, ZERO, ZERO, 0.0)

    def _energy_wh(self, end: float) -> float:
        config = self._config
        seen_wh = config.register_start_wh + self._tap.energy_wh(end) * (1.0 + config.energy_gain_error)
        return int(seen_wh / config.energy_step_wh + 1e-9) * config.energy_step_wh


def _factor(watts: float, apparent_va: float) -> float:
    return watts / apparent_va if apparent_va > 1.0 else 1.0
