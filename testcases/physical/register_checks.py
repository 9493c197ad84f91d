"""What is asked of a register over time: it never steps back, and never counts more than the EVSE can deliver."""

from dataclasses import dataclass
from itertools import pairwise

from bench.errors import BenchError
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import LINE_VOLTAGE_V, Charge, Dialect
from fixtures.dialects.registers import Register, moment, steps_back
from fixtures.steps import Steps
from harness.limits import Basis
from harness.model.station import Station

HIGHEST_OF_NOMINAL = 1.1
"""Supplies stay within a tenth of their nominal voltage (IEC 60038, second hand); more than this share of the rating is no power of an EVSE."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that an EVSE's register can count: its rated power with the highest supply, and one step of the register."""

    power_w: float
    step_wh: float
    clock_s: float

    @classmethod
    def of(cls, station: Station, evse: int, dialect: Dialect) -> "Ceiling":
        """From the station file: the rating, the meter's class and step, and how far times told may be off."""
        described = station.evse_by_id(evse)
        meter = described.meter
        gain = 1.0 + (meter.mpe_percent if meter is not None else station.pixit.meter_value_tolerance_pct) / 100
        power_w = described.rated_current_a * described.phases * LINE_VOLTAGE_V * HIGHEST_OF_NOMINAL * gain
        resolution_wh = meter.resolution_wh if meter is not None else 1.0
        return cls(power_w, dialect.register_step_wh(resolution_wh), station.pixit.max_time_deviation_s)

    def excess_wh(self, before: Register, after: Register) -> float:
        """Wh by which a register rose more than can have flowed between two readings; negative where it did not."""
        begin, end = moment(before.at), moment(after.at)
        if begin is None or end is None:
            raise BenchError("a register was told without a readable time. Cure: see the schema findings of the run")
        seconds = max(0.0, (end - begin).total_seconds()) + self.clock_s
        return after.energy_wh - before.energy_wh - self.step_wh - self.power_w * seconds / 3600


async def plausible(csms: Csms, dialect: Dialect, step: Steps, ceiling: Ceiling, charge: Charge) -> None:
    """The registers that one transaction told: steps back are forbidden, jumps beyond the ceiling are no energy."""
    readings = dialect.registers(charge)
    async with step.test("the register never steps back", dialect.clauses.monotonic):
        never_steps_back(csms, readings)
    async with step.test("it never jumps beyond what can have flowed", dialect.clauses.register_of_samples):
        _never_jumps(csms, ceiling, readings)


def never_steps_back(csms: Csms, readings: list[Register]) -> None:
    """No reading is lower than the one before it."""
    pairs = steps_back(readings)
    shown = [reading for pair in pairs for reading in pair] or readings
    csms.holds("steps back", len(pairs), tuple(reading.seen for reading in shown), low=0, high=0)


def goes_on(csms: Csms, station: Station, ceiling: Ceiling, ends: list[Register], begins: list[Register]) -> None:
    """The register of a transaction begins where the one before it ended; only as far as the vendor adopted that SHOULD."""
    seen = tuple(one.seen for one in (*ends, *begins))
    csms.holds("registers told", len(ends) + len(begins), seen, low=2)
    basis: tuple[Basis, ...] = (station.pixit.basis("register_continuity"),)
    gap_wh, name = begins[0].energy_wh - ends[-1].energy_wh, "register at the begin - register at the last end"
    csms.holds(name, gap_wh, seen, low=-ceiling.step_wh, high=ceiling.step_wh, unit="Wh", bases=basis)


def _never_jumps(csms: Csms, ceiling: Ceiling, readings: list[Register]) -> None:
    if len(readings) < 2:
        raise BenchError("the transaction told fewer than two registers with a readable time. Cure: sample more often")
    worst = max(pairwise(readings), key=lambda pair: ceiling.excess_wh(*pair))
    seen = (worst[0].seen, worst[1].seen)
    csms.holds("energy beyond what can have flowed", ceiling.excess_wh(*worst), seen, high=0.0, unit="Wh")
