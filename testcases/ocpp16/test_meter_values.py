"""OCPP 1.6, core profile: meter values during a transaction."""

from itertools import pairwise

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured, read
from fixtures.csms.facade import Csms
from fixtures.meter_values16 import PERIODIC, Reading, judge_register, measurands, sampled
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Has

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
            readings = await _sampled(csms, bench, procedures, patience_s=interval_s + deviation_s)
        async with step.test("their timestamps are one interval apart", "OCPP 1.6 3.16.1, 9.1.19"):
            for one, other in pairwise(readings):
                apart_s = (other.value.at - one.value.at).total_seconds()
                low, high = interval_s - deviation_s, interval_s + deviation_s
                inputs = (one.value.message, other.value.message)
                csms.holds("time between samples", apart_s, inputs, low=low, high=high, unit="s")
        async with step.test("they are marked as periodic samples", "OCPP 1.6 7.35: Sample.Periodic"):
            for reading in readings:
                reading.value.has_context(PERIODIC)
        async with step.test("they hold every configured measurand", "OCPP 1.6 3.16.1, 9.1.17 MeterValuesSampledData"):
            for reading in readings:
                for measurand in measurands(setting.value if setting is not None else None):
                    reading.value.has_measurand(measurand)
        if all(reading.value.register_wh() is not None for reading in readings):
            async with step.test("the register counts what the bench's meter counts", "OCPP 1.6 4.7, 7.31"):
                judge_register(bench, station, readings)


async def _sampled(csms: Csms, bench: Bench, procedures: Procedures16, *, patience_s: float) -> list[Reading]:
    """The first periodic samples of the transaction, each with the bench's own reading of that moment.

    One message may hold nothing but the extra reading at the start of the transaction.
    """
    readings: list[Reading] = []
    messages = [procedures.transaction.began]
    while len(readings) < SAMPLES and len(messages) < SAMPLES + 2:
        where = {"connectorId": procedures.connector_id}
        came = await csms.next("MeterValues", after=messages[-1], where=where, within=patience_s)
        came.has(meterValue=Has({}))
        reference = await bench.read("reference_meter")
        readings += [Reading(value, reference) for value in sampled(came) if not value.begins]
        messages.append(came)
    csms.holds("periodic samples in these messages", len(readings), tuple(messages[1:]), low=SAMPLES)
    return readings
