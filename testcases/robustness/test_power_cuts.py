"""The supply is lost at a step of a session at which something is half done, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.mains import loses_supply
from testcases.physical.measuring import reading
from testcases.robustness.energy_billed import billed_is_what_flowed, counted
from testcases.robustness.limits import CLAUSES, limited, stays_below
from testcases.robustness.tellings import Tellings

WATCHED_S = 20.0
CHARGES_S = 30.0

AGAIN = {
    "1.6": "OCPP 1.6 3.7.1, 3.7, 4.8, 4.10: a transaction-related message is sent again until it is processed",
    "2.0.1": "OCPP 2.0.1 E13.FR.02, E04.FR.01, E04.FR.02: a transaction-related message is sent again until it is processed",
}
SAME = {
    "1.6": "OCPP 1.6 3.7.1: this message is sent again; 6.45, 6.49",
    "2.0.1": "OCPP 2.0.1 E13.FR.02: this message is sent again; part 2, E 1.3.2.1 (seqNo)",
}
ONCE = {
    "1.6": "OCPP 1.6 3.7.1: sent again only as long as it keeps failing",
    "2.0.1": "OCPP 2.0.1 E13.FR.02: sent again only as long as it keeps failing",
}
TOLD = {
    "1.6": "OCPP 1.6 4.1, 4.8: energy after authorization only, and StartTransaction tells of it",
    "2.0.1": "OCPP 2.0.1 C01.FR.01, E01, E03.FR.01: energy after authorization only, which a TransactionEvent tells of",
}
AT_ONCE = {
    "1.6": "OCPP 1.6 4.1, 4.8: a transaction begins once somebody was authorized for it",
    "2.0.1": "OCPP 2.0.1 C01.FR.01, E03.FR.01, E04: the transaction that was interrupted goes on or ends; another takes another authorization",
}
STARTS = "OCPP 1.6 4.8, 5.11; OCPP 2.0.1 F01.FR.03, F01.FR.05: the transaction that was accepted begins"


@case("ROB_POWER_01")
async def test_before_a_transaction(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """First the cable without a driver, then the driver without a cable."""
    tellings, outlet = Tellings(csms, station, bench, ocpp), Outlet(station, bench)
    async with dialect.authorizing(step):
        async with step.preamble("an EV is plugged in and asks; the supply is lost and returns"):
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
            first = boot = await _restarts(csms, station, bench)
        async with step.test("no energy flows, for nobody was authorized", dialect.clauses.authorized_first):
            await bench.wait(WATCHED_S)
            await outlet.draws_nothing(after=boot, for_s=WATCHED_S)
        async with step.preamble("the EV leaves; a driver is authorized; the supply is lost and returns; the EV comes"):
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await bench.wait(WATCHED_S)
            (await tellings.authorize()).has(status="Accepted")
            boot = await _restarts(csms, station, bench)
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
            await bench.wait(WATCHED_S)
            told = await tellings.authorized(first)  # one that began with the authorization may go on over the loss
        if not told:
            async with step.test("no energy flows, for no transaction is told", TOLD[ocpp]):
                await outlet.draws_nothing(after=boot, for_s=WATCHED_S)
        async with step.test("a session begins as any other", STARTS):
            charge = await tellings.charge(told[0]) if told else await dialect.remote_start(boot)
            await outlet.draws()
        async with step.preamble("it ends, and the EV leaves"):
            await dialect.ended(charge, await dialect.remote_stop(charge))
            await _leaves(dialect, bench, charge)


async def _restarts(csms: Csms, station: Station, bench: Bench) -> Seen:
    """The supply goes and comes back, and the station registers. For a preamble."""
    await loses_supply(csms, station, bench)
    return await csms.eventually("BootNotification", within=2 * station.pixit.long_operation_timeout_s)


async def _leaves(dialect: Dialect, bench: Bench, charge: Charge) -> None:
    await bench.ev.request_energy(on=False)
    await bench.ev.unplug()
    await dialect.freed(charge)


@case("ROB_POWER_02")
async def test_while_it_begins(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """The message is out, and nobody knows whether it arrived."""
    tellings, patience_s = Tellings(csms, station, bench, ocpp), station.pixit.long_operation_timeout_s
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        async with step.preamble("the beginning of a transaction has no answer yet; the supply is lost and returns"):
            before = await counted(bench)
            tellings.lose_answer(tellings.begin)
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
            (await tellings.authorize()).has(status="Accepted")
            first = await csms.eventually(tellings.begin.action, where=tellings.begin.where)
            await _restarts(csms, station, bench)
        async with step.test("the beginning is told again, as it was", AGAIN[ocpp]):
            charge = await tellings.charge(await tellings.again(tellings.begin, first, SAME[ocpp], patience_s))
        ended = await _ends_once(csms, dialect, station, bench, step, charge, first.record)
        async with step.preamble("the EV leaves"):
            await _leaves(dialect, bench, charge)
        async with step.test("it bills what flowed", dialect.clauses.end_register):
            await billed_is_what_flowed(csms, dialect, station, bench, charge, ended, before)


async def _ends_once(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, charge: Charge, lost: Record
) -> Seen:
    """The transaction that lost its supply ends by that, or goes on until it is stopped; gives the message of its end."""
    async with step.preamble("what becomes of the transaction is told"):
        ended = await dialect.told_end(charge, lost)
    return await _told_once(csms, dialect, station, bench, step, charge, lost, ended)


async def _told_once(
    csms: Csms,
    dialect: Dialect,
    station: Station,
    bench: Bench,
    step: Steps,
    charge: Charge,
    lost: Record,
    ended: Seen | None,
) -> Seen:
    if ended is not None:
        async with step.test("its end is told as due to the loss of supply", dialect.clauses.power_loss_told):
            dialect.says_power_loss(ended)
    else:
        async with step.test("its end is told, or it goes on until it is stopped", dialect.trouble.clauses.one_end):
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
    async with step.test("its end is told once", dialect.trouble.clauses.one_end):
        await bench.wait(station.pixit.message_timeout_s)
        ends = dialect.trouble.ends(charge, lost)
        csms.holds("messages that end it", len(ends), tuple(ends) or (ended,), low=1, high=1)
    return ended


@case("ROB_POWER_03")
async def test_while_the_ev_pauses(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that is full for the moment, and asks again when the supply is back."""
    outlet = Outlet(station, bench)
    async with dialect.authorizing(step), dialect.sampled(step, station.pixit.meter_value_interval_s):
        async with step.preamble("an EV charges and pauses; the supply is lost and returns; the EV asks again"):
            before = await counted(bench)
            charge = await begin_charging(dialect, outlet)
            await bench.wait(CHARGES_S)
            await bench.ev.request_energy(on=False)
            await outlet.rests()
            paused = await csms.answered(charge.began)
            await _restarts(csms, station, bench)
            await bench.ev.request_energy(on=True)
        ended = await _ends_once(csms, dialect, station, bench, step, charge, paused.record)
        async with step.test("no energy flows once it has ended", dialect.clauses.authorized_first):
            await outlet.rests(holds=WATCHED_S)
        async with step.preamble("the EV leaves"):
            await _leaves(dialect, bench, charge)
        async with step.test("it bills what flowed", dialect.clauses.end_register):
            await billed_is_what_flowed(csms, dialect, station, bench, charge, ended, before)


