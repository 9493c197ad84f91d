"""Stations that are kept waiting for their registration (OCPP 2.0.1, B02)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.steps import Steps
from harness.model.station import Station

RETRY_S = 3600
"""Interval that a pending station is given: longer than the case, so that nothing but a trigger makes it register again."""

REPORT = 4242
MOST_PARTS = 500
"""Messages of one report; no station comes near it."""

TRIGGER_KEPT = (
    "OCPP 2.0.1 F06.FR.10, B02.FR.02: messages that are marked as accepted are sent, also before registration"
)
REPORTED = "OCPP 2.0.1 B02.FR.01, B07.FR.01, B07.FR.03: the report is sent, in one message or more"


@asynccontextmanager
async def _pending(csms: Csms, station: Station, step: Steps) -> AsyncIterator[Seen]:
    """Inside, the station has restarted and is pending; afterwards it is accepted. Gives its BootNotification."""
    within = station.pixit.long_operation_timeout_s
    script = csms.reply_with("BootNotification", status="Pending", interval=RETRY_S)
    try:
        async with step.preamble("the station restarts, and is told Pending"):
            reset = await csms.call("Reset", type="Immediate")
            reset.has(status="Accepted")
            boot = await csms.next("BootNotification", after=reset, within=within)
        yield boot
    finally:
        csms.standing(script)
        async with step.postamble("the station is accepted"):
            await csms.call("TriggerMessage", requestedMessage="BootNotification")
            await csms.eventually("BootNotification", within=within)
            await csms.eventually("StatusNotification", within=within)


@case("ROB_BOOT_01")
async def test_what_is_asked_of_a_pending_station(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """Two triggers, which the station may refuse, and a report, which it may not."""
    evse = station.evse_by_id(bench.evse)
    place = {"id": evse.id, "connectorId": evse.connectors[0].id}
    asked: dict[str, dict[str, Any]] = {"StatusNotification": {"evse": place}, "MeterValues": {"evse": {"id": evse.id}}}
    async with _pending(csms, station, step):
        for action, fields in asked.items():
            async with step.test(f"pending, it sends {action} if it accepts to", TRIGGER_KEPT):
                trigger = await csms.call("TriggerMessage", requestedMessage=action, **fields)
                if trigger.get("status") == "Accepted":
                    await csms.eventually(action, after=trigger)
        async with step.test("pending, it accepts to report its configuration", REPORTED):
            report = await csms.call("GetBaseReport", requestId=REPORT, reportBase="ConfigurationInventory")
            report.has(status="Accepted")
        async with step.test("pending, it sends every part of the report", REPORTED):
            for number in range(MOST_PARTS):
                part = await csms.eventually("NotifyReport", since=report, where={"requestId": REPORT, "seqNo": number})
                if not part.get("tbc", False):
                    break
