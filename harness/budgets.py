"""Uncertainty budgets of whole measurements: energy between two register readings, and latency.

A budget maps the name of a contribution to its expanded part (k=2) in the measurement's unit; their root sum of squares
is U, as harness.quantity.Quantity.of_budget takes it.
"""

from collections.abc import Mapping
from math import hypot, sqrt

from harness.quantity import Quantity
from harness.uncertainty import COVERAGE_FACTOR, rectangular


def energy_uncertainty(
    energy_wh: float,
    *,
    reference_accuracy_pct: float,
    station_resolution_wh: float,
    reference_resolution_wh: float,
    reference_absolute_wh: float = 0.0,
    power_w: float = 0.0,
    misalignment_s: float = 0.0,
    bracket_wh: tuple[float, float] = (0.0, 0.0),
    cable_u_wh: float = 0.0,
    repeatability_wh: float = 0.0,
    repeats: int = 1,
) -> dict[str, float]:
    """Budget in Wh (k=2) of the difference between the station's and the reference meter's energy.

    `reference_accuracy_pct`: half-width of the reference meter's error in percent of reading; `reference_absolute_wh`: of
    the part that does not grow with the reading, once a reading. The resolutions are the steps of the two registers, each
    read twice. A standing start and stop (both registers read with the contactor open) has `power_w` 0 and so no part
    from time; a running one has `misalignment_s`, the half-width of the time between the two readings at each end.
    `bracket_wh`: what the reference counted between its readings before and after the station's own, at start and stop;
    0 and 0 prove that both stood. `cable_u_wh`: standard uncertainty of a cable correction. `repeatability_wh`: standard
    deviation of `repeats` repetitions. Raises ValueError for a negative part or fewer than one repeat.
    """
    _refuse_negative(
        energy_wh=energy_wh,
        reference_accuracy_pct=reference_accuracy_pct,
        station_resolution_wh=station_resolution_wh,
        reference_resolution_wh=reference_resolution_wh,
        power_w=power_w,
        misalignment_s=misalignment_s,
        cable_u_wh=cable_u_wh,
        repeatability_wh=repeatability_wh,
        reference_absolute_wh=reference_absolute_wh,
        begin_bracket_wh=bracket_wh[0],
        end_bracket_wh=bracket_wh[1],
    )
    if repeats < 1:
        raise ValueError(f"repeats = {repeats}; give at least 1")
    return _expanded(
        {
            "reference accuracy": hypot(
                rectangular(reference_accuracy_pct / 100 * energy_wh), sqrt(2) * rectangular(reference_absolute_wh)
            ),
            "station register": sqrt(2) * rectangular(station_resolution_wh / 2),
            "reference register": sqrt(2) * rectangular(reference_resolution_wh / 2),
            "time alignment": sqrt(2) * rectangular(power_w * misalignment_s / 3600),
            "not standing": hypot(*(rectangular(counted / 2) for counted in bracket_wh)),
            "cable": cable_u_wh,
            "repeatability": repeatability_wh / sqrt(repeats),
        }
    )


def energy_to_charge(mpe_pct: float, *, accuracy_pct: float, fixed_u_wh: float, share: float = 0.1) -> float:
    """Energy in Wh after which charging on hardly makes the comparison with the reference meter any better.

    `mpe_pct`: the limit of the station's class. `accuracy_pct`: half-width of the reference's error in percent of reading,
    whose U remains however long one charges. `fixed_u_wh`: U (k=2) of all that does not grow with the energy. Aimed at is
    U = `share` of the limit, or, where the reference does not reach that, a twentieth more than its own accuracy leaves.
    Raises ValueError for a limit or a share that is not positive and for negative figures.
    """
    _refuse_negative(accuracy_pct=accuracy_pct, fixed_u_wh=fixed_u_wh)
    if not 0 < share <= 1:
        raise ValueError(f"share = {share}; give what U may be of the limit, above 0 and at most 1")
    if not mpe_pct > 0:
        raise ValueError(f"mpe_pct = {mpe_pct}; give the limit of the class, above 0")
    floor_pct = COVERAGE_FACTOR * rectangular(accuracy_pct)
    aim_pct = max(mpe_pct * share, 1.05 * floor_pct)
    return 100 * fixed_u_wh / sqrt(aim_pct**2 - floor_pct**2)


def energy_error(station_wh: float, reference_wh: float, budget_wh: Mapping[str, float]) -> Quantity:
    """Error of the station's energy in percent of the reference's, with the budget of `energy_uncertainty`.

    `reference_wh` is already corrected for the cable where the two meters sit at its two ends. Raises ValueError when the
    reference saw no energy.
    """
    if not reference_wh > 0:
        raise ValueError(f"reference energy {reference_wh} Wh: charge before comparing registers")
    error_pct = 100 * (station_wh - reference_wh) / reference_wh
    budget_pct = {name: 100 * part / reference_wh for name, part in budget_wh.items()}
    return Quantity.of_budget(error_pct, "%", budget_pct)


def latency_uncertainty(*, clock_u_s: float, sample_interval_s: float, rms_cycle_s: float = 0.0) -> dict[str, float]:
    """Budget in seconds (k=2) of the time between a stimulus and the sample that first shows its effect.

    `clock_u_s`: standard uncertainty of the run's clock at both ends. `sample_interval_s`: time between two samples.
    `rms_cycle_s`: one mains cycle (0.02 at 50 Hz) for an instrument that reports RMS values, else 0. Raises ValueError for
    a negative part.
    """
    _refuse_negative(clock_u_s=clock_u_s, sample_interval_s=sample_interval_s, rms_cycle_s=rms_cycle_s)
    return _expanded(
        {
            "clock": clock_u_s,
            "sample interval": rectangular(sample_interval_s),
            "RMS window": rectangular(rms_cycle_s),
        }
    )


def _expanded(standard: Mapping[str, float]) -> dict[str, float]:
    return {name: COVERAGE_FACTOR * part for name, part in standard.items() if part > 0}


def _refuse_negative(**inputs: float) -> None:
    for name, value in inputs.items():
        if not value >= 0:
            raise ValueError(f"{name} = {value}; give 0 or more")
