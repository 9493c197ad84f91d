"""OCPP 1.6, core profile: meter values at the times of the clock."""

from itertools import pairwise

from fixtures.cases import case
from fixtures.configuration16 import configured, read
from fixtures.csms.facade import Csms, Seen
from fixtures.meter_values16 import ALIGNED, Moment, measurands, moments
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station

VALUES = 3
"""The document watches three intervals."""

ALIGNED_WITHIN_S = 1.0
"""The document looks at the seconds of the timestamp."""


@case("TC_071_CS")
async def test_clock_aligned_meter_values(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """During a transaction values come at the interval's times of the clock, and hold what is configured."""
    interval_s, deviation_s = station.pixit.clock_aligned_interval_s, station.pixit.max_time_deviation_s
    wanted = {"MeterValueSampleInterval": "0", "ClockAlignedDataInterval": str(interval_s)}
    async with configured(csms, step, station, wanted):
        async with step.preamble("a transaction runs, and MeterValuesAlignedData is known"):
            setting = await read(csms, "MeterValuesAlignedData")
            await procedures.reach("Charging")
        began = procedures.transaction.began
        async with step.test("values come every interval", "OCPP 1.6 3.16.2, 9.1.5; errata 3.15"):
            values = await _aligned(csms, began, interval_s + deviation_s)
        async with step.test("their timestamps are one interval apart", "OCPP 1.6 3.16.2, 9.1.5"):
            for one, other in pairwise(values):
                apart_s = (other.at - one.at).total_seconds()
                low, high = interval_s - ALIGNED_WITHIN_S, interval_s + ALIGNED_WITHIN_S
                csms.holds("time between values", apart_s, (one.message, other.message), low=low, high=high, unit="s")
        async with step.test("their timestamps are aligned to the clock", "OCPP 1.6 3.16.2, 9.1.5: from midnight on"):
            for value in values:
                beside_s = _beside(value, interval_s)
                csms.holds(
                    "distance from the interval's time", beside_s, (value.message,), high=ALIGNED_WITHIN_S, unit="s"
                )
        async with step.test("they are marked as clock-aligned", "OCPP 1.6 7.35: Sample.Clock"):
            for value in values:
                value.has_context(ALIGNED)
        async with step.test("they hold every configured measurand", "OCPP 1.6 3.16.2, 9.1.15 MeterValuesAlignedData"):
            for value in values:
                for measurand in measurands(setting.value if setting is not None else None):
                    value.has_measurand(measurand)


async def _aligned(csms: Csms, began: Seen, patience_s: float) -> list[Moment]:
    """The first clock-aligned values of the transaction; each may be spread over several MeterValues."""
    where = {"connectorId": began.get("connectorId")}
    latest, values = began, list[Moment]()
    ends_s = (VALUES + 1) * patience_s
    while len(values) <= VALUES and latest.t - began.t <= ends_s:  # one more than is judged: the last has come whole
        latest = await csms.next("MeterValues", after=latest, where=where, within=patience_s)
        values = moments(csms.said("MeterValues", after=began, where=where), patience_s / 2)
    csms.holds("clock-aligned values in this time", len(values), (began, latest), low=VALUES)
    return values[:VALUES]


def _beside(value: Moment, interval_s: int) -> float:
    """Seconds between the timestamp and the nearest of the interval's times, which are counted from midnight."""
    midnight = value.at.replace(hour=0, minute=0, second=0, microsecond=0)
    past_s = (value.at - midnight).total_seconds() % interval_s
    return min(past_s, interval_s - past_s)
