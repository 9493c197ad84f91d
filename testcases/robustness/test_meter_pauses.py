"""Samples through a pause, and a second session on the same plug-in, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import IMPORT_REGISTER
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging

POWER, CURRENT = "Power.Active.Import", "Current.Import"

PAUSED_INTERVALS = 6
"""Sample intervals for which the EV draws nothing."""

DRAWN_INTERVALS = 3

SAMPLED_EVERY_S = 5.0

METER_FOLLOWS_S = 10.0
"""How long nothing flows before the register is taken to stand: stations read their meters every few seconds."""

AT_INTERVAL = {
    "1.6": "OCPP 1.6 4.7 with errata 3.15: MeterValues at the given interval",
    "2.0.1": "OCPP 2.0.1 J02.FR.11: an event at every TxUpdatedInterval",
}
AS_CONFIGURED = {
    "1.6": "OCPP 1.6 3.16.1, 9.1.17: every measurand of MeterValuesSampledData",
    "2.0.1": "OCPP 2.0.1 J02.FR.11: the measurands of TxUpdatedMeasurands",
}
OWN_ENERGY = {
    "1.6": "OCPP 1.6 6.45, 6.49; errata 3.78: energy is the register less the register at the start",
    "2.0.1": "OCPP 2.0.1 E01.FR.09, E06.FR.11, J02.FR.16: energy is the register less the register at the start",
}


@case("ROB_METER_01")
async def test_samples_through_a_pause(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """The EV draws, pauses for several intervals, and draws again."""
    outlet, interval_s = Outlet(station, bench), station.pixit.meter_value_interval_s
    async with dialect.sampled(step, interval_s, f"{IMPORT_REGISTER},{POWER},{CURRENT}"):
        async with step.preamble("an EV charges"), bench.sampling(SAMPLED_EVERY_S):
            charge = await begin_charging(dialect, outlet)
            await bench.wait(DRAWN_INTERVALS * interval_s)
        async with step.preamble("it draws nothing for a while"), bench.sampling(SAMPLED_EVERY_S):
            await bench.ev.request_energy(on=False)
            await outlet.rests()
            last = _last_sample(dialect, charge)
            await bench.wait(PAUSED_INTERVALS * interval_s)
        await _sampled(csms, dialect, step, charge, last, PAUSED_INTERVALS, ocpp, "while it draws nothing")
        async with step.preamble("it draws again"), bench.sampling(SAMPLED_EVERY_S):
            await bench.ev.request_energy(on=True)
            await outlet.draws()
            last = _last_sample(dialect, charge)
            await bench.wait(DRAWN_INTERVALS * interval_s)
        await _sampled(csms, dialect, step, charge, last, DRAWN_INTERVALS, ocpp, "when it draws again")


def _last_sample(dialect: Dialect, charge: Charge) -> Seen:
    """The message that told the latest sample of the register, or the transaction's beginning."""
    told = [register.seen for register in dialect.registers(charge)]
    return max(told, key=lambda seen: seen.seq, default=charge.began)


async def _sampled(
    csms: Csms, dialect: Dialect, step: Steps, charge: Charge, last: Seen, intervals: int, ocpp: str, when: str
) -> None:
    """Of so many intervals since a sample one may not be over yet."""
    least = intervals - 1
    async with step.test(f"samples come {when}", AT_INTERVAL[ocpp]):
        registers = [one for one in dialect.registers(charge) if one.seen.seq > last.seq]
        times = {one.at for one in registers}
        csms.holds("samples of the register", len(times), (last, *(one.seen for one in registers)), low=least)
    for measurand in (POWER, CURRENT):
        async with step.test(f"they hold {measurand} {when}", AS_CONFIGURED[ocpp]):
            values = [one for one in dialect.values(charge, measurand) if one.seen.seq > last.seq]
            seen = tuple({one.seen.seq: one.seen for one in values}.values())
            csms.holds(f"samples of {measurand}", len({one.at for one in values}), seen or (last,), low=least)


@case("ROB_METER_02")
async def test_second_session_on_one_plug_in(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """Energy flows in the first one only."""
    outlet, interval_s = Outlet(station, bench), station.pixit.meter_value_interval_s
    meter = station.evse_by_id(bench.evse).meter
    step_wh = dialect.register_step_wh(meter.resolution_wh if meter is not None else 1.0)
    async with dialect.sampled(step, interval_s), bench.sampling(SAMPLED_EVERY_S):
        async with step.preamble("an EV charges, pauses, and its transaction is stopped; the plug stays in"):
            first = await begin_charging(dialect, outlet)
            await bench.wait(2 * interval_s)
            await bench.ev.request_energy(on=False)
            await outlet.rests(holds=METER_FOLLOWS_S)
            stopped = await dialect.remote_stop(first)
            await dialect.stop_told(first, stopped)
        async with step.preamble("another transaction begins, in which nothing flows, and is stopped"):
            second = await dialect.remote_start(stopped)
            await bench.wait(2 * interval_s)
            await outlet.rests()
            ended = await dialect.ended(second, await dialect.remote_stop(second))
        async with step.test("it tells no energy", OWN_ENERGY[ocpp]):
            begins, ends = dialect.begin_registers(second), dialect.end_registers(ended)
            seen = (second.began, ended)
            csms.holds("registers at begin and end", len(begins) + len(ends), seen, low=2)
            told_wh = ends[0].energy_wh - begins[0].energy_wh
            csms.holds("energy told", told_wh, seen, low=-step_wh, high=step_wh, unit="Wh")
