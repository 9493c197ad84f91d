"""OCPP 1.6: sessions without the CSMS, more of them and worse ones than the test case document has."""

from collections.abc import Iterator

from bench.errors import RoleAbsent
from bench.roles import EvSimulator
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.plans import Plan
from fixtures.outage16 import known_offline, offline
from fixtures.procedures16 import Procedures16
from fixtures.starting16 import boots
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import SameToken
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging

CONNECTS = "OCPP 1.6 3.5, 3.7: offline until it is connected again"
REGISTERS = "OCPP 1.6 4.2: BootNotification each time it boots or reboots"
TOLD = "OCPP 1.6 3.7, 3.7.1: transaction-related messages are queued, and skipped only after repeated failures; 4.8"
WHOSE = "OCPP 1.6 6.45, 3.8: the connector of the transaction and the tag that it was begun with; 3.7"
THEN_ENDED = "OCPP 1.6 3.7: in chronological order; 4.10"
AS_GIVEN = "OCPP 1.6 6.49; errata 3.18: the transactionId of StartTransaction.conf, and -1 only where none came"
DATA = "OCPP 1.6 9.1.27 StopTxnSampledData, 3.16.1: the measurand in the transactionData of StopTransaction.req; 3.7"
CHANGED = "OCPP 1.6 4.9: the current status, if it changed while offline; errata 3.19"
REGISTER = "Energy.Active.Import.Register"
SESSIONS = 10
SESSION_S = 95.0
"""With values every SAMPLED_S, ten of them make over a hundred messages."""
SPARE_S = 20.0
SAMPLED_S = 10
SELDOM_S = 5.0
SETTLED_S = 3.0
PAUSE_AFTER_S = 60
"""After a schedule began; by then the station is offline."""


def _evs(bench: Bench, station: Station) -> Iterator[tuple[int, EvSimulator]]:
    """Connector number (3.8) and car of every EVSE that has a car on this bench, that under test first."""
    numbers, before = {}, 1
    for evse in station.evse:
        numbers[evse.id] = before
        before += len(evse.connectors)
    for evse_id in sorted(numbers, key=lambda one: one != bench.evse):
        try:
            yield numbers[evse_id], bench.ev_at(evse_id)
        except RoleAbsent:
            continue


async def _session(bench: Bench, ev: EvSimulator, tag: str, seconds: float) -> None:
    """A driver comes, charges for so long, and goes; nobody can be asked, which a station may find out in message_timeout_s only."""
    await ev.plug_in()
    await ev.request_energy(on=True)
    await bench.wait(SETTLED_S)
    await bench.reader.present(tag)
    await bench.wait(seconds)
    await bench.reader.present(tag)
    await bench.wait(SETTLED_S)
    await ev.request_energy(on=False)
    await ev.unplug()
    await bench.wait(SETTLED_S)


async def _told(
    csms: Csms, step: Steps, after: Seen | Record, connector: int, tag: str, within: float, which: str
) -> Seen:
    """Start and end of a session, the first ones after `after`; gives the end."""
    async with step.test(f"the start of {which} is told", TOLD):
        began = await csms.next("StartTransaction", after=after, within=within)
        began.has(connectorId=connector, idTag=SameToken(tag), why=WHOSE)
        answer = await csms.answered(began)
    async with step.test(f"then the end of {which}, with its transactionId", f"{THEN_ENDED}; {AS_GIVEN}"):
        ended = await csms.next("StopTransaction", after=began, within=within)
        return ended.has(transactionId=answer.get("transactionId"), why=AS_GIVEN)


