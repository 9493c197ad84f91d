"""Energy meters, and thermometers, over Modbus, described by a register file."""

from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError
from bench.links.modbus import ModbusLink, RegisterTable
from bench.measured import Stopwatch
from bench.meters.register_file import Register, blocks, load_register_file
from bench.meters.values import ImplausibleValueError, step, told
from bench.registry import Standing, driver
from bench.roles import Reading
from harness.model.strict import MisfitError, Range
from harness.model.topology import InstrumentEntry
from harness.uncertainty import QuantityKind, kind_of

_OWED = {"reference_meter": "energy_wh", "supply_meter": "energy_wh", "thermometer": "temperature_c"}
_SLACK = 1.001  # a step of 2 to the power of -n, written down with three digits


@dataclass(frozen=True, slots=True)
class MeterOptions:
    """`meter`: the register file's name, e.g. `eastron_sdm630`; `registers` is its older name.

    `max_gap` and `max_block` stand in for the file's own where the unit at hand is known to allow more.
    """

    meter: str = ""
    registers: str = ""
    max_gap: Annotated[int | None, Range(0, 100)] = None
    max_block: Annotated[int | None, Range(4, 125)] = None

    def __post_init__(self) -> None:
        if bool(self.meter) == bool(self.registers):
            cure = 'write meter = "NAME" of a file in bench/meters/, e.g. meter = "eastron_sdm630"'
            raise MisfitError("the meter's register file is not named once", cure)


@driver(
    "modbus_meter",
    roles=("reference_meter", "supply_meter", "thermometer"),
    link="modbus",
    standing=Standing.VIRTUAL,
    source="register files, each register with the driver code it was read in",
    options=MeterOptions,
)
class ModbusMeter:
    """Import register, and voltage, current and power of the wired phases, as far as the register file has them.

    The bench file's `phases` say which phase of the EVSE each of the meter's own L1, L2, L3 sees. A quantity that the
    meter says it has no value for is missing from the reading.
    """

    def __init__(self, entry: InstrumentEntry, link: ModbusLink, clock: Clock, options: MeterOptions) -> None:
        self.name = entry.name
        self._entry = entry
        self._link = link
        self._clock = clock
        self._file = load_register_file(options.meter or options.registers)
        if 0 < self._file.channels < len(entry.phases):
            what = f"phases names {len(entry.phases)}, and {self._file.model} sees {self._file.channels}"
            raise BenchError(f"{entry.name}: {what}. Cure: name the phases that it is wired to, e.g. phases = [1]")
        named = [(register, _as_wired(entry, register)) for register in self._file.registers]
        self._wired = tuple((register, name) for register, name in named if name)
        self._owed = tuple(_OWED[role] for role in entry.roles)
        for quantity in self._owed:
            if self._file.register(quantity) is None:
                raise BenchError(
                    f"{entry.name}: {self._file.model} has no {quantity} register. Cure: add it to the file"
                )
        wired = tuple(register for register, _ in self._wired)
        max_block = self._file.max_block if options.max_block is None else options.max_block
        max_gap = self._file.max_gap if options.max_gap is None else options.max_gap
        self._blocks = blocks(wired, max_block, max_gap)
        self.measures: tuple[QuantityKind, ...] = tuple(dict.fromkeys(kind_of(r.quantity) for r in wired))
        self.resolution_wh = self._resolution_wh()

    def _resolution_wh(self) -> float:
        """The step of the energy register as the bench file states it; 0 without an energy register."""
        energy, register = self._entry.uncertainty.get("energy"), self._file.register("energy_wh")
        if energy is None or register is None:
            return 0.0
        least = register.fixed_step
        if not energy.resolution:
            number = "resolution" if least is None else f"resolution = {least:g}"
            cure = f"add {number} to [instrument.uncertainty.energy], in Wh, as the register really counts"
            raise BenchError(f"{self.name}: the step of the energy register is not stated. Cure: {cure}")
        if least is not None and energy.resolution * _SLACK < least:
            what = (
                f"the energy register of {self._file.model} counts in steps of {least:g} Wh, not {energy.resolution:g}"
            )
            raise BenchError(
                f"{self.name}: {what}. Cure: resolution = {least:g} or more in [instrument.uncertainty.energy]"
            )
        return energy.resolution

    async def identify(self) -> str:
        """Model as described and unit: the meter has no identity to tell; it is read to see that it answers.

        Raises InstrumentFault, also where the register has grown so far that its type counts in larger steps than stated.
        """
        reading, words = await self._read()
        for quantity in self._owed:
            if quantity not in reading.values:
                raise self._link.fault(f"its {quantity} register was not read", "check the register file")
        register = self._file.register("energy_wh")
        if register is not None and self.resolution_wh and "energy_wh" in reading.values:
            now_wh = step(register, reading.values["energy_wh"].value, words[register.table])
            if now_wh > self.resolution_wh * _SLACK:
                what = f"its register counts in steps of {now_wh:.3g} Wh by now, not {self.resolution_wh:g} as the bench file says"
                raise self._link.fault(what, f"resolution = {now_wh:.3g} or more in [instrument.uncertainty.energy]")
        doubt = f"; experimental: {self._file.confidence}" if self._file.experimental else ""
        return f"{self._file.model} as described, unit {self._link.unit}{doubt}"

    async def read(self) -> Reading:
        """All wired quantities, each block of registers in one request. Raises InstrumentFault."""
        reading, _ = await self._read()
        return reading

    async def _read(self) -> tuple[Reading, dict[RegisterTable, dict[int, int]]]:
        watch = Stopwatch(self._clock)
        words: dict[RegisterTable, dict[int, int]] = {"input": {}, "holding": {}}
        for block in self._blocks:
            got = await self._link.read_registers(block.table, block.address, block.count)
            words[block.table].update(enumerate(got, block.address))
        values: dict[str, float] = {}
        for register, name in self._wired:
            try:
                value = told(register, words[register.table])
            except ImplausibleValueError as error:
                cure = "check wiring, phases in the bench file, and the register file"
                raise self._link.fault(str(error), cure) from None
            if value is not None:
                values[name] = value
        return watch.reading(self._entry, values), words

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
