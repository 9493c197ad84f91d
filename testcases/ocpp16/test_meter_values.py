"""OCPP 1.6, core profile: meter values during a transaction."""

from itertools import pairwise

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured, read
from fixtures.csms.facade import Csms
from fixtures.meter_values16 import OF_THE_TRANSACTION, PERIODIC, Reading, judge_register, measurands, moments
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Has
from harness.trace.trace import Record

SAMPLES = 3
"""The document watches three sample intervals."""


@case("TC_070_CS")
async def test_sampled_meter_values(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Sampled values come at the configured interval, hold what is configured, and count what the bench counts."""
    interval_s, deviation_s = station.pixit.meter_value_interval_s, station.pixit.max_time_deviation_s
    wanted = {"MeterValueSampleInterval": str(interval_s), "ClockAlignedDataInterval": "0"}
    async with configured(csms, step, station, wanted):
        async with step.preamble("a transaction runs, and MeterValuesSampledData is known"):
            setting = await read(csms, "MeterValuesSampledData")
            await procedures.reach("Charging")
            await procedures.energy_flows()
        async with step.test("a sample comes every interval", "OCPP 1.6 3.16.1, 9.1.19; errata 3.15"):
            readings = await _sampled(csms, bench, procedures, interval_s, patience_s=interval_s + deviation_s)
        async with step.test("their timestamps are one interval apart", "OCPP 1.6 3.16.1, 9.1.19"):
            for one, other in pairwise(readings):
                apart_s = (other.value.at - one.value.at).total_seconds()
                low, high = interval_s - deviation_s, interval_s + deviation_s
                inputs = (one.value.message, other.value.message)
                csms.holds("time between samples", apart_s, inputs, low=low, high=high, unit="s")
        async with step.test("they are marked as periodic samples", "OCPP 1.6 7.35: Sample.Periodic"):
            for reading in readings:
                reading.value.has_context(PERIODIC)
        async with step.test("they belong to the transaction", OF_THE_TRANSACTION):
            for reading in readings:
                reading.value.belongs_to(procedures.transaction.id)
        async with step.test("they hold every configured measurand", "OCPP 1.6 3.16.1, 9.1.17 MeterValuesSampledData"):
            for reading in readings:
                for measurand in measurands(setting.value if setting is not None else None):
                    reading.value.has_measurand(measurand)
        phases = station.evse_by_id(bench.evse).phases
        if all(reading.value.register_wh(phases) is not None for reading in readings):
            async with step.test("the register counts what the bench's meter counts", "OCPP 1.6 4.7, 7.31"):
                judge_register(bench, station, readings)


async def _sampled(
    csms: Csms, bench: Bench, procedures: Procedures16, interval_s: float, *, patience_s: float
) -> list[Reading]:
    """The first periodic samples of the transaction, each with the bench's own reading of when it began to arrive.

    A sample may be spread over several MeterValues, and others than periodic ones may come between (sections 4.7, 7.35).
    """
    began, where = procedures.transaction.began, {"connectorId": procedures.connector_id}
    latest, values, references = began, moments((), interval_s), list[Record | None]()
    while len(values) < SAMPLES and latest.t - began.t <= SAMPLES * patience_s:
        latest = await csms.next("MeterValues", after=latest, where=where, within=patience_s)
        latest.has(meterValue=Has({}))
        reference = await bench.read("reference_meter")
        values = moments(csms.said("MeterValues", after=began, where=where), interval_s / 2)
        references += [reference] * (len(values) - len(references))
    csms.holds("periodic samples in this time", len(values), (began, latest), low=SAMPLES)
    await bench.wait(interval_s / 4)  # the rest of the last sample, where it is spread over messages
    values = moments(csms.said("MeterValues", after=began, where=where), interval_s / 2)
    return [Reading(value, reference) for value, reference in zip(values[:SAMPLES], references, strict=False)]
