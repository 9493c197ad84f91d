"""OCPP 2.0.1: TransactionEvents that are not answered, answered with errors, or taken while nobody can be told."""

from datetime import timedelta
from itertools import pairwise

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.messages201 import seq_no
from fixtures.outage16 import offline
from fixtures.procedures201 import Procedures201
from fixtures.steps import Steps
from fixtures.variables201 import AUTH_ENABLED, Setting, Variable, configured
from harness.charging.profiles16 import moment_of
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet
from testcases.robustness.energy_billed import billed_is_what_flowed, counted
from testcases.robustness.tellings import Telling, Tellings

VERSION = "2.0.1"
PAUSE_S, ATTEMPTS = 5, 3
EARLY_S = 1.0
ATTEMPTED = (
    Setting(Variable("OCPPCommCtrlr", "MessageAttempts", instance="TransactionEvent"), str(ATTEMPTS)),
    Setting(Variable("OCPPCommCtrlr", "MessageAttemptInterval", instance="TransactionEvent"), str(PAUSE_S)),
)
KNOWN_OFFLINE = (
    Setting(AUTH_ENABLED, "true", optional=True),
    Setting(Variable("AuthCacheCtrlr", "Enabled"), "true", optional=True),
    Setting(Variable("AuthCtrlr", "LocalAuthorizeOffline"), "true"),
)
OFFLINE_S = 60.0
MARGIN_S = 5.0
CLOCKS_S = 15.0
"""By how much the clocks of station and bench may differ: what is dated so near to an outage's ends is passed over (our figure)."""
SELDOM_S = 5.0

AGAIN = "OCPP 2.0.1 E13.FR.02: an event is sent again until it is processed or its attempts are spent"
SAME = "OCPP 2.0.1 E13.FR.02: this message is sent again; part 2, E 1.3.2.1 (seqNo)"
ONCE = "OCPP 2.0.1 E13.FR.02: sent again only as long as it keeps failing"
PAUSES = "OCPP 2.0.1 E13.FR.03: MessageAttemptInterval, multiplied by the number of preceding transmissions"
NEXT = "OCPP 2.0.1 E13.FR.04: after the final attempt the next message is sent"
LATER = "OCPP 2.0.1 E04.FR.01, E04.FR.02, E12.FR.01, E12.FR.02: what could not be told is queued, and sent when the connection is back"
MARKED = "OCPP 2.0.1 E04.FR.03, E11.FR.02, E12.FR.02: offline is true in what occurred offline"
NUMBERED = "OCPP 2.0.1 E01.FR.07, E04.FR.04, part 2, E 1.3.2.1: seqNo is raised by 1 with each event"


async def _runs(csms: Csms, tellings: Tellings, bench: Bench) -> Seen:
    """A transaction is asked for; its first event. For a preamble."""
    await bench.ev.plug_in()
    await bench.ev.request_energy(on=True)
    (await tellings.authorize()).has(status="Accepted")
    return await csms.eventually(tellings.begin.action, where=tellings.begin.where)


async def _answered_once(csms: Csms, tellings: Tellings, telling: Telling, first: Seen, patience_s: float) -> Seen:
    """The event comes again, is answered, and does not come any more. Raises StepOver."""
    again = await tellings.again(telling, first, SAME, patience_s)
    answered = await csms.answered(again)
    same = {name: first.get(name) for name in ("seqNo", "transactionInfo.transactionId")}
    await csms.never(telling.action, after=answered, within=2.0 * PAUSE_S, where=same, why=ONCE)
    return again


def _sample(charge: Charge) -> Telling:
    """A periodic sample in the middle of a transaction."""
    where = {"triggerReason": "MeterValuePeriodic", "transactionInfo.transactionId": charge.id}
    return Telling("TransactionEvent", where, ("eventType", "timestamp", "seqNo", "transactionInfo.transactionId"))


