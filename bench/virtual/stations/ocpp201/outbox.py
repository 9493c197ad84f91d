"""The queue of TransactionEvents: kept over reboots, delivered in order, tried again (E04, E11, E12, E13)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from bench.virtual.stations.clock import AGAIN_IN_LOCAL_TIME, as_local_time
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.nvram import Nvram
from bench.virtual.stations.ocpp201.device_model import DeviceModel

Event = dict[str, Any]

_CELL = "queue201"


class Outbox:
    """TransactionEvents waiting for the CSMS.

    `send(evse_id, event)` gives True when the CSMS has answered the event, False when it has not or with a CALLERROR.
    """

    def __init__(
        self, nvram: Nvram, model: DeviceModel, faults: ActiveFaults, send: Callable[[int, Event], Awaitable[bool]]
    ) -> None:
        self._nvram = nvram
        self._model = model
        self._faults = faults
        self._send = send
        self._rows: list[tuple[int, Event]] = [(row[0], row[1]) for row in nvram.read(_CELL, [])]
        if self._rows and faults.on("message_under_way_lost_at_restart"):
            del self._rows[0]
        self._tried: tuple[str, int] | None = None
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._online = False
        self._go_offline()

    def put(self, evse_id: int, event: Event) -> None:
        """Take one event; it is marked offline when there is no connection now (E04.FR.03)."""
        if not self._online and event["event_type"] == "Ended" and self._faults.on("queued_ends_lost"):
            return
        if not self._online and not self._unmarked(event):
            event["offline"] = True
        self._rows.append((evse_id, event))
        self._save()
        self._wake.set()

    def holds(self, transaction_id: str | None = None) -> bool:
        """Whether events (of this transaction) still wait (E14.FR.04, E14.FR.07)."""
        return any(transaction_id in {None, event["transaction_info"]["transaction_id"]} for _evse, event in self._rows)

    async def drained(self, timeout_s: float) -> None:
        """Wait until everything is delivered, at most this long."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._rows:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            return

    async def deliver(self) -> None:
        """Deliver until cancelled; run it while the connection is up and the station is accepted."""
        self._online = True
        try:
            while True:
                while self._rows:
                    await self._deliver_first()
                self._empty.set()
                self._wake.clear()
                await self._wake.wait()
        finally:
            self._go_offline()

    async def _deliver_first(self) -> None:
        evse_id, event = self._rows[0]
        attempts = max(self._model.integer("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"), 1)
        if self._faults.on("failed_event_dropped"):
            attempts = 1
        if self._faults.on("failed_event_kept"):
            attempts *= 2
        for attempt in range(1, attempts + 1):
            if await self._send(evse_id, self._worded(event)):
                break
            if attempt < attempts:  # E13.FR.03
                pause_s = self._model.integer("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent")
                await self._pause(pause_s if self._faults.on("event_pauses_do_not_grow") else pause_s * attempt)
                if self._faults.on("repeated_event_numbered_anew"):
                    event["seq_no"] += 1
        if event["event_type"] == "Started" and event.get("offline") and self._faults.on("queued_starts_told_twice"):
            await self._send(evse_id, event)
        del self._rows[0]  # E13.FR.04: after the last attempt the event is discarded
        self._save()

    def _worded(self, event: Event) -> Event:
        name = (event["transaction_info"]["transaction_id"], event["seq_no"])
        again, self._tried = self._tried == name, name
        return as_local_time(event) if again and self._faults.on(AGAIN_IN_LOCAL_TIME) else event

    async def _pause(self, seconds: float) -> None:
        """Wait; a station that does not keep to their order sends later events meanwhile."""
        until = asyncio.get_running_loop().time() + seconds
        while (left_s := until - asyncio.get_running_loop().time()) > 0:
            if self._faults.on("other_events_meanwhile") and len(self._rows) > 1 and await self._send(*self._rows[1]):
                del self._rows[1]
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._wake.wait()

    def _unmarked(self, event: Event) -> bool:
        return event["event_type"] != "Started" and self._faults.on("offline_events_not_marked")

    def _go_offline(self) -> None:
        if self._online and self._rows and self._faults.on("event_under_way_lost_with_connection"):
            del self._rows[0]
        self._online = False
        for _evse, event in self._rows:
            if not self._unmarked(event):
                event["offline"] = True  # E11.FR.07
        self._save()

    def _save(self) -> None:
        self._nvram.write(_CELL, self._rows)
