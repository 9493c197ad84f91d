"""Transaction-related messages: in order, over outages and reboots (section 3.7)."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.clock import AGAIN_IN_LOCAL_TIME, as_local_time
from bench.virtual.stations.lenient16_sessions import TOLD_LATE_S
from bench.virtual.stations.ocpp16.csms import OfflineError, RefusedError, UndeliveredError
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

LATE_S = 5.0
"""A message older than this could not be delivered when it was taken."""

EPOCH = "1970-01-01T00:00:30Z"
"""What a clock shows that lost the time."""

STORED = "Trigger"
"""Context with which a wrong station marks what it stored; on the wire it becomes one that is none (wire/schema.py)."""

ROOM = 100
"""Messages that wait at most at a station with room for so many."""

NO_ID = -1
"""transactionId of a transaction whose StartTransaction.conf never came (errata 3.18)."""


class MessageQueue:
    """First in, first out, in NVRAM. An entry leaves when it was answered or its attempts are spent (3.7.1)."""

    def __init__(self, stack: "Ocpp16Stack", on_answer: Callable[[dict[str, Any], Any], None]) -> None:
        self._stack = stack
        self._on_answer = on_answer
        self._filled = asyncio.Event()
        self._late_values = 0
        self._begun_offline: set[str] = set()
        self._entries: list[dict[str, Any]] = self._survived(stack.board.nvram.read("queue", []))
        self._ids: dict[str, int] = stack.board.nvram.read("transaction_ids", {})
        if self._entries:
            self._filled.set()

    def put(self, action: str, fields: dict[str, Any], uid: str | None = None) -> None:
        """Queue a message; `uid` is the transaction whose transactionId it shall carry."""
        if action == "StopTransaction" and self._stack.board.faults.on("stop_not_told"):
            return
        if len(self._entries) >= ROOM and self._stack.board.faults.on("queue_of_100"):
            return
        taken_at = self._stack.board.loop.time()
        self._entries.append({"action": action, "fields": fields, "uid": uid, "taken_at": taken_at})
        self._save()
        self._filled.set()

    def keep_id(self, uid: str, transaction_id: int | None) -> None:
        """Remember the transactionId of a transaction about which more is to be told."""
        if transaction_id is not None:
            self._ids[uid] = transaction_id

    @property
    def empty(self) -> bool:
        """Whether everything was delivered."""
        return not self._entries

    async def drain(self) -> None:
        """Deliver for ever; one task of the stack runs this."""
        newest_first = self._stack.board.faults.on("queue_newest_first")
        while True:
            await self._filled.wait()
            if newest_first:
                await self._stack.csms.ready.wait()
            entry = self._entries[-1 if newest_first else 0]
            if await self._deliver(entry):
                self._entries.remove(entry)
                self._repeat(entry)
                self._save()
            if not self._entries:
                self._filled.clear()

    async def _deliver(self, entry: dict[str, Any]) -> bool:
        """Try until it is answered or its attempts are spent; False from the wrong station that turns to another one first."""
        failures = 0
        if entry["action"] == "StartTransaction" and self._stack.board.faults.on("start_told_after_charging"):
            await asyncio.sleep(LATE_START_S)
        if entry["fields"].get("reason") == "PowerLoss" and self._stack.board.faults.on("interrupted_end_told_late"):
            await asyncio.sleep(TOLD_LATE_S)
        while True:
            await self._stack.csms.ready.wait()
            if self._lost(entry):
                return True
            try:
                answer = await self._stack.csms.call(self._worded(entry))
            except UndeliveredError as error:
                failures += isinstance(error, RefusedError)
                if self._given_up(error, failures, stop=entry["action"] == "StopTransaction"):
                    return True
                await asyncio.sleep(self._pause_s(error, failures))
            else:
                if entry["action"] == "StartTransaction":
                    self._note_id(entry, answer.transaction_id, failures)
                self._on_answer(entry, answer)
                return True
            if self._stack.board.faults.on("queue_newest_first"):
                return False

    def _worded(self, entry: dict[str, Any]) -> Any:
        again = "sent" in entry
        if not again:
            entry["sent"] = True
            self._stack.board.nvram.write("queue", self._entries)
        request = self._request(entry)
        return as_local_time(request) if again and self._stack.board.faults.on(AGAIN_IN_LOCAL_TIME) else request

    def _repeat(self, entry: dict[str, Any]) -> None:
        """The wrong station that does not know when it has said enough."""
        stop = entry["action"] == "StopTransaction" and not entry.get("again")
        if stop and self._stack.board.faults.on("stop_told_without_end"):
            self._entries.insert(0, {**entry, "again": True})

    def _given_up(self, error: UndeliveredError, failures: int, *, stop: bool) -> bool:
        """Whether its attempts are spent; the wrong stations give up sooner."""
        offline = isinstance(error, OfflineError)
        faults = self._stack.board.faults
        if faults.on("in_flight_message_lost" if offline else "failed_message_dropped"):
            return True
        if offline and stop and faults.on("in_flight_stop_lost"):
            return True
        return not offline and failures >= self._stack.configuration.integer("TransactionMessageAttempts")

    def _pause_s(self, error: UndeliveredError, failures: int) -> float:
        """Seconds before the next attempt."""
        if isinstance(error, OfflineError):
            return 0.1  # the link may be half gone; `ready` tells when it is back
        return float(self._stack.configuration.integer("TransactionMessageRetryInterval") * failures)

    def _survived(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What is left of the queue after a restart: everything, at a good station."""
        faults = self._stack.board.faults
        starts = [entry for entry in entries if entry["action"] == "StartTransaction"]
        if starts and faults.on("queued_starts_lost_at_reboot"):
            entries = [entry for entry in entries if entry["action"] != "StartTransaction"]
        if entries and faults.on("message_under_way_lost_at_restart"):
            entries = entries[1:]
        moved = [entry for entry in entries if entry["fields"].get("connector_id", 1) != 1]
        if moved and faults.on("queued_messages_name_connector_1"):
            for entry in moved:
                entry["fields"]["connector_id"] = 1
        return entries

    def _note_id(self, entry: dict[str, Any], transaction_id: int, failures: int) -> None:
        """The CSMS answered StartTransaction, after so many failures."""
        faults = self._stack.board.faults
        if failures and faults.on("id_of_repeated_start_ignored"):
            return
        self._ids[entry["uid"]] = transaction_id
        if self._late(entry):
            self._begun_offline.add(entry["uid"])

    def _late(self, entry: dict[str, Any]) -> bool:
        """Whether it could not be delivered when it was taken: what the wrong stations lose or spoil."""
        return bool(self._stack.board.loop.time() > entry["taken_at"] + LATE_S)

    def _lost(self, entry: dict[str, Any]) -> bool:
        """The wrong stations that lose what they could not deliver at once."""
        if not self._late(entry):
            return False
        faults = self._stack.board.faults
        if entry["action"] != "MeterValues":
            names = {"StartTransaction": "offline_start_not_told", "StopTransaction": "offline_stop_not_told"}
            return faults.on(names[entry["action"]])
        self._late_values += 1
        return faults.on("offline_meter_values_lost") or (
            self._late_values == 2 and faults.on("offline_meter_value_skipped")
        )

    def _misled(self, entry: dict[str, Any], fields: dict[str, Any]) -> None:
        """The wrong stations that tell something else of what they could not deliver at once."""
        faults, late = self._stack.board.faults, self._late(entry)
        if entry["action"] == "StopTransaction":
            self._mislead_stop(entry, fields, late=late)
        if entry["action"] == "StartTransaction" and late and faults.on("offline_start_with_other_tag"):
            fields["id_tag"] = f"X{fields['id_tag']}"[:20]
        if entry["action"] == "MeterValues" and faults.on("meter_values_of_no_transaction"):
            fields.pop("transaction_id", None)
        if entry["action"] == "MeterValues" and late and faults.on("offline_meter_values_of_another_transaction"):
            fields["transaction_id"] = NO_ID
        if entry["action"] == "StartTransaction" and late and faults.on("offline_start_without_a_clock"):
            fields["timestamp"] = EPOCH
        if entry["action"] == "MeterValues" and late:
            fields["meter_value"] = self._as_told_late(fields)
        if "timestamp" in fields and faults.on("queued_messages_stamped_when_sent"):
            fields["timestamp"] = self._stack.board.clock.text()

    def _mislead_stop(self, entry: dict[str, Any], fields: dict[str, Any], *, late: bool) -> None:
        faults, offline = self._stack.board.faults, entry["uid"] in self._begun_offline
        if (
            faults.on("stop_without_transaction_id")
            or (late and faults.on("offline_stop_without_transaction_id"))
            or (offline and faults.on("id_of_offline_start_forgotten"))
        ):
            fields["transaction_id"] = NO_ID
        if late and "transaction_data" in fields and faults.on("transaction_data_lost_by_outage"):
            del fields["transaction_data"]

    def _as_told_late(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        """Meter values as the wrong stations tell them that stamp or read them anew."""
        board, values = self._stack.board, list(fields["meter_value"])
        if board.faults.on("offline_values_stamped_when_sent"):
            values = [{**value, "timestamp": board.clock.text()} for value in values]
        if board.faults.on("stored_values_of_another_context"):
            values = [
                {**value, "sampled_value": [{**one, "context": STORED} for one in value["sampled_value"]]}
                for value in values
            ]
        if board.faults.on("offline_values_read_when_sent"):
            text = str(self._stack.metering.register_wh(fields["connector_id"]))
            values = [
                {**value, "sampled_value": [{**one, "value": text} for one in value["sampled_value"]]}
                for value in values
            ]
        return values

    def _request(self, entry: dict[str, Any]) -> Any:
        fields = dict(entry["fields"])
        if entry["uid"] is not None and entry["action"] != "StartTransaction":
            fields["transaction_id"] = self._ids.get(entry["uid"], NO_ID)
        self._misled(entry, fields)
        if "id_tag" in fields:
            fields["id_tag"] = self._stack.authorizer.spelt(fields["id_tag"])
        return _REQUESTS[entry["action"]](**fields)

    def _save(self) -> None:
        waiting = {entry["uid"] for entry in self._entries}
        running = {o.transaction.uid for o in self._stack.outlets.values() if o.transaction is not None}
        self._ids = {uid: number for uid, number in self._ids.items() if uid in waiting | running}
        self._stack.board.nvram.write("queue", self._entries)
        self._stack.board.nvram.write("transaction_ids", self._ids)
