"""Energy meters, and thermometers, over Modbus, described by a register file."""

import math
from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError
from bench.links.modbus import ModbusLink, decode
from bench.measured import Stopwatch
from bench.register_file import Register, blocks, load_register_file
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import NonEmpty, Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind, kind_of

_OWED = {"reference_meter": "energy_wh", "thermometer": "temperature_c"}


@dataclass(frozen=True, slots=True)
class MeterOptions:
    """`registers`: the register file's name, e.g. `eastron_sdm630`.

    `max_gap` and `max_block` stand in for the file's own where the unit at hand is known to allow more.
    """

    registers: Annotated[str, NonEmpty()]
    max_gap: Annotated[int | None, Range(0, 100)] = None
    max_block: Annotated[int | None, Range(4, 125)] = None


@driver(
    "modbus_meter",
    roles=("reference_meter", "thermometer"),
    link="modbus",
    standing=Standing.VIRTUAL,
    source="register files, each register with the driver code it was read in",
    options=MeterOptions,
)
class ModbusMeter:
    """Import register, and voltage, current and power of the wired phases, as far as the register file has them.

    The bench file's `phases` say which phase of the EVSE each of the meter's own L1, L2, L3 sees.
    """

    def __init__(self, entry: InstrumentEntry, link: ModbusLink, clock: Clock, options: MeterOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._file = load_register_file(options.registers)
        named = [(register, _as_wired(entry, register)) for register in self._file.registers]
        self._names = {register.quantity: name for register, name in named if name}
        self._owed = tuple(_OWED[role] for role in entry.roles)
        for quantity in self._owed:
            if quantity not in self._names:
                raise BenchError(
                    f"{entry.name}: {self._file.model} has no {quantity} register. Cure: add it to the file"
                )
        wired = tuple(register for register, name in named if name)
        max_block = self._file.max_block if options.max_block is None else options.max_block
        max_gap = self._file.max_gap if options.max_gap is None else options.max_gap
        self._blocks = blocks(wired, max_block, max_gap)
        self.measures: tuple[QuantityKind, ...] = tuple(dict.fromkeys(kind_of(r.quantity) for r in wired))
        energy = entry.uncertainty.get("energy")
        self.resolution_wh = energy.resolution if energy else 0.0
        if energy and not self.resolution_wh:
            cure = "add resolution to [instrument.uncertainty.energy], in Wh, as the register really counts"
            raise BenchError(f"{entry.name}: the step of the energy register is not stated. Cure: {cure}")

    async def identify(self) -> str:
        """Model as described and unit: the meter has no identity to tell; it is read to see that it answers."""
        reading = await self.read()
        for quantity in self._owed:
            if quantity not in reading.values:
                raise self._link.fault(f"its {quantity} register was not read", "check the register file")
        return f"{self._file.model} as described, unit {self._link.unit}"

    async def read(self) -> Reading:
        """All wired quantities, each block of registers in one request. Raises InstrumentFault."""
        watch = Stopwatch(self._clock)
        values: dict[str, float] = {}
        for block in self._blocks:
            got = await self._link.read_registers(block.table, block.address, block.count)
            for register in block.registers:
                start = register.address - block.address
                raw = decode(got[start : register.end - block.address], register.type, register.word_order)
                if not math.isfinite(raw):
                    what = f"told {raw} for {register.quantity}"
                    raise self._link.fault(what, "check wiring, phases in the bench file, and the register file")
                values[self._names[register.quantity]] = raw * register.scale
        return watch.reading(self._entry, values)

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()


def _as_wired(entry: InstrumentEntry, register: Register) -> str | None:
    """The quantity's name on the EVSE, or None for a phase of the meter that is not wired."""
    kind, _, rest = register.quantity.partition("_l")
    if not rest:
        return register.quantity
    channel, unit = int(rest[0]), rest[1:]
    return f"{kind}_l{entry.phases[channel - 1]}{unit}" if channel <= len(entry.phases) else None
