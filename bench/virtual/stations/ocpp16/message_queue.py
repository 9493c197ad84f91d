"""Transaction-related messages: in order, over outages and reboots (section 3.7)."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.csms import OfflineError, RefusedError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

_REQUESTS: dict[str, Callable[..., Any]] = {
    "StartTransaction": call.StartTransaction,
    "StopTransaction": call.StopTransaction,
    "MeterValues": call.MeterValues,
}

LATE_START_S = 6.0
"""How long StartTransaction waits for the status Charging at a station that reports that first."""

NO_ID = -1
"""transactionId of a transaction whose StartTransaction.conf never came (errata 3.18)."""


class MessageQueue:
    """First in, first out, in NVRAM. An entry leaves when it was answered or its attempts are spent (3.7.1)."""

    def __init__(self, stack: "Ocpp16Stack", on_answer: Callable[[dict[str, Any], Any], None]) -> None:
        self._stack = stack
        self._on_answer = on_answer
        self._filled = asyncio.Event()
        self._taken_offline = 0
        self._entries: list[dict[str, Any]] = stack.board.nvram.read("queue", [])
        self._ids: dict[str, int] = stack.board.nvram.read("transaction_ids", {})
        if self._entries:
            self._filled.set()

    def put(self, action: str, fields: dict[str, Any], uid: str | None = None) -> None:
        """Queue a message; `uid` is the transaction whose transactionId it shall carry."""
        if self._kept_back(action):
            return
        offline = not self._stack.csms.ready.is_set()
        self._entries.append({"action": action, "fields": fields, "uid": uid, "offline": offline})
        self._save()
        self._filled.set()

    @property
    def empty(self) -> bool:
        """Whether everything was delivered."""
        return not self._entries

    def _kept_back(self, action: str) -> bool:
        """The wrong stations that never tell."""
        faults, online = self._stack.board.faults, self._stack.csms.ready.is_set()
        if action == "StopTransaction":
            return faults.on("stop_not_told") or (faults.on("offline_stop_not_told") and not online)
        if online:
            return False
        if action == "MeterValues":
            self._taken_offline += 1
            skipped = self._taken_offline == 2 and faults.on("offline_meter_value_skipped")
            return skipped or faults.on("offline_meter_values_lost")
        return faults.on("offline_start_not_told")

    def _loses_id(self, entry: dict[str, Any]) -> bool:
        """The wrong stations that do not know which transaction ended."""
        faults = self._stack.board.faults
        later = bool(entry.get("offline")) and faults.on("offline_stop_without_transaction_id")
        return later or faults.on("stop_without_transaction_id")

    async def drain(self) -> None:
        """Deliver for ever; one task of the stack runs this."""
        newest_first = self._stack.board.faults.on("queue_newest_first")
        while True:
            await self._filled.wait()
            if newest_first:
                await self._stack.csms.ready.wait()
            entry = self._entries[-1 if newest_first else 0]
            await self._deliver(entry)
            self._entries.remove(entry)
            self._save()
            if not self._entries:
                self._filled.clear()

    async def _deliver(self, entry: dict[str, Any]) -> None:
        failures = 0
        if entry["action"] == "StartTransaction" and self._stack.board.faults.on("start_told_after_charging"):
            await asyncio.sleep(LATE_START_S)
        while True:
            await self._stack.csms.ready.wait()
            try:
                answer = await self._stack.csms.call(self._request(entry))
            except OfflineError:
                await asyncio.sleep(0.1)  # the link may be half gone; `ready` tells when it is back
                continue
            except RefusedError:
                failures += 1
                if failures >= self._stack.configuration.integer("TransactionMessageAttempts"):
                    return
                pause_s = self._stack.configuration.integer("TransactionMessageRetryInterval") * failures
                await asyncio.sleep(pause_s)
                continue
            if entry["action"] == "StartTransaction":
                self._ids[entry["uid"]] = answer.transaction_id
            self._on_answer(entry, answer)
            return

    def _request(self, entry: dict[str, Any]) -> Any:
        fields = dict(entry["fields"])
        if entry["uid"] is not None and entry["action"] != "StartTransaction":
            fields["transaction_id"] = self._ids.get(entry["uid"], NO_ID)
            if entry["action"] == "StopTransaction" and self._loses_id(entry):
                fields["transaction_id"] = NO_ID
        if "timestamp" in fields and self._stack.board.faults.on("queued_messages_stamped_when_sent"):
            fields["timestamp"] = self._stack.board.clock.text()
        if "id_tag" in fields:
            fields["id_tag"] = self._stack.authorizer.spelt(fields["id_tag"])
        return _REQUESTS[entry["action"]](**fields)

    def _save(self) -> None:
        waiting = {entry["uid"] for entry in self._entries}
        running = {o.transaction.uid for o in self._stack.outlets.values() if o.transaction is not None}
        self._ids = {uid: number for uid, number in self._ids.items() if uid in waiting | running}
        self._stack.board.nvram.write("queue", self._entries)
        self._stack.board.nvram.write("transaction_ids", self._ids)
