"""OCPP 1.6, core profile: registration after power-up, and the heartbeat."""

from fixtures.cases import case
from fixtures.configuration16 import change, configured, put, reads_back, restored
from fixtures.csms.facade import Csms, Seen, message
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Has

CURRENT = "OCPP 1.6 4.9; errata 3.22: the current status of connector 0 and of all connectors"
SAMPLING = "MeterValueSampleInterval"

IDLE_MESSAGES = (
    "StatusNotification",
    "MeterValues",
    "SecurityEventNotification",
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
)
"""What an idle station may send on its own account; a heartbeat may be left out after each (4.6)."""


async def _heartbeat(csms: Csms, after: Seen, within: float) -> Seen:
    """The next heartbeat, due `within` seconds after the latest message, for any message may stand for one (4.6).

    Gives the last of those messages for a station that sent them all that time: it is alive as 4.6 lets it.
    """
    latest = after
    while latest.t - after.t <= within:
        alternatives = (message(action) for action in ("Heartbeat", *IDLE_MESSAGES))
        latest = await csms.either(*alternatives, after=latest, within=within)
        if _is_heartbeat(latest):
            return latest
    return latest


def _is_heartbeat(seen: Seen) -> bool:
    return seen.record.frame is not None and seen.record.frame.action == "Heartbeat"


@case("TC_001_CS")
async def test_cold_boot(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A station that is switched on registers, waits as long as it is told when it is refused, reports itself and beats."""
    pixit = station.pixit
    interval_s, slack_s = pixit.heartbeat_interval_s, pixit.max_time_deviation_s
    quiet = {"ClockAlignedDataInterval": "0"}
    async with (
        restored(csms, step, station, "HeartbeatInterval"),
        configured(csms, step, station, {}, if_offered=quiet),
    ):
        async with step.preamble("the station is without supply; its first registration will be refused"):
            csms.reply_with("BootNotification", status="Accepted", interval=interval_s)
            csms.reply_with("BootNotification", status="Rejected", interval=interval_s, times=1)
            await procedures.switch_off()
        async with step.test("switched on, it registers before it sends anything else", "OCPP 1.6 4.2"):
            await procedures.switch_on()
            refused = await csms.next("BootNotification", within=pixit.long_operation_timeout_s)
            await csms.silence(within=0.0, allowed=("BootNotification",))
        async with step.test("refused, it sends nothing until the interval has passed", "OCPP 1.6 4.2: Rejected"):
            await csms.silence(after=refused, within=max(interval_s - slack_s, 0.0))
        async with step.test("it registers again, before it sends anything else", "OCPP 1.6 4.2"):
            # the interval is the least that it waits, and it may have to connect again
            patience_s = interval_s + pixit.long_operation_timeout_s
            accepted = await csms.next("BootNotification", after=refused, within=patience_s)
            await csms.silence(after=refused, within=accepted.t - refused.t, allowed=("BootNotification",))
        latest = await _all_available(csms, step, procedures, accepted)
        await _beats(csms, step, station, latest)
        async with step.test("what it told last of itself and of every connector is Available", CURRENT):
            told = [
                csms.last("StatusNotification", where={"connectorId": number}) for number in procedures.connector_ids
            ]
            stale = [one for one in told if one is None or one.get("status") != "Available"]
            shown = tuple(one for one in told if one is not None) or (latest,)
            csms.holds("places that are Available, and told to be something else", len(stale), shown, high=0)


async def _all_available(csms: Csms, step: Steps, procedures: Procedures16, accepted: Seen) -> Seen:
    """Every connector and the station itself are reported; gives the last of these messages."""
    async with step.test("accepted, it reports itself and every connector as Available", "OCPP 1.6 4.9; errata 3.22"):
        reports = (
            message("StatusNotification", connectorId=number, status="Available") for number in procedures.connector_ids
        )
        return max(await csms.all_of(*reports, after=accepted), key=lambda seen: seen.seq)


async def _beats(csms: Csms, step: Steps, station: Station, latest: Seen) -> None:
    interval_s, slack_s = station.pixit.heartbeat_interval_s, station.pixit.max_time_deviation_s
    async with step.test("it sends heartbeats at the interval it was given", "OCPP 1.6 4.6, 4.2; 9.1.10"):
        first = await _heartbeat(csms, latest, interval_s + slack_s)
        if _is_heartbeat(first):  # after other messages a heartbeat may come at any time
            await csms.never("Heartbeat", after=first, within=max(interval_s - slack_s, 0.0))
        await _heartbeat(csms, first, interval_s + slack_s)


@case("TC_002_CS")
async def test_pending(csms: Csms, station: Station, step: Steps, procedures: Procedures16) -> None:
    """A station that is told Pending answers, can be configured, sends nothing by itself, and registers again after the interval."""
    pixit = station.pixit
    interval_s, slack_s = pixit.heartbeat_interval_s, pixit.max_time_deviation_s
    sampled_s = str(pixit.meter_value_interval_s)
    quiet = {"ClockAlignedDataInterval": "0"}
    async with (
        restored(csms, step, station, "HeartbeatInterval", SAMPLING) as before,
        configured(csms, step, station, {}, if_offered=quiet),
    ):
        if SAMPLING in before and before[SAMPLING].value == sampled_s:
            async with step.preamble("the sample interval is another than the one to be set"):
                await put(csms, SAMPLING, str(2 * pixit.meter_value_interval_s))
        async with step.preamble("the station is without supply; it will be told Pending"):
            csms.reply_with("BootNotification", status="Accepted", interval=interval_s)
            csms.reply_with("BootNotification", status="Pending", interval=interval_s, times=1)
            await procedures.switch_off()
        async with step.test("switched on, it registers before it sends anything else", "OCPP 1.6 4.2"):
            await procedures.switch_on()
            pending = await csms.next("BootNotification", within=pixit.long_operation_timeout_s)
            await csms.silence(within=0.0, allowed=("BootNotification",))
        async with step.test("pending, it tells its configuration", "OCPP 1.6 4.2: Pending; 5.8"):
            told = await csms.call("GetConfiguration")
            told.has(configurationKey=Has({}))
        async with step.test("pending, it takes a new setting", "OCPP 1.6 4.2: Pending; 5.3"):
            await change(csms, SAMPLING, sampled_s)
        async with step.test("pending, it sends nothing until the interval has passed", "OCPP 1.6 4.2: Pending"):
            await csms.silence(after=pending, within=max(interval_s - slack_s, 0.0))
        async with step.test("it registers again, before it sends anything else", "OCPP 1.6 4.2"):
            patience_s = interval_s + pixit.long_operation_timeout_s
            accepted = await csms.next("BootNotification", after=pending, within=patience_s)
            await csms.silence(after=pending, within=accepted.t - pending.t, allowed=("BootNotification",))
        latest = await _all_available(csms, step, procedures, accepted)
        async with step.test("the setting holds", "OCPP 1.6 5.3: applied, and in force at once"):
            await reads_back(csms, SAMPLING, sampled_s)
        await _beats(csms, step, station, latest)
