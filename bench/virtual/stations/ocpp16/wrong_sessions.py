"""What wrong stations of the field do to their transactions. A good one comes by here, and nothing happens."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.clock import rfc3339

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.outlet import Outlet, Transaction
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

IMAGINED_EMERGENCY_S = 5.0
IMAGINED_REMOTE_STOP_S = 20.0
TOO_EARLY = timedelta(minutes=10)

NOBODY = ""
"""The uid of a transaction that never was: its messages carry -1."""

FRACTION_WH = 0.4
"""What the register shows beyond the whole Wh of the meter's pulses."""

END_SAMPLE = "end_sample"


class WrongSessions:
    """Misbehaviour around starts and ends of transactions."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._told_ended: set[str] = set()
        self._imagined: set[str] = set()

    def restarted(self, outlet: "Outlet") -> None:
        """The firmware starts, and has looked at this connector."""
        faults, nvram = self._stack.board.faults, self._stack.board.nvram
        if outlet.controller.plugged and faults.on("finishing_after_restart_with_cable"):
            outlet.finishing = outlet.barred = True
        samples = nvram.read(END_SAMPLE, {})
        again = samples.pop(str(outlet.connector_id), None)
        nvram.write(END_SAMPLE, samples)
        if again is not None and faults.on("end_sample_sent_again"):
            self._stack.queue.keep_id(again["uid"], again["transaction_id"])
            self._stack.queue.put("MeterValues", again["fields"], again["uid"])

    def begun(self, outlet: "Outlet", transaction: "Transaction") -> None:
        """A transaction has begun."""
        board = self._stack.board
        if board.faults.on("emergency_stop_imagined"):
            board.loop.call_later(IMAGINED_EMERGENCY_S, self._tell_emergency, outlet, transaction)
        if board.faults.on("remote_stop_imagined"):
            board.loop.call_later(IMAGINED_REMOTE_STOP_S, self._stop, outlet, transaction)

    def answered(self, transaction: "Transaction", status: str) -> bool:
        """StartTransaction.conf came. Gives whether the station takes no more notice of it."""
        faults = self._stack.board.faults
        if faults.on("stop_of_nobody_at_the_start"):
            self._end_of_nobody(transaction, self._stack.board.clock.now() - TOO_EARLY)
        if status == "ConcurrentTx" and faults.on("concurrent_start_stopped_as_nobody"):
            self._end_of_nobody(transaction, self._stack.board.clock.now())
            return True
        return False

    def keeps_the_end(self, transaction: "Transaction", reason: str) -> bool:
        """Whether the end of this transaction is not told (any more)."""
        if transaction.uid in self._told_ended:
            return True
        return reason == "EVDisconnected" and self._stack.board.faults.on("end_by_unplugging_not_told")

    def bent(self, transaction: "Transaction", fields: dict[str, Any]) -> None:
        """Change what StopTransaction is about to say."""
        if self._stack.board.faults.on("meter_stop_rounded_up"):
            fields["meter_stop"] = math.ceil(fields["meter_stop"] + FRACTION_WH)
        if transaction.uid in self._imagined:
            fields["meter_stop"] = 0
        self._remember_end(transaction, fields)

    def ended(self, outlet: "Outlet") -> None:
        """A transaction ended at this connector."""
        faults = self._stack.board.faults
        if outlet.controller.plugged and faults.on("second_transaction_needs_replugging"):
            outlet.inert = True

    def _tell_emergency(self, outlet: "Outlet", transaction: "Transaction") -> None:
        if outlet.transaction is transaction and not transaction.stopping:
            self._stack.transactions.report_end(outlet, transaction, "EmergencyStop")
            self._told_ended.add(transaction.uid)

    def _stop(self, outlet: "Outlet", transaction: "Transaction") -> None:
        if outlet.transaction is transaction:
            self._imagined.add(transaction.uid)
            self._stack.transactions.stop(outlet, "Remote")

    def _end_of_nobody(self, transaction: "Transaction", at: Any) -> None:
        fields = {"meter_stop": transaction.meter_start_wh, "timestamp": rfc3339(at), "reason": "Other"}
        self._stack.queue.put("StopTransaction", fields, NOBODY)

    def _remember_end(self, transaction: "Transaction", fields: dict[str, Any]) -> None:
        nvram = self._stack.board.nvram
        sample = {"value": str(fields["meter_stop"]), "context": "Transaction.End", "unit": "Wh"}
        told = {"timestamp": fields["timestamp"], "sampled_value": [sample]}
        row = {
            "uid": transaction.uid,
            "transaction_id": transaction.transaction_id,
            "fields": {"connector_id": transaction.connector_id, "meter_value": [told]},
        }
        nvram.write(END_SAMPLE, nvram.read(END_SAMPLE, {}) | {str(transaction.connector_id): row})
