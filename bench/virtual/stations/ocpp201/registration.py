"""From an open connection to normal operation: BootNotification, statuses, heartbeat (B01 to B04, G02)."""

import asyncio
from typing import Any

from ocpp.exceptions import OCPPError, SecurityError

from bench.virtual.stations.board import BootReason
from bench.virtual.stations.ocpp201.endpoint import CALL, Endpoint
from bench.virtual.stations.ocpp201.firmware import Firmware

RETRY_S = 30.0
"""Wait between BootNotifications when the CSMS does not answer or gives no interval (B02.FR.07, B03.FR.05)."""


ROUNDING_S = 1e-6
"""A wait shorter than this may be less than the clock can tell: it would never end."""


class Registration:
    """The station's standing with the CSMS over one power-up."""

    def __init__(self, firmware: Firmware, reason: BootReason) -> None:
        self._firmware = firmware
        self._reason = reason
        self._status: str | None = None
        self._not_before = 0.0
        self._events_due = ["StartupOfTheDevice" if reason == "PowerUp" else "ResetOrReboot"]
        self._offline_since: float | None = None

    @property
    def pending(self) -> bool:
        """Whether the CSMS has not accepted the station yet."""
        return not self._firmware.accepted

    def gate(self, _action: str) -> OCPPError | None:
        """The error for a CALL that may not be served now: all of them while rejected (B03.FR.08)."""
        return SecurityError() if self._status == "Rejected" else None  # type: ignore[no-untyped-call]

    def disconnected(self) -> None:
        """The connection is gone."""
        if self._offline_since is None:
            self._offline_since = self._firmware.board.loop.time()

    async def converse(self, endpoint: Endpoint) -> None:
        """Register if need be, report what is due, then keep the connection alive until cancelled."""
        firmware = self._firmware
        if not firmware.accepted:
            if self._forgoes_boot():
                firmware.accepted = True
            else:
                await self._register(endpoint)
            firmware.statuses.forget()
        elif self._long_offline():
            firmware.statuses.forget()
        await self._report_statuses(endpoint)
        await self._report_security_events(endpoint)
        self._offline_since = None  # a connection that was lost before this point did not end the offline period
        async with asyncio.TaskGroup() as group:
            group.create_task(firmware.outbox.deliver())
            group.create_task(self._keep_alive(endpoint))

    async def _register(self, endpoint: Endpoint) -> None:
        loop = self._firmware.board.loop
        reason: str = self._reason
        if self._not_before > loop.time():  # B02.FR.04, over a reconnect as well
            reason = await self._wait_to_repeat(self._not_before - loop.time())
        while True:
            reply = await endpoint.ask(self._boot_notification(reason))
            wait_s = RETRY_S
            if reply is not None:
                self._status = str(reply.status)
                self._firmware.set_clock(reply.current_time)
                if self._status == "Accepted":
                    self._accepted(reply.interval)
                    return
                wait_s = float(reply.interval) or RETRY_S
                self._not_before = loop.time() + wait_s
            reason = await self._wait_to_repeat(wait_s)

    def _forgoes_boot(self) -> bool:
        """Wrong behaviour `registers_only_once`: a station that was accepted in an earlier power-up takes that for good."""
        nvram = self._firmware.board.nvram
        known = bool(nvram.read("registered201", default=False))
        nvram.write("registered201", value=True)
        return known and self._firmware.board.faults.on("registers_only_once")

    def _boot_notification(self, reason: str) -> Any:
        facts = self._firmware.facts
        if self._firmware.board.faults.on("boot_reason_unknown"):
            reason = "Unknown"
        return CALL.BootNotification(
            charging_station={
                "vendor_name": facts.vendor,
                "model": facts.model,
                "serial_number": facts.serial_number,
                "firmware_version": facts.firmware_version,
            },
            reason=reason,
        )

    async def _wait_to_repeat(self, wait_s: float) -> str:
        wanted = self._firmware.boot_wanted
        wanted.clear()
        try:
            async with asyncio.timeout(wait_s):
                await wanted.wait()
        except TimeoutError:
            return self._reason
        return "Triggered"

    def _accepted(self, interval_s: int) -> None:
        firmware = self._firmware
        firmware.accepted = True
        if interval_s > 0:  # B01.FR.04
            firmware.model.write(firmware.model.find("OCPPCommCtrlr", "HeartbeatInterval"), str(interval_s))

    def _long_offline(self) -> bool:
        if self._offline_since is None:
            return False
        away_s = self._firmware.board.loop.time() - self._offline_since
        return away_s > self._firmware.model.integer("OCPPCommCtrlr", "OfflineThreshold")

    async def _report_statuses(self, endpoint: Endpoint) -> None:
        firmware = self._firmware
        due = firmware.statuses.changed()
        if firmware.board.faults.on("status_missing_after_boot"):
            due = due[:-1]
        if not firmware.told_of_itself and firmware.board.faults.on("station_told_as_a_connector"):
            firmware.told_of_itself = True
            await endpoint.ask(CALL.StatusNotification(firmware.board.clock.text(), "Available", 0, 0))
        for evse_id in due:
            fields = firmware.statuses.tell(evse_id, firmware.board.clock.text())
            await firmware.deliver_status(endpoint, fields)

    async def _report_security_events(self, endpoint: Endpoint) -> None:
        if self._firmware.board.faults.on("startup_event_missing"):
            return
        while self._events_due:
            event = CALL.SecurityEventNotification(self._events_due[0], self._firmware.board.clock.text())
            if await endpoint.ask(event) is None:
                return
            del self._events_due[0]

    async def _keep_alive(self, endpoint: Endpoint) -> None:
        firmware = self._firmware
        beat_at = firmware.board.loop.time()
        while True:
            firmware.heartbeat_changed.clear()
            interval_s = firmware.model.integer("OCPPCommCtrlr", "HeartbeatInterval")
            steady = firmware.board.faults.on("beats_whatever_is_sent")
            quiet_s = firmware.board.loop.time() - (beat_at if steady else endpoint.last_sent)
            if quiet_s >= interval_s - ROUNDING_S:
                beat_at = firmware.board.loop.time()
                reply = await endpoint.ask(CALL.Heartbeat())
                if reply is not None:
                    firmware.set_clock(reply.current_time)
                continue
            try:
                async with asyncio.timeout(interval_s - quiet_s):
                    await firmware.heartbeat_changed.wait()
            except TimeoutError:
                pass
