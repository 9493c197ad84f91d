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

SAME_PLACE = {"Outlet": "outlet", "Cable": "cable_end"}
"""Where the two meters must sit to count the same energy: between them would lie the cable's loss, or the station's own use."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The station's meter and the reference meter, as station file and bench file describe them."""

    station_meter: StationMeter
    accuracy: Accuracy
    step_wh: float

    @classmethod
    def of(cls, station: Station, bench: Bench, dialect: Dialect) -> "Comparison":
        """Raises BenchError when one of the meters is not described, or when they do not count the same energy."""
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
        if SAME_PLACE.get(meter.location) != wired.location:
            raise BenchError(
                f"{wired.name} sits at {wired.location}, the station counts at {meter.location}: they do not count the same "
                "energy. Cure: wire the reference meter where the station counts"
            )
        return cls(meter, wired.uncertainty["energy"], dialect.register_step_wh(meter.resolution_wh))

    def to_charge_wh(self) -> float:
        """Energy after which charging on hardly makes the answer surer."""
        fixed_u_wh = root_sum_square(self._budget(0.0).values())
        mpe_pct = self.station_meter.mpe_percent
        return energy_to_charge(mpe_pct, accuracy_pct=self.accuracy.of_reading_pct, fixed_u_wh=fixed_u_wh)

    def error(self, station_wh: float, begin: tuple[Record, Record], end: tuple[Record, Record]) -> Quantity:
        """The station's error in percent. `begin` and `end`: the reference read before and after the station read its own.

        Raises BenchError when the reference counted nothing.
        """
        begins, ends = [energy_of(record) for record in begin], [energy_of(record) for record in end]
        reference_wh = sum(ends) / 2 - sum(begins) / 2
        if reference_wh <= 0:
            raise BenchError(
                "the reference meter counted no energy. Cure: check that it is wired into the EVSE's outlet"
            )
        bracket_wh = (abs(begins[1] - begins[0]), abs(ends[1] - ends[0]))
        return energy_error(station_wh, reference_wh, self._budget(reference_wh, bracket_wh))

    def _budget(self, energy_wh: float, bracket_wh: tuple[float, float] = (0.0, 0.0)) -> dict[str, float]:
        return energy_uncertainty(
            energy_wh,
            reference_accuracy_pct=self.accuracy.of_reading_pct,
            reference_absolute_wh=self.accuracy.half_width(0.0),
            station_resolution_wh=self.step_wh,
            reference_resolution_wh=self.accuracy.resolution,
            bracket_wh=bracket_wh,
        )
