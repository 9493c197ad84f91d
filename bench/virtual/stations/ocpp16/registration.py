"""BootNotification until accepted, and heartbeats after it (sections 4.2, 4.6)."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.csms import OfflineError, RefusedError, UndeliveredError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

RETRY_S = 30.0
"""The station's own wait where the CSMS gives none (interval 0, or no usable answer)."""


AGAIN_S = 10.0
TWICE_S = 1.6
"""When the wrong stations that are registered register again."""

TALK_S = 4.0
"""How often a station sends a vendor's message that does so beside its heartbeats."""


class RegistrationDesk:
    """Registers the station once a power-up and keeps up the heartbeat."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._not_before = 0.0
        self._hurry = asyncio.Event()
        self._heart: asyncio.Task[None] | None = None
        self._talk: asyncio.Task[None] | None = None
        self._again: asyncio.Task[None] | None = None
        self.told_twice = False
        stack.configuration.on_change(self._on_key)

    async def register(self) -> bool:
        """Send BootNotification until it is accepted. False when the connection went first."""
        if self._stack.board.faults.on("status_before_boot"):
            with contextlib.suppress(UndeliveredError):
                await self._stack.statuses.send(0)
        while True:
            await self._wait()
            try:
                answer = await self._stack.csms.call(self._request(), triggered=True)
            except RefusedError:
                self._not_before = self._stack.board.loop.time() + RETRY_S
                continue
            except OfflineError:
                return False
            if self._take(answer):
                return True
            await self._leak()
            if self._stack.board.faults.on("boot_never_retried"):
                return False
            if answer.status == "Rejected" and self._stack.board.faults.on("hangs_up_when_rejected"):
                await self._stack.csms.hang_up()
                return False

    def hurry(self) -> None:
        """A BootNotification was triggered: send it now."""
        self._hurry.set()

    async def beat(self) -> None:
        """Send one Heartbeat and set the clock by it. Raises UndeliveredError."""
        answer = await self._stack.csms.call(call.Heartbeat(), triggered=True)
        self._stack.board.clock.synchronise(answer.current_time)

    async def _wait(self) -> None:
        wait_s = self._not_before - self._stack.board.loop.time()
        if wait_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._hurry.wait()
        self._hurry.clear()

    def _take(self, answer: Any) -> bool:
        stack = self._stack
        stack.board.clock.synchronise(answer.current_time)
        stack.csms.register(answer.status)
        if answer.status == "Accepted":
            if answer.interval > 0:
                stack.configuration.store("HeartbeatInterval", str(answer.interval))
            self._restart_heart()
            self._tell_again()
            return True
        wait_s = float(answer.interval) if answer.interval > 0 else RETRY_S
        if stack.board.faults.on("boot_retried_early"):
            wait_s /= 4
        self._not_before = stack.board.loop.time() + wait_s
        return False

    def _tell_again(self) -> None:
        """The wrong stations that register although they are registered."""
        faults = self._stack.board.faults
        if self._again is not None:
            return
        if faults.on("boots_every_ten_seconds"):
            self._again = self._stack.spawn(self._keep_booting(AGAIN_S, for_ever=True))
        elif faults.on("boots_twice_and_is_deaf"):
            self._again = self._stack.spawn(self._keep_booting(TWICE_S, for_ever=False))

    async def _keep_booting(self, wait_s: float, *, for_ever: bool) -> None:
        while True:
            await asyncio.sleep(wait_s)
            if self._stack.csms.ready.is_set():
                with contextlib.suppress(UndeliveredError):
                    await self._stack.csms.call(self._request(), triggered=True)
                self.told_twice = True
                if not for_ever:
                    return

    async def _leak(self) -> None:
        """The wrong station that reports its statuses before it may."""
        if self._stack.board.faults.on("statuses_while_not_accepted"):
            with contextlib.suppress(UndeliveredError):
                for connector_id in (0, *self._stack.outlets):
                    await self._stack.statuses.send(connector_id)

    def _request(self) -> call.BootNotification:
        config = self._stack.board.config
        return call.BootNotification(
            charge_point_vendor=config.vendor,
            charge_point_model=config.model,
            charge_point_serial_number=config.serial,
            firmware_version=self._stack.firmware.version,
        )

    def _on_key(self, key: str) -> None:
        if key == "HeartbeatInterval" and self._heart is not None:
            self._restart_heart()

    def _restart_heart(self) -> None:
        if self._heart is not None:
            self._heart.cancel()
            self._heart = None
        interval_s = self._stack.configuration.integer("HeartbeatInterval")
        if interval_s > 0 and not self._stack.board.faults.on("no_heartbeat"):
            hasty = self._stack.board.faults.on("heartbeat_too_often")
            self._heart = self._stack.spawn(self._keep_beating(interval_s / 2 if hasty else interval_s))
        if self._stack.board.faults.on("other_messages_beside_heartbeats") and self._talk is None:
            self._talk = self._stack.spawn(self._keep_talking())

    async def _keep_beating(self, interval_s: float) -> None:
        loop = self._stack.board.loop
        others = self._stack.board.faults.on("other_messages_for_heartbeats")
        due = loop.time()
        while True:
            due += interval_s / 3 if others else interval_s
            await asyncio.sleep(max(0.0, due - loop.time()))
            if self._stack.csms.ready.is_set():
                with contextlib.suppress(UndeliveredError):
                    await (self._tell_vendor() if others else self.beat())

    async def _keep_talking(self) -> None:
        while True:
            await asyncio.sleep(TALK_S)
            if self._stack.csms.ready.is_set():
                with contextlib.suppress(UndeliveredError):
                    await self._tell_vendor()

    async def _tell_vendor(self) -> None:
        await self._stack.csms.call(call.DataTransfer(vendor_id=self._stack.board.config.vendor))
