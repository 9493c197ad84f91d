"""The EV box of one EVSE: a car made of relays and resistors. Its register map is in docs/reference/ev-box.md."""

from bench.virtual.hardware import PilotState
from bench.virtual.instruments.modbus_server import IllegalAddressError, ModbusInstrument
from bench.virtual.plant import cable
from bench.virtual.plant.evse import PlantEvse

PLUG_INSERTED, EV_SIDE_CONNECTED, S2_REQUESTED, DIODE_BYPASS, PILOT_SHORT, POLITE = range(6)
DEMAND_DECIAMPERE, PHASES, CABLE_RATING_A, POWER_FACTOR_THOUSANDTHS = range(4)
PILOT_CODES: tuple[PilotState, ...] = ("A", "B", "C", "D", "E", "F")
DEFAULT_CABLE_A = 32


class VirtualEvBox(ModbusInstrument):
    """Coils command and read back the relays; the input register tells the state on the line."""

    coil_count = 6
    holding_count = 4
    input_count = 1

    def __init__(self, name: str, evse: PlantEvse) -> None:
        super().__init__(name)
        self._evse = evse
        self._cable_a = DEFAULT_CABLE_A

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
        ]

    def write_coil(self, address: int, value: bool) -> None:
        """Switch one relay, or the way the car behaves."""
        evse = self._evse
        if address == PLUG_INSERTED:
            self._insert(inserted=value)
        elif address == EV_SIDE_CONNECTED:
            evse.connect_ev_side(connected=value)
        elif address == S2_REQUESTED:
            evse.request_energy(on=value)
        elif address == DIODE_BYPASS:
            evse.bypass_diode(bypassed=value)
        elif address == PILOT_SHORT:
            evse.short_pilot(shorted=value)
        elif address == POLITE:
            evse.set_polite(polite=value)
        else:
            raise IllegalAddressError(address)

    def holding_registers(self) -> list[int]:
        """Demand in 0.1 A, phases, cable rating in A, power factor in thousandths."""
        ev = self._evse.ev
        return [round(ev.demand_a * 10), ev.phases, self._cable_a, round(ev.power_factor * 1000)]

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
        else:
            raise IllegalAddressError(address)

    def input_registers(self) -> list[int]:
        """Pilot state as a code: 0 to 5 for A to F."""
        return [PILOT_CODES.index(self._evse.pilot_state())]

    def _insert(self, *, inserted: bool) -> None:
        if inserted:
            self._evse.plug_in(self._cable_a)
        else:
            self._evse.unplug()

    def _choose_cable(self, rating_a: int) -> None:
        cable.proximity_ohm(rating_a)  # refuses a rating that no cable has
        self._cable_a = rating_a
        if self._evse.plugged:
            self._evse.plug_in(rating_a)
