"""OCPP 1.6: a CSMS that refuses, or is slow; and one that is spoken to by nobody."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.starting16 import boots
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf
from testcases.physical.charging import CHARGING_A, Outlet
from testcases.robustness.survival import Survival

TRIGGERED = "OCPP 1.6 5.17: the message that was triggered follows; OCPP-J 1.6 4.2.3: an error is an answer"
STARTED = "OCPP 1.6 4.8: a StartTransaction.req tells of a transaction that has been started; 5.11"
FLOWS = "OCPP 1.6 4.1, 7.7: energy is supplied to an authorized transaction"
ENDED = "OCPP 1.6 5.12, 4.10: StopTransaction.req; 6.49: with the transactionId of StartTransaction.conf"
SILENT = "OCPP 1.6 4.6: a heartbeat tells that the station is alive and connected; one without supply is neither"
REGISTERS = "OCPP 1.6 4.2: BootNotification each time it boots or reboots"
OPTIONAL = ("FirmwareStatusNotification", "DiagnosticsStatusNotification", "Heartbeat", "StatusNotification")
ROUNDS = 6
LATE_S = 8.0
QUEUED = 4
"""Messages that may wait for their late answers before the one that a step looks for: a station sends one at a time (OCPP-J 1.6, 4.1.1)."""
SLOWED = ("Authorize", "StartTransaction", "StopTransaction", "MeterValues", "StatusNotification", "Heartbeat")
EMPTY_S, WATCHED_S = 60.0, 120.0


@case("ROB_ANSWER_01")
async def test_everything_optional_refused(csms: Csms, step: Steps, survival: Survival) -> None:
    """NotSupported is what a small CSMS says to messages that it has no use for."""
    async with step.preamble("the station answers; the CSMS will refuse what is optional"):
        await survival.answers()
        for action in OPTIONAL:
            csms.reply_error(action, "NotSupported")
    for action in OPTIONAL:
        async with step.test(f"{action} is sent as often as it is triggered", TRIGGERED):
            for _ in range(ROUNDS):
                asked = await csms.call("TriggerMessage", requestedMessage=action)
                if asked.get("status") == "Accepted":  # it may lack the message (5.17: NotImplemented)
                    await csms.next(action, after=asked)
    async with step.test("it answers a request", survival.clause):
        await survival.answers()


@case("ROB_ANSWER_02")
async def test_slow_answers(csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16) -> None:
    """Late, and in time: less than any station's patience, and long beside what happens meanwhile."""
    patience_s, connector = station.pixit.long_operation_timeout_s + QUEUED * LATE_S, procedures.connector_id
    outlet = Outlet(station, bench)
    async with step.preamble("an EV is plugged in; every answer will be late"):
        await procedures.plug_in()
        await csms.eventually("StatusNotification", connectorId=connector, status="Preparing")
        for action in SLOWED:
            csms.reply_with(action, delay_s=LATE_S)
    async with step.test("a transaction starts", STARTED):
        asked = await csms.call("RemoteStartTransaction", idTag=procedures.tag, connectorId=connector)
        asked.has(status="Accepted")
        await csms.next("StartTransaction", after=asked, within=patience_s)
    async with step.test("current flows, and goes on flowing", FLOWS):
        await outlet.draws()
        await bench.stays("charging current", outlet.currents, low=CHARGING_A, for_s=3 * LATE_S)
    async with step.preamble("the ids that the CSMS gave are known"):
        given = [await csms.answered(one) for one in csms.said("StartTransaction", after=asked)]
        ids = tuple(int(one.get("transactionId")) for one in given)
    async with step.test("it ends, with a transactionId that the CSMS gave", ENDED):
        stopped = await csms.call("RemoteStopTransaction", transactionId=ids[-1])
        stopped.has(status="Accepted")
        ended = await csms.next("StopTransaction", after=stopped, within=patience_s)
        ended.has(transactionId=OneOf(ids))


@case("ROB_SUPPLY_01")
async def test_no_supply_no_word(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, survival: Survival
) -> None:
    """Where a cloud speaks for the station, it must know whether there is one."""
    async with step.preamble("the station answers; then it is without supply, for a minute"):
        before = await survival.answers()
        await bench.mains.output(on=False)
        await bench.wait(EMPTY_S)
    async with step.test("nothing is heard of it", SILENT):
        await csms.silence(within=WATCHED_S)
    async with step.test("with the mains the station registers", REGISTERS):
        await procedures.switch_on()
        await boots(csms, since=before, within=station.pixit.long_operation_timeout_s)
