"""A station that restarts under load, told to or without its supply, leaves a dead outlet and tells why the transaction ended."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import Register
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.mains import loses_supply
from testcases.physical.measuring import reading

STAYS_S = 30.0
"""How long the outlet is watched with an EV that goes on asking."""

SAMPLED_EVERY_S = 0.2

NOT_BILLED = "; what is told at the end is what the meter reads: nothing flowed since"


@case("HIL_RESET_01")
async def test_reset_under_load(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that draws on: the contactor is open before the station is back, and does not close again by itself."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    patience_s = pixit.long_operation_timeout_s
    async with dialect.authorizing(step):
        async with step.preamble("an EV that ignores the pilot charges"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet)
        async with bench.sampling(SAMPLED_EVERY_S):
            async with step.test("the station accepts the reset", clauses.reset_accepted):
                reset = await dialect.reset()
            async with step.test("it restarts and registers again", clauses.reset_restarts):
                boot = await csms.eventually("BootNotification", after=reset, within=2 * patience_s)
            async with step.test("the outlet went dead before it was back", clauses.outlet_off):
                await outlet.goes_off(after=reset, within=boot.t - reset.t)
            async with step.test("the outlet stays dead although the EV asks on", clauses.authorized_first):
                await bench.wait(STAYS_S)
                await outlet.draws_nothing(after=boot, for_s=STAYS_S)
                await outlet.off(after=boot, for_s=STAYS_S)
        async with step.test("the transaction's end is told as one by the reset", clauses.reset_told):
            await dialect.stopped_by_reset(charge, reset, within=boot.t - reset.t + patience_s)


@case("HIL_POWER_01")
async def test_supply_lost_under_load(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The transaction is told as ended by the loss of supply, or goes on; energy flows only where it goes on, and none is billed twice."""
    clauses, outlet = dialect.clauses, Outlet(station, bench)
    meter = station.evse_by_id(bench.evse).meter
    step_wh = dialect.register_step_wh(meter.resolution_wh if meter is not None else 1.0)
    async with dialect.authorizing(step), dialect.sampled(step, station.pixit.meter_value_interval_s):
        async with step.preamble("an EV that ignores the pilot charges"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet)
        async with step.preamble("the supply is lost under load and returns"):
            lost = await reading(bench, "power_analyzer")
            await loses_supply(csms, station, bench)
            await csms.connects(within=station.pixit.long_operation_timeout_s, after=lost)
            ended = await dialect.told_end(charge, lost)
        if ended is not None:
            async with step.test("the transaction's end is told as due to the loss of supply", clauses.power_loss_told):
                dialect.says_power_loss(ended)
            async with step.test("no energy flows without a transaction", clauses.authorized_first):
                await outlet.off()
        async with step.preamble("the transaction is over, the EV gone, and another one begins"):
            ended, begun = await _another(dialect, bench, charge, ended)
        async with step.test("the registers of its end and of the next begin are one", clauses.continuity + NOT_BILLED):
            ends, begins = dialect.end_registers(ended), dialect.begin_registers(begun)
            csms.holds("registers told", len(ends) + len(begins), (ended, begun.began), low=2)
            _same(csms, station, ends[0], begins[0], step_wh)


async def _another(dialect: Dialect, bench: Bench, charge: Charge, ended: Seen | None) -> tuple[Seen, Charge]:
    """The message that ended the transaction, and one that begins while nothing flows."""
    over = ended if ended is not None else await dialect.ended(charge, await dialect.remote_stop(charge))
    await bench.ev.request_energy(on=False)
    await bench.ev.unplug()
    await dialect.freed(charge)
    return over, await dialect.start_charging(energy=False)


def _same(csms: Csms, station: Station, end: Register, begin: Register, step_wh: float) -> None:
    """Nothing flowed from the end to the begin: a difference is energy that one of the two transactions is billed and never had."""
    csms.holds(
        "register at the next begin - register at the end",
        begin.energy_wh - end.energy_wh,
        (end.seen, begin.seen),
        low=-step_wh,
        high=step_wh,
        unit="Wh",
        bases=(station.pixit.basis("register_continuity"),),
    )
