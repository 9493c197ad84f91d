"""A register over a day, a restart, an outage and an update of the firmware, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.files.facade import Files
from fixtures.firmware16 import all_available, file_protocol
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet
from testcases.physical.register_checks import Ceiling, goes_on, plausible

WATCHED_A = 6.0
"""What the EV draws over the long watch: the least that a pilot offers."""

LONGEST_INTERVAL_S = 900
"""Between two samples of a long watch; a short watch is sampled 96 times, as a day is."""

OFTEN = 96

CHARGES_S = 60.0
"""How long energy flows between two events."""

OUTAGE_S = 60.0


@case("HIL_REGISTER_02")
async def test_long_watch(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One transaction of a day: every register it tells is at least the one before, and at most what can have flowed more."""
    watch_s = station.pixit.register_watch_s
    interval_s = max(1, min(LONGEST_INTERVAL_S, int(watch_s / OFTEN)))
    async with dialect.sampled(step, interval_s):
        charge = await _begins(dialect, station, bench, step, WATCHED_A)
        async with step.preamble(f"it charges for {watch_s / 3600:g} h"), bench.sampling(interval_s):
            await bench.wait(watch_s)
        await _ends(dialect, bench, step, charge)
        await plausible(csms, dialect, step, Ceiling.of(station, bench.evse, dialect), charge)


@case("HIL_REGISTER_03")
async def test_outage_and_restart(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Energy flows through an outage of the network and up to a restart; the next transaction goes on where the last one ended."""
    ceiling, outlet = Ceiling.of(station, bench.evse, dialect), Outlet(station, bench)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        charge = await _begins(dialect, station, bench, step, outlet.rated_current_a)
        async with step.preamble("the network is away for a while"):
            await bench.wait(CHARGES_S)
            await bench.network.cut("reset")
            await bench.wait(OUTAGE_S)
            await bench.network.restore()
            await csms.connects(within=station.pixit.long_operation_timeout_s)
            await bench.wait(CHARGES_S)
        async with step.preamble("the station restarts under load"):
            reset = await dialect.reset()
            patience_s = station.pixit.long_operation_timeout_s
            await csms.eventually("BootNotification", after=reset, within=2 * patience_s)
            ended = await dialect.stopped_by_reset(charge, reset, 2 * patience_s)
        await plausible(csms, dialect, step, ceiling, charge)
        async with step.preamble("the EV is gone, and all is told that waited for the restart"):
            await _leaves(dialect, bench, charge)
            await bench.wait(station.pixit.message_timeout_s)
        await _another(csms, dialect, station, bench, step, ended)


@case("HIL_REGISTER_04")
async def test_firmware_update(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, files: Files
) -> None:
    """A transaction before an update of the firmware and one after it."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with dialect.sampled(step, pixit.meter_value_interval_s):
        charge = await _begins(dialect, station, bench, step, outlet.rated_current_a)
        async with step.preamble("it charges for a while"):
            await bench.wait(CHARGES_S)
        ended = await _ends(dialect, bench, step, charge)
        async with step.preamble("the EV is gone, and the firmware is updated"):
            await _leaves(dialect, bench, charge)
            image = files.offer(
                await file_protocol(csms, files, station), "firmware.bin", files.read(pixit.firmware_file)
            )
            order = await csms.call("UpdateFirmware", location=image.url, retries=0, retrieveDate=files.now)
            boot = await csms.eventually("BootNotification", after=order, within=pixit.firmware_timeout_s)
            await csms.eventually(
                "FirmwareStatusNotification", since=order, within=pixit.firmware_timeout_s, status="Installed"
            )
            await all_available(csms, Procedures16(csms, station, bench), boot, pixit.long_operation_timeout_s)
        await _another(csms, dialect, station, bench, step, ended)


async def _begins(dialect: Dialect, station: Station, bench: Bench, step: Steps, current_a: float) -> Charge:
    outlet = Outlet(station, bench)
    async with step.preamble(f"an EV charges with {current_a:g} A"):
        await bench.ev.set_demand(current_a=current_a, phases=outlet.phases)
        charge = await dialect.start_charging()
        await outlet.draws()
    return charge


async def _ends(dialect: Dialect, bench: Bench, step: Steps, charge: Charge) -> Seen:
    async with step.preamble("the transaction ends"):
        await bench.ev.request_energy(on=False)
        return await dialect.ended(charge, await dialect.remote_stop(charge))


async def _leaves(dialect: Dialect, bench: Bench, charge: Charge) -> None:
    await bench.ev.request_energy(on=False)
    await bench.ev.unplug()
    await dialect.freed(charge)


async def _another(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ended: Seen) -> None:
    async with step.preamble("another transaction begins"):
        charge = await dialect.start_charging(energy=False)
        await dialect.next_sample(charge, charge.began)
    async with step.test("it begins at the register where the last one ended", dialect.clauses.continuity):
        ceiling = Ceiling.of(station, bench.evse, dialect)
        goes_on(csms, station, ceiling, dialect.end_registers(ended), dialect.begin_registers(charge))