@case("ROB_OFFLINE_01")
async def test_restart_in_an_outage(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """A session on each connector, a loss of supply, and one more that ends online."""
    tag, patience_s = procedures.tag, station.pixit.long_operation_timeout_s
    async with known_offline(csms, step, station, procedures, tag):
        evs = list(_evs(bench, station))
        async with step.preamble("the station answers"):
            heard = await csms.call("GetConfiguration", key=["HeartbeatInterval"])
        short_s = station.pixit.message_timeout_s + SPARE_S
        async with (
            offline(csms, bench, step),
            step.preamble("a session on each connector, and the supply goes and comes"),
            bench.sampling(SELDOM_S),
        ):
            await bench.wait(patience_s)  # it is given time to find out that it is offline
            for _, ev in evs:
                await _session(bench, ev, tag, short_s)
            await procedures.switch_off()
            await procedures.switch_on()
            await bench.wait(short_s)
            await _session(
                bench, evs[0][1], tag, short_s
            )  # whether it is let charge before the boot is accepted is left open (4.2.1)
        async with step.test("the station connects and registers", f"{CONNECTS}; {REGISTERS}"):
            await csms.connects(within=2 * patience_s)
            last: Seen | Record = await boots(csms, since=heard, within=patience_s)
        for connector, _ in evs:
            last = await _told(csms, step, last, connector, tag, patience_s, f"the session on connector {connector}")
        async with step.preamble("what else was waiting is told"):
            await bench.wait(station.pixit.message_timeout_s)
        began = await _begun_offline(csms, station, bench, step, procedures, tag)
        async with step.test("a transaction that began offline is told", TOLD):
            await csms.connects(within=patience_s)
            told = await csms.next("StartTransaction", after=began, within=patience_s)
            transaction = (await csms.answered(told)).get("transactionId")
        async with step.preamble("it is stopped remotely"):
            stopped = await csms.call("RemoteStopTransaction", transactionId=transaction)
            stopped.has(status="Accepted")
        async with step.test("its end bears the transactionId that it was given", AS_GIVEN):
            await csms.next("StopTransaction", after=stopped, transactionId=transaction)


async def _begun_offline(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, tag: str
) -> Seen:
    """A session begins in another outage, and goes on; gives the last thing that was heard before it."""
    async with step.preamble("the station answers"):
        heard = await csms.call("GetConfiguration", key=["HeartbeatInterval"])
    async with offline(csms, bench, step), step.preamble("a session begins"):
        await procedures.plug_in()
        await bench.wait(SETTLED_S)
        await bench.reader.present(tag)
        await procedures.energy_flows(within=station.pixit.long_operation_timeout_s)
        await bench.wait(station.pixit.message_timeout_s)
    return heard


@case("ROB_OFFLINE_02")
async def test_ten_sessions(csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """More messages wait than a small queue holds."""
    tag, patience_s = procedures.tag, station.pixit.long_operation_timeout_s
    sampled = {"MeterValueSampleInterval": str(SAMPLED_S)}
    async with known_offline(csms, step, station, procedures, tag, settings=sampled):
        async with offline(csms, bench, step), step.preamble(f"{SESSIONS} sessions"), bench.sampling(SELDOM_S):
            await bench.wait(patience_s)
            for _ in range(SESSIONS):
                await _session(bench, bench.ev, tag, SESSION_S)
        async with step.test("the station connects again", CONNECTS):
            last: Seen | Record = await csms.connects(within=patience_s)
        for number in range(1, SESSIONS + 1):
            which = f"session {number}"
            last = await _told(csms, step, last, procedures.connector_id, tag, patience_s, which)


@case("ROB_OFFLINE_03")
async def test_transaction_data(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """The readings that a bill rests on, where they come with the end of the transaction."""
    interval_s = station.pixit.meter_value_interval_s
    wanted = {"StopTxnSampledData": REGISTER, "MeterValueSampleInterval": str(interval_s)}
    async with configured(csms, step, station, wanted):
        async with step.preamble("a transaction runs"):
            await procedures.reach("Charging")
        async with offline(csms, bench, step), step.preamble("samples become due; the driver ends the session"):
            await bench.wait(2 * interval_s)
            await bench.reader.present(procedures.tag)
            await bench.wait(station.pixit.message_timeout_s)
        async with step.test("the station connects again", CONNECTS):
            connected = await csms.connects(within=station.pixit.long_operation_timeout_s)
        async with step.test("the end of the transaction is told, with its data", DATA):
            ended = await csms.next("StopTransaction", after=connected, transactionId=procedures.transaction.id)
            csms.holds("values of the register in transactionData", _values(ended), (ended,), low=1)


@case("ROB_OFFLINE_04")
async def test_pause_of_a_schedule(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """It begins while nobody hears of it, and goes on."""
    outlet = Outlet(station, bench)
    async with bench.sampling(SELDOM_S):
        async with step.preamble("an EV charges"):
            charge = await begin_charging(dialect, outlet)
        periods = ((0, outlet.rated_current_a), (PAUSE_AFTER_S, 0.0))
        plan = Plan(253, "transaction", "Absolute", periods, start=csms.utc(), transaction_id=charge.id)
        async with step.preamble("a schedule will pause it"):
            told = await dialect.plans.install(plan)
        async with offline(csms, bench, step), step.preamble("the pause begins"):
            await bench.wait(PAUSE_AFTER_S)
            await outlet.comes_below(station.pixit.noise_floor_a, after=told)
        async with step.test("the station connects again", CONNECTS):
            connected = await csms.connects(within=station.pixit.long_operation_timeout_s)
        async with step.test("SuspendedEVSE is reported", CHANGED):
            connector = procedures.connector_id
            await csms.eventually("StatusNotification", since=connected, connectorId=connector, status="SuspendedEVSE")
        async with step.postamble("the profile is cleared"):
            await dialect.plans.remove(plan)


def _values(ended: Seen) -> int:
    """How many sampled values are of the import register, which is the measurand where none is named (7.43)."""
    data = ended.get("transactionData")
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    sampled = [one for row in rows for one in row.get("sampledValue") or () if isinstance(one, dict)]
    return sum(one.get("measurand", REGISTER) == REGISTER for one in sampled)