@case("ROB_POWER_05")
async def test_while_a_limit_pauses(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """An EV that asks all the time, and is given nothing: before, for the limit; afterwards for it, or because nobody is authorized any more."""
    tellings, pixit = Tellings(csms, station, bench, ocpp), station.pixit
    async with dialect.authorizing(step), dialect.sampled(step, pixit.meter_value_interval_s):
        async with step.preamble("the outlet is at rest"):
            before = await counted(bench)
        async with limited(dialect, station, bench, step, 0.0) as (charge, _):
            async with step.preamble("the supply is lost and returns; what becomes of the transaction is told"):
                paused = await reading(bench, "power_analyzer")
                boot = await _restarts(csms, station, bench)
                ended = await dialect.told_end(charge, paused)
            holds = CLAUSES[ocpp].restart if ended is None else dialect.clauses.authorized_first
            async with step.test("no other transaction begins for that driver", AT_ONCE[ocpp]):
                await bench.wait(WATCHED_S)
                begun = await tellings.authorized(boot)
                others = [one for one in begun if (await tellings.charge(one)).id != charge.id]
                csms.holds("transactions begun since the restart", len(others), tuple(others) or (boot,), high=0)
            async with step.test("no current flows after the restart", holds):
                now = await reading(bench, "power_analyzer")
                await stays_below(station, bench, 0.0, paused, now.t - paused.t)
            ended = await _told_once(csms, dialect, station, bench, step, charge, paused, ended)
            async with step.preamble("the EV leaves"):
                await _leaves(dialect, bench, charge)
            async with step.test("it bills what flowed", dialect.clauses.end_register):
                await billed_is_what_flowed(csms, dialect, station, bench, charge, ended, before)
            async with step.preamble("another session begins"):
                await dialect.start_charging()
            async with step.test("the next transaction is charged without that limit", CLAUSES[ocpp].next_transaction):
                await Outlet(station, bench).draws()


@case("ROB_POWER_04")
async def test_while_it_ends(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """Stopped, told, and not heard."""
    tellings, outlet, pixit = Tellings(csms, station, bench, ocpp), Outlet(station, bench), station.pixit
    async with dialect.authorizing(step), dialect.sampled(step, pixit.meter_value_interval_s):
        async with step.preamble("the end of a transaction has no answer yet; the supply is lost and returns"):
            before = await counted(bench)
            charge = await begin_charging(dialect, outlet)
            await bench.wait(CHARGES_S)
            tellings.lose_answer(tellings.end)
            first = await dialect.ended(charge, await dialect.remote_stop(charge))
            await _restarts(csms, station, bench)
        async with step.test("the end is told again, as it was", AGAIN[ocpp]):
            again = await tellings.again(tellings.end, first, SAME[ocpp], pixit.long_operation_timeout_s)
        async with step.test("once it is answered it is told no more", ONCE[ocpp]):
            answered = await csms.answered(again)
            mine = tellings.of(charge.id)
            await csms.never(tellings.end.action, after=answered, within=pixit.message_timeout_s, where=mine)
        async with step.test("no energy flows", dialect.clauses.authorized_first):
            await outlet.draws_nothing(after=answered, for_s=WATCHED_S)
        async with step.preamble("the EV leaves"):
            await _leaves(dialect, bench, charge)
        async with step.test("it bills what flowed", dialect.clauses.end_register):
            await billed_is_what_flowed(csms, dialect, station, bench, charge, first, before)
