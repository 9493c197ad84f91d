"""Sessions one after another, and over restarts: each is one of its own, and none is told twice."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import LINE_VOLTAGE_V, Charge, Dialect
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.charging.profiles16 import moment_of
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.mains import loses_supply

AGAIN = 2
"""Sessions that follow the first one at once."""

WATCHED_S = 20.0
ALIGNED_S = 30
SLACK = 1.2
"""A supply above its nominal voltage, and a current above the rating by the tolerance of a pilot."""

WHOLE_WH = 2.0
"""Two readings, each rounded to a watt-hour."""

STARTS = {
    "1.6": "OCPP 1.6 5.11, errata 3.32: a remote start that was accepted is attempted; 4.8: and told",
    "2.0.1": "OCPP 2.0.1 F01.FR.03, F01.FR.05: a TransactionEvent tells of the transaction that starts",
}
FLOWS = "OCPP 1.6 7.7: at Charging the EV is allowed to charge; OCPP 2.0.1 F01.FR.05, E01.FR.18: it is charged"
STOPPED = "OCPP 1.6 5.12, 4.10; OCPP 2.0.1 F03.FR.02, F03.FR.03"
UNPLUGGED = "OCPP 1.6 9.1.23: the transaction is stopped when the cable is unplugged from the EV; 4.10: and told"
OWN_ID = "OCPP 1.6 6.31, 4.7 and errata 3.16: the id of the transaction that is going on"
NONE_ID = "OCPP 1.6 4.7 and errata 3.16: the transactionId is that of a transaction that is going on"
DEAD = "OCPP 1.6 4.1: energy is supplied after authorization only"
ONE_REGISTER = (
    "OCPP 1.6 6.45, errata 3.78; OCPP 2.0.1 E01.FR.09, J02.FR.16: readings of a transaction are of one register"
)


@case("ROB_SESSION_01")
async def test_one_after_another(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """The driver stays plugged in, and the CSMS stops and starts without a pause."""
    outlet = Outlet(station, bench)
    async with step.preamble("an EV charges"):
        charge: Charge | None = await begin_charging(dialect, outlet)
    for number in range(2, AGAIN + 2):
        async with step.test(f"the transaction before number {number} is stopped, and its end is told", STOPPED):
            assert charge is not None  # the loop ends without one
            stopped = await dialect.stop_told(charge, await dialect.remote_stop(charge))
        charge = await _next(csms, dialect, station, bench, step, ocpp, number, stopped)
        if charge is None:
            return
        async with step.test(f"current flows in transaction {number}", FLOWS):
            await outlet.draws()


async def _next(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str, number: int, stopped: Seen
) -> Charge | None:
    """The next transaction with the cable as it is; none from a station that does not go on like that."""
    if ocpp != "1.6":
        if stopped.get("eventType") != "Ended":
            return None  # its TxStopPoint lets a transaction end with the cable only
        async with step.test(f"transaction {number} is told", STARTS[ocpp]):
            return await dialect.remote_start(stopped)
    procedures = Procedures16(csms, station, bench)
    fields = {"idTag": station.pixit.valid_id_token, "connectorId": procedures.connector_id}
    async with step.preamble(f"a remote start of transaction {number} is answered"):
        reply = await csms.call("RemoteStartTransaction", fields)
    if reply.get("status") != "Accepted":
        return None
    async with step.test(f"transaction {number} is told", STARTS[ocpp]):
        began = await csms.eventually("StartTransaction", since=stopped, connectorId=procedures.connector_id)
    return Charge((await csms.answered(began)).get("transactionId"), began)


@case("ROB_SESSION_02")
async def test_ended_by_unplugging(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """What is judged of the first end is that it comes before the second beginning: that is for the always-on rules."""
    del ocpp
    pixit, outlet = station.pixit, Outlet(station, bench)
    interval_s = pixit.meter_value_interval_s
    wanted = {"StopTransactionOnEVSideDisconnect": "true", "MeterValueSampleInterval": str(interval_s)}
    async with configured(csms, step, station, wanted):
        async with step.preamble("a session, with a sample, ends by unplugging"):
            first = await begin_charging(dialect, outlet)
            await _sample(csms, first, interval_s + pixit.message_timeout_s)
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await dialect.freed(first)
        async with step.preamble("another EV charges"):
            second = await begin_charging(dialect, outlet)
        async with step.test("its samples carry its id", OWN_ID):
            sample = await csms.next("MeterValues", after=second.began, within=interval_s + pixit.message_timeout_s)
            sample.has(transactionId=second.id)
        async with step.test("the end of the second is told", UNPLUGGED):
            await bench.ev.unplug()
            await csms.eventually("StopTransaction", transactionId=second.id)


async def _sample(csms: Csms, charge: Charge, within: float) -> None:
    await csms.eventually("MeterValues", after=charge.began, within=within)


@case("ROB_SESSION_03")
async def test_samples_of_an_idle_connector(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The meter of the connector goes on being read at times of the clock."""
    async with configured(csms, step, station, {"ClockAlignedDataInterval": str(ALIGNED_S)}):
        async with step.preamble("a session has ended"):
            charge = await begin_charging(dialect, Outlet(station, bench))
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await bench.ev.request_energy(on=False)
            await bench.ev.unplug()
            await dialect.freed(charge)
        async with step.test("no value that is taken now belongs to it", NONE_ID):
            await csms.never("MeterValues", after=ended, within=3 * ALIGNED_S, transactionId=charge.id)