@case("ROB_EVENT_01")
async def test_unanswered(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One at the beginning, one in the middle, one at the end."""
    tellings, patience_s = Tellings(csms, station, bench, VERSION), station.pixit.long_operation_timeout_s
    interval_s = station.pixit.meter_value_interval_s
    async with dialect.sampled(step, interval_s), configured(csms, step, *ATTEMPTED):
        async with step.preamble("the first event of a transaction has no answer"):
            tellings.lose_answer(tellings.begin)
            first = await _runs(csms, tellings, bench)
        async with step.test("the first event is sent again, as it was, until it is answered", AGAIN):
            charge = await tellings.charge(await _answered_once(csms, tellings, tellings.begin, first, patience_s))
        async with step.preamble("a sample has no answer"):
            sample = _sample(charge)
            tellings.lose_answer(sample)
            taken = await csms.eventually(sample.action, within=2.0 * interval_s + patience_s, where=sample.where)
        async with step.test("the sample is sent again, as it was, until it is answered", AGAIN):
            same = {"seqNo": taken.get("seqNo"), "transactionInfo.transactionId": charge.id}
            repeated = Telling(sample.action, same, sample.same)
            await _answered_once(csms, tellings, repeated, taken, patience_s)
        async with step.preamble("the last event has no answer"):
            tellings.lose_answer(tellings.end)
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
        async with step.test("the last event is sent again, as it was, until it is answered", AGAIN):
            await _answered_once(csms, tellings, tellings.end, ended, patience_s)


@case("ROB_EVENT_02")
async def test_errors(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The first event of a transaction fails twice, and the first of another one for good."""
    tellings, patience_s = Tellings(csms, station, bench, VERSION), station.pixit.long_operation_timeout_s
    async with dialect.sampled(step, station.pixit.meter_value_interval_s), configured(csms, step, *ATTEMPTED):
        async with step.preamble("the first event of a transaction is answered with errors"):
            errors = csms.reply_error(
                "TransactionEvent", "InternalError", where=tellings.begin.where, times=ATTEMPTS - 1
            )
            sent = [await _runs(csms, tellings, bench)]
        async with step.test("it is sent again, as it was, until it is processed", AGAIN):
            for _ in range(ATTEMPTS - 1):
                sent.append(await tellings.again(tellings.begin, sent[-1], SAME, patience_s))
        async with step.test("the pauses before it grow", PAUSES):
            for number, (one, other) in enumerate(pairwise(sent), 1):
                what = f"pause before transmission {number + 1}"
                csms.holds(what, other.t - one.t, (one, other), low=PAUSE_S * number - EARLY_S, unit="s")
        async with step.preamble("it ends, and the first event of another one is never processed"):
            csms.standing(errors)
            charge = await tellings.charge(sent[-1])
            await dialect.ended(charge, await dialect.remote_stop(charge))
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await dialect.freed(charge)
            csms.reply_error("TransactionEvent", "InternalError", where=tellings.begin.where)
            lost = await _runs(csms, tellings, bench)
            mine = {"transactionInfo.transactionId": lost.get("transactionInfo.transactionId")}
        async with step.test("after the last attempt another event is sent, and that one no more", NEXT):
            tried = [lost]
            while len(tried) < ATTEMPTS:  # others may overtake it (E, 1.3.2)
                tried.append(await tellings.again(tellings.begin, tried[-1], SAME, patience_s))
            await csms.next(
                "TransactionEvent", since=tried[-1], within=patience_s, where=mine | {"eventType": "Updated"}
            )
            once_more_s = ATTEMPTS * PAUSE_S + MARGIN_S
            await csms.never(
                tellings.begin.action, after=tried[-1], within=once_more_s, where=mine | tellings.begin.where
            )
        async with step.preamble("it ends"):
            second = Charge(mine["transactionInfo.transactionId"], lost)
            await dialect.ended(second, await dialect.remote_stop(second))


@case("ROB_EVENT_03")
async def test_connection_breaks(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """In the moment between a request and its answer."""
    tellings, patience_s = Tellings(csms, station, bench, VERSION), station.pixit.long_operation_timeout_s
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        async with step.preamble("the first event has no answer; the connection breaks for a while"):
            tellings.lose_answer(tellings.begin)
            first = await _runs(csms, tellings, bench)
            cut, back = await _away(csms, bench, station)
        async with step.test("the first event is told again, as it was", AGAIN):
            charge = await tellings.charge(await tellings.again(tellings.begin, first, SAME, patience_s))
        async with step.test("what happened meanwhile is told, as offline", MARKED):
            await _marked(csms, bench, station, charge, cut, back)
        async with step.preamble("the last event has no answer; the connection breaks"):
            tellings.lose_answer(tellings.end)
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await csms.cut("reset")
            await csms.connects(within=patience_s)
        async with step.test("the last event is told again, as it was", AGAIN):
            await tellings.again(tellings.end, ended, SAME, patience_s)


async def _away(csms: Csms, bench: Bench, station: Station) -> tuple[Record, Record]:
    """The station cannot reach the CSMS for some samples. For a preamble; the records between which that was so."""
    csms.refuse()
    await csms.cut("reset")
    cut = await csms.disconnects(within=station.pixit.message_timeout_s)
    away_s = max(OFFLINE_S, 2.0 * station.pixit.meter_value_interval_s + 2.0 * CLOCKS_S)
    await bench.wait(away_s)
    csms.accept()
    return cut, await csms.connects(within=away_s + station.pixit.long_operation_timeout_s, after=cut)


async def _marked(csms: Csms, bench: Bench, station: Station, charge: Charge, cut: Record, back: Record) -> None:
    """Events that are dated well within an outage are told, each as offline. Raises StepOver."""
    await bench.wait(station.pixit.meter_value_interval_s + MARGIN_S)
    mine = csms.said("TransactionEvent", after=charge.began, where={"transactionInfo.transactionId": charge.id})
    begun, over = moment_of(cut.utc), moment_of(back.utc)
    margin = timedelta(seconds=CLOCKS_S)
    meanwhile = [one for one in mine if begun + margin < moment_of(one.get("timestamp")) < over - margin]
    csms.holds("events of the outage", len(meanwhile), tuple(meanwhile) or (charge.began,), low=1)
    unmarked = [one for one in meanwhile if one.get("offline") is not True]
    csms.holds("events of the outage that are not marked", len(unmarked), tuple(meanwhile), high=0)


@case("ROB_EVENT_04")
async def test_session_of_an_outage(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The token is known from the session before."""
    outlet, pixit = Outlet(station, bench), station.pixit
    async with configured(csms, step, *KNOWN_OFFLINE), dialect.sampled(step, pixit.meter_value_interval_s):
        known = await _made_known(csms, station, bench, step)
        before = await counted(bench)
        async with offline(csms, bench, step), step.preamble("a session begins and ends"), bench.sampling(SELDOM_S):
            await bench.wait(pixit.long_operation_timeout_s)  # it is given time to find out that it is offline
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
            await bench.wait(MARGIN_S)
            await bench.reader.present(str(pixit.valid_id_token))
            await outlet.draws()
            await bench.wait(OFFLINE_S)
            await bench.reader.present(str(pixit.valid_id_token))
            await outlet.rests()
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await bench.wait(MARGIN_S)
        async with step.preamble("the station is connected again"):
            if not csms.connected:
                await csms.connects(within=pixit.long_operation_timeout_s)
        async with step.test("its beginning is told", LATER):
            began = await csms.eventually(
                "TransactionEvent", since=known, within=pixit.long_operation_timeout_s, eventType="Started"
            )
            charge = Charge(began.get("transactionInfo.transactionId"), began)
        async with step.test("its end is told, once", LATER):
            mine = {"transactionInfo.transactionId": charge.id}
            last = mine | {"eventType": "Ended"}
            ended = await csms.eventually(
                "TransactionEvent", since=known, within=pixit.long_operation_timeout_s, where=last
            )
            await csms.never(
                "TransactionEvent", after=await csms.answered(ended), within=pixit.message_timeout_s, where=last
            )
        events = csms.said("TransactionEvent", after=known, where=mine)
        async with step.test("its beginning was told once", ONCE):
            first = [one for one in events if one.get("eventType") == "Started"]
            csms.holds("first events", len(first), tuple(first), low=1, high=1)
        async with step.test("each of its events is marked as offline", MARKED):
            unmarked = [one for one in events if one.get("offline") is not True]
            csms.holds("events that are not marked", len(unmarked), tuple(events), high=0)
        async with step.test("they are numbered without a gap", NUMBERED):
            numbers = sorted({seq_no(one) for one in events})
            missing = numbers[-1] - numbers[0] + 1 - len(numbers)
            csms.holds("numbers missing", missing, tuple(events), low=0, high=0)
        async with step.test("it bills what flowed", dialect.clauses.end_register):
            await billed_is_what_flowed(csms, dialect, station, bench, charge, ended, before)


async def _made_known(csms: Csms, station: Station, bench: Bench, step: Steps) -> Seen:
    """A session with the token, online, leaves it in the station's cache (C10); gives the answer to its end."""
    session = Procedures201(csms, station, bench)
    async with step.preamble("a session makes the token known"):
        rules = await session.learn_rules()
        await session.plug_in()
        await session.connector_is("Occupied", since=rules.told)
        await session.present()
        asked = await session.authorize_asked()
        await session.energy_flows(after=asked)
        await session.present()
        await bench.ev.request_energy(on=False)
        await bench.wait(MARGIN_S)
        await bench.ev.unplug()
        await session.connector_is("Available", since=asked)
        return await csms.answered(await csms.eventually("TransactionEvent", since=asked, eventType="Ended"))
