"""The EV box of one EVSE: a car made of relays and resistors. Its register map is in docs/reference/ev-box.md."""

from collections.abc import Callable

from bench.virtual.hardware import PilotState
from bench.virtual.instruments.modbus_server import IllegalAddressError, ModbusInstrument
from bench.virtual.plant import cable
from bench.virtual.plant.evse import PlantEvse

PLUG_INSERTED, EV_SIDE_CONNECTED, S2_REQUESTED, DIODE_BYPASS, PILOT_SHORT, POLITE, PILOT_OPEN, VENTILATION = range(8)
DEMAND_DECIAMPERE, PHASES, CABLE_RATING_A, POWER_FACTOR_THOUSANDTHS, PROXIMITY_DECAOHM = range(5)
PILOT_CODES: tuple[PilotState, ...] = ("A", "B", "C", "D", "E", "F")
DEFAULT_CABLE_A = 32


class VirtualEvBox(ModbusInstrument):
    """Coils command and read back the relays; the input register tells the state on the line."""

    coil_count = 8
    holding_count = 5
    input_count = 1

    def __init__(self, name: str, evse: PlantEvse) -> None:
        super().__init__(name)
        self._evse = evse
        self._cable_a = DEFAULT_CABLE_A
        self._ohm: float | None = None

    def coils(self) -> list[bool]:
        """All coils, coil 1 first."""
        evse = self._evse
        return [
            evse.plugged,
            evse.ev_side_connected,
            evse.ev.wish,
            evse.line.diode_bypassed,
            evse.line.shorted,
            evse.ev.polite,
            evse.line.broken,
            evse.line.ventilation,
        ]

    def write_coil(self, address: int, value: bool) -> None:
        """Switch one relay, or the way the car behaves."""
        evse = self._evse
        relays: dict[int, Callable[[], None]] = {
            PLUG_INSERTED: lambda: self._insert(inserted=value),
            EV_SIDE_CONNECTED: lambda: evse.connect_ev_side(connected=value),
            S2_REQUESTED: lambda: evse.request_energy(on=value),
            DIODE_BYPASS: lambda: evse.bypass_diode(bypassed=value),
            PILOT_SHORT: lambda: evse.short_pilot(shorted=value),
            POLITE: lambda: evse.set_polite(polite=value),
            PILOT_OPEN: lambda: evse.break_pilot(broken=value),
            VENTILATION: lambda: evse.set_ventilation(required=value),
        }
        if address not in relays:
            raise IllegalAddressError(address)
        relays[address]()

    def holding_registers(self) -> list[int]:
        """Demand in 0.1 A, phases, cable rating in A, power factor in thousandths, replaced proximity resistor in 10 ohm."""
        ev = self._evse.ev
        replaced = 0 if self._ohm is None else round(self._ohm / 10.0)
        return [round(ev.demand_a * 10), ev.phases, self._cable_a, round(ev.power_factor * 1000), replaced]

    def write_holding(self, address: int, value: int) -> None:
        """Set what the car would draw, or which cable it has."""
        ev = self._evse.ev
        if address == DEMAND_DECIAMPERE:
            self._evse.set_demand(value / 10.0, ev.phases)
        elif address == PHASES:
            self._evse.set_demand(ev.demand_a, value)
        elif address == CABLE_RATING_A:
            self._choose_cable(value)
        elif address == POWER_FACTOR_THOUSANDTHS:
            self._evse.set_power_factor(value / 1000.0)
        elif address == PROXIMITY_DECAOHM:
            self._replace_resistor(value * 10.0 if value else None)
        else:
            raise IllegalAddressError(address)

    def input_registers(self) -> list[int]:
        """Pilot state as a code: 0 to 5 for A to F."""
        return [PILOT_CODES.index(self._evse.pilot_state())]

    def _insert(self, *, inserted: bool) -> None:
        if not inserted:
            self._evse.unplug()
        elif self._ohm is not None:
            self._evse.set_proximity(self._ohm)
        else:
            self._evse.plug_in(self._cable_a)

    def _choose_cable(self, rating_a: int) -> None:
        cable.proximity_ohm(rating_a)  # refuses a rating that no cable has
        self._cable_a = rating_a
        self._replace_resistor(self._ohm)

    def _replace_resistor(self, ohm: float | None) -> None:
        self._ohm = ohm
        if self._evse.plugged:
            self._insert(inserted=True)
