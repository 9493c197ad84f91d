"""The do-it-yourself EV box: Modbus relays that switch the pilot resistors, with a register map of this project.

Coils: 1 plug in the station's socket, 2 cable in the EV's inlet, 3 S2 closed, 4 diode bypassed, 5 control pilot
shorted to protective earth, 6 polite EV, 7 control pilot's wire open, 8 EV that asks for ventilation. Holding registers:
0 demanded current in 0.1 A, 1 phases, 2 cable rating in A, 3 power factor in thousandths, 4 resistor in place of the
cable's own in 10 ohm. Input register 0: pilot state, 0 to 5 for A to F. Coil n has the address n-1.
"""

from typing import Final

from bench.clock import Clock
from bench.errors import BenchError
from bench.links.modbus import ModbusLink
from bench.registry import NoOptions, Standing, driver
from bench.roles import PilotState
from harness.model.topology import InstrumentEntry

_PLUG, _EV_SIDE, _S2, _DIODE, _SHORT, _POLITE, _OPEN, _VENTILATION = range(8)
_DEMAND, _PHASES, _RATING, _POWER_FACTOR, _PROXIMITY = range(5)
_OHM_STEP = 10
_MOST_STEPS = 65535
_STATES: Final[tuple[PilotState, ...]] = ("A", "B", "C", "D", "E", "F")


@driver(
    "modbus_ev_box",
    roles=("ev_simulator",),
    link="modbus",
    standing=Standing.VIRTUAL,
    source="this project's own register map (docs/reference/ev-box.md)",
)
class ModbusEvBox:
    """The car as relays and registers. Every write is read back."""

    def __init__(self, entry: InstrumentEntry, link: ModbusLink, clock: Clock, options: NoOptions) -> None:
        del clock, options
        self.name = entry.name
        self._link = link

    async def identify(self) -> str:
        """Kind and unit; the pilot state is read to see that the box answers."""
        await self.pilot_state()
        return f"Modbus EV box, unit {self._link.unit}"

    async def plug_in(self, cable_rating_a: float = 32.0) -> None:
        """Plug a cable of this rating (whole amperes) in at both ends: state B. Raises InstrumentFault."""
        await self._register(_RATING, self._whole(cable_rating_a, 1, "cable_rating_a", "A"))
        await self._coil(_EV_SIDE, on=True)
        await self._coil(_PLUG, on=True)

    async def unplug(self) -> None:
        """Pull the plug, whatever flows: state A. The EV, without pilot, then opens S2. Raises InstrumentFault."""
        await self._coil(_PLUG, on=False)
        await self._coil(_EV_SIDE, on=False)
        await self._coil(_S2, on=False)

    async def unplug_ev_side(self) -> None:
        """Pull the cable out of the EV: state A, the plug stays in the station. Raises InstrumentFault."""
        await self._coil(_EV_SIDE, on=False)
        await self._coil(_S2, on=False)

    async def request_energy(self, *, on: bool) -> None:
        """Close or open S2: state C or B. Raises InstrumentFault."""
        await self._coil(_S2, on=on)

    async def set_demand(self, current_a: float, phases: int = 3) -> None:
        """Current a phase (steps of 0.1 A) and number of phases of the on-board charger. Raises InstrumentFault."""
        self._check_phases(phases)
        await self._register(_DEMAND, self._whole(current_a, 10, "current_a", "A"), phases)

    async def set_phases(self, phases: int) -> None:
        """Number of phases of the on-board charger. Raises InstrumentFault."""
        self._check_phases(phases)
        await self._register(_PHASES, phases)

    async def set_power_factor(self, power_factor: float) -> None:
        """Power factor of the on-board charger, in steps of 0.001. Raises InstrumentFault."""
        if not 0.0 < power_factor <= 1.0:
            raise BenchError(f"{self.name}: a power factor of {power_factor:g}. Cure: give one above 0, at most 1")
        await self._register(_POWER_FACTOR, self._whole(power_factor, 1000, "power_factor", ""))

    def _check_phases(self, phases: int) -> None:
        if phases not in {1, 2, 3}:
            raise BenchError(f"{self.name}: {phases} phases. Cure: give 1, 2 or 3")

    async def set_polite(self, *, polite: bool) -> None:
        """Whether the EV stops drawing when PWM is withdrawn. Raises InstrumentFault."""
        await self._coil(_POLITE, on=polite)

    async def set_diode_bypass(self, *, on: bool) -> None:
        """Bypass the pilot's diode: the negative half wave is then mirrored. Raises InstrumentFault."""
        await self._coil(_DIODE, on=on)

    async def set_pilot_short(self, *, on: bool) -> None:
        """Short the control pilot to protective earth: state E. Raises InstrumentFault."""
        await self._coil(_SHORT, on=on)

    async def set_pilot_open(self, *, on: bool) -> None:
        """Open the control pilot's wire: state A, the plug stays in. Raises InstrumentFault."""
        await self._coil(_OPEN, on=on)

    async def set_ventilation(self, *, on: bool) -> None:
        """Whether S2 goes to state D in place of C. Raises InstrumentFault."""
        await self._coil(_VENTILATION, on=on)

    async def set_proximity(self, ohm: float) -> None:
        """A resistor (10 to 655350 ohm in steps of 10) in place of the cable's own; 0 for that.

        Raises:
            BenchError: a resistor that the box has not.
            InstrumentFault: the box did not take it.
        """
        if not 0.0 <= ohm <= _MOST_STEPS * _OHM_STEP or ohm % _OHM_STEP:
            raise BenchError(
                f"{self.name}: a proximity resistor of {ohm:g} ohm. Cure: give a multiple of 10, up to 655350"
            )
        await self._register(_PROXIMITY, round(ohm / _OHM_STEP))

    async def pilot_state(self) -> PilotState:
        """The pilot state on the line now. Raises InstrumentFault."""
        code = (await self._link.read_registers("input", 0, 1))[0]
        if code >= len(_STATES):
            raise self._link.fault(f"told pilot state {code}", "give input register 0 a value from 0 (A) to 5 (F)")
        return _STATES[code]

    async def _coil(self, address: int, *, on: bool) -> None:
        await self._link.write_coil(address, on=on)
        if (await self._link.read_bits("coil", address, 1))[0] != on:
            raise self._link.fault(f"coil {address + 1} did not switch {'on' if on else 'off'}", "check the box")

    async def _register(self, address: int, *values: int) -> None:
        await self._link.write_registers(address, list(values))
        got = await self._link.read_registers("holding", address, len(values))
        if got != list(values):
            raise self._link.fault(f"registers from {address} hold {got} after writing {list(values)}", "check the box")

    def _whole(self, value: float, factor: int, what: str, unit: str) -> int:
        steps = round(value * factor)
        if not 0 <= steps <= 65535 or abs(steps - value * factor) > 1e-6:
            step = 1 / factor
            cure = f"give a multiple of {step:g} {unit}".rstrip() + " that is not negative"
            raise BenchError(f"{self.name}: {what} = {value:g} cannot be set. Cure: {cure}")
        return steps

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