async def _restarts(csms: Csms, dialect: Dialect, station: Station, bench: Bench) -> Record:
    """Without supply and with it again, or by a reset where the bench cannot; the boot that follows. For a preamble."""
    if bench.has("ac_source"):
        await loses_supply(csms, station, bench)
    else:
        await dialect.reset()
    boot = await csms.eventually("BootNotification", within=2 * station.pixit.long_operation_timeout_s)
    return boot.record


@case("ROB_SESSION_04")
async def test_restart_after_a_session(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The session is over and told; the EV is still there and asks."""
    procedures = Procedures16(csms, station, bench)
    told = {"StopTxnSampledData": "Energy.Active.Import.Register"}
    async with configured(csms, step, station, {}, if_offered=told):
        async with step.preamble("a session ends, and the station restarts with the cable in"):
            charge = await begin_charging(dialect, Outlet(station, bench))
            ended = await dialect.ended(charge, await dialect.remote_stop(charge))
            await csms.answered(ended)
            await bench.wait(station.pixit.message_timeout_s)  # an answer that the loss of supply overtakes is none
            await procedures.energy_stops(after=ended)
            boot = await _restarts(csms, dialect, station, bench)
        async with step.test("no energy flows", DEAD):
            await procedures.no_energy(WATCHED_S)
        async with step.test(
            "the session is not ended again", "OCPP 1.6 4.10, 3.7: the end of a transaction is told once"
        ):
            await csms.never("StopTransaction", after=boot, within=WATCHED_S, transactionId=charge.id)
        async with step.preamble("a remote start is answered, or the cable plugged in anew first"):
            fields = {"idTag": procedures.tag, "connectorId": procedures.connector_id}
            reply = await csms.call("RemoteStartTransaction", fields)
            if reply.get("status") != "Accepted":
                await bench.ev.unplug()
                await csms.eventually(
                    "StatusNotification", since=reply, connectorId=procedures.connector_id, status="Available"
                )
                await procedures.plug_in()
                reply = await csms.call("RemoteStartTransaction", fields)
                reply.has(status="Accepted")
        async with step.test("the transaction is told", STARTS["1.6"]):
            await csms.eventually("StartTransaction", after=reply, connectorId=procedures.connector_id)
        async with step.test("current flows", FLOWS):
            await procedures.energy_flows()


@case("ROB_SESSION_05")
async def test_register_after_a_restart(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """A register that begins at zero, and is the meter's in the first sample, bills what others have drawn before."""
    outlet, interval_s = Outlet(station, bench), station.pixit.meter_value_interval_s
    async with dialect.sampled(step, interval_s):
        async with step.preamble("a session has left something in the register"):
            first = await begin_charging(dialect, outlet)
            await dialect.next_sample(first, first.began)
            await dialect.ended(first, await dialect.remote_stop(first))
            await bench.ev.unplug()
            await dialect.freed(first)
        async with step.preamble("the station restarts with the cable in, and a transaction begins"):
            await bench.ev.plug_in()
            boot = await _restarts(csms, dialect, station, bench)
            await bench.ev.request_energy(on=True)
            second = await dialect.remote_start(boot)
            sample = await dialect.next_sample(second, second.began)
        async with step.test("the first sample goes on from the beginning", ONE_REGISTER):
            begins = dialect.begin_registers(second)
            csms.holds("registers told at the beginning", len(begins), (second.began,), low=1)
            begin = begins[0]
            grown_s = (
                max(0.0, (moment_of(sample.at) - moment_of(begin.at)).total_seconds())
                + station.pixit.max_time_deviation_s
            )
            most_w = SLACK * outlet.phases * outlet.rated_current_a * LINE_VOLTAGE_V
            csms.holds(
                "register of the first sample - register at the beginning",
                sample.energy_wh - begin.energy_wh,
                (begin.seen, sample.seen),
                low=-WHOLE_WH,
                high=most_w * grown_s / 3600.0 + WHOLE_WH,
                unit="Wh",
            )
