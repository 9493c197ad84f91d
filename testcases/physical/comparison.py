"""The energy of a transaction against the bench's reference meter: how much is needed, and how sure the answer is."""

from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench, energy_of
from fixtures.dialects.dialect import Dialect
from harness.budgets import energy_error, energy_to_charge, energy_uncertainty
from harness.model.station import Station, StationMeter
from harness.quantity import Quantity, root_sum_square
from harness.trace.trace import Record
from harness.uncertainty import Accuracy
from testcases.physical.placement import Placement


@dataclass(frozen=True, slots=True)
class Comparison:
    """The station's meter and the reference meter, as station file and bench file describe them."""

    station_meter: StationMeter
    accuracy: Accuracy
    step_wh: float
    placement: Placement

    @classmethod
    def of(cls, station: Station, bench: Bench, dialect: Dialect) -> "Comparison":
        """Raises BenchError when one of the meters is not described, or when they count energies that cannot be compared."""
        meter = station.evse_by_id(bench.evse).meter
        wired = bench.wired("reference_meter")
        if meter is None:
            raise BenchError(
                f"the station file has no meter for EVSE {bench.evse}. Cure: describe it under [evse.meter]"
            )
        if wired is None or "energy" not in wired.uncertainty:
            cure = (
                "give the reference meter [instrument.uncertainty] energy = { of_reading_pct = ..., resolution = ... }"
            )
            raise BenchError(f"the bench file states no accuracy of energy for EVSE {bench.evse}. Cure: {cure}")
        placement = Placement.of(bench, meter, wired)
        step_wh = dialect.register_step_wh(meter.resolution_wh)
        return cls(meter, wired.uncertainty["energy"], step_wh, placement)

    def to_charge_wh(self, share: float = 0.1) -> float:
        """Energy after which U is this share of the class's limit, or charging on hardly makes the answer surer."""
        fixed_u_wh = root_sum_square(self._budget(0.0).values())
        mpe_pct = self.station_meter.mpe_percent
        return energy_to_charge(mpe_pct, share=share, accuracy_pct=self.accuracy.of_reading_pct, fixed_u_wh=fixed_u_wh)

    def error(self, station_wh: float, begin: tuple[Record, Record], end: tuple[Record, Record]) -> Quantity:
        """The station's error in percent. `begin` and `end`: the reference read before and after the station read its own.

        Where the cable lies between the two meters, its loss is corrected for. Raises BenchError when the reference counted
        nothing, or when the current through the cable was not seen.
        """
        begins, ends = [energy_of(record) for record in begin], [energy_of(record) for record in end]
        reference_wh = sum(ends) / 2 - sum(begins) / 2
        if reference_wh <= 0:
            raise BenchError(
                "the reference meter counted no energy. Cure: check that it is wired into the EVSE's outlet"
            )
        loss = self.placement.loss(begin[0], end[1])
        reference_wh += self.placement.sign * loss.energy_wh
        bracket_wh = (abs(begins[1] - begins[0]), abs(ends[1] - ends[0]))
        return energy_error(station_wh, reference_wh, self._budget(reference_wh, bracket_wh, loss.u_wh))

    def conditions(self, begin: tuple[Record, Record], end: tuple[Record, Record]) -> dict[str, str]:
        """Where the two meters sat and what was corrected, as the report tells it."""
        return self.placement.conditions(begin[0], end[1])

    def _budget(
        self, energy_wh: float, bracket_wh: tuple[float, float] = (0.0, 0.0), cable_u_wh: float = 0.0
    ) -> dict[str, float]:
        return energy_uncertainty(
            energy_wh,
            reference_accuracy_pct=self.accuracy.of_reading_pct,
            reference_absolute_wh=self.accuracy.half_width(0.0),
            station_resolution_wh=self.step_wh,
            reference_resolution_wh=self.accuracy.resolution,
            bracket_wh=bracket_wh,
            cable_u_wh=cable_u_wh,
        )
