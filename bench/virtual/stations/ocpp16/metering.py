"""Meter values: sampled, clock-aligned, triggered, and those of StopTransaction (sections 3.16, 4.7)."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.clock import rfc3339
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.keys import measurand
from bench.virtual.stations.ocpp16.outlet import Outlet, Transaction
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

STOP_SAMPLES_MAX = 100
"""Most meter values a StopTransaction carries; intermediate ones are thinned out (errata 3.91)."""

PHASES = ("L1", "L2", "L3")


class Metering:
    """Reads the station's meters and makes MeterValues of them."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._changed = asyncio.Event()
        self._first_interval_s = stack.configuration.integer("MeterValueSampleInterval")
        stack.configuration.on_change(self._on_key)

    def register_wh(self, connector_id: int) -> int:
        """The import register in whole Wh, rounded down: the same base for start, samples and stop."""
        return int(self._stack.board.read_meter(connector_id).energy_wh)

    def value(self, outlet: Outlet, key: str, context: str, at: datetime) -> dict[str, Any]:
        """One MeterValue with the measurands that the configuration key lists; the register alone if it is empty."""
        names = self._stack.configuration.items(key) or ["Energy.Active.Import.Register"]
        if self._stack.board.faults.on("sampled_measurand_missing") and len(names) > 1:
            names = names[:-1]
        if context == "Sample.Periodic" and self._stack.board.faults.on("sampled_context_wrong"):
            context = "Sample.Clock"
        sampled = [one for name in names for one in self._sampled(outlet, name, context)]
        return {"timestamp": rfc3339(at), "sampled_value": sampled}

    def begin(self, outlet: Outlet, transaction: Transaction) -> None:
        """The transaction starts: take its first value and start sampling."""
        now = self._stack.board.clock.now()
        self.note(outlet, transaction, "StopTxnSampledData", "Transaction.Begin", now)
        transaction_task = self._sample(outlet, transaction)
        self._stack.spawn(transaction_task)

    def note(self, outlet: Outlet, transaction: Transaction, key: str, context: str, at: datetime) -> None:
        """Keep a value for the StopTransaction, if the configuration asks for such."""
        if not self._stack.configuration.items(key):
            return
        transaction.samples.append(self.value(outlet, key, context, at))
        if len(transaction.samples) > STOP_SAMPLES_MAX:
            transaction.samples = [*transaction.samples[:-1:2], transaction.samples[-1]]

    async def send_triggered(self, outlet: Outlet) -> None:
        """A triggered MeterValues (section 5.17). Raises UndeliveredError."""
        value = self.value(outlet, "MeterValuesSampledData", "Trigger", self._stack.board.clock.now())
        transaction = outlet.transaction
        request = call.MeterValues(
            connector_id=outlet.connector_id,
            meter_value=[value],
            transaction_id=transaction.transaction_id if transaction is not None else None,
        )
        await self._stack.csms.call(request, triggered=True)

    async def keep_aligned(self) -> None:
        """Clock-aligned values of every connector, for ever; one task of the stack runs this."""
        while True:
            interval_s = self._stack.configuration.integer("ClockAlignedDataInterval")
            if interval_s == 0:
                await self._changed.wait()
                self._changed.clear()
                continue
            due = self._next_aligned(interval_s)
            if not await self._reached(due):
                continue
            for outlet in self._stack.outlets.values():
                self._queue(outlet, self.value(outlet, "MeterValuesAlignedData", "Sample.Clock", due))
                if outlet.transaction is not None:
                    self.note(outlet, outlet.transaction, "StopTxnAlignedData", "Sample.Clock", due)

    def _next_aligned(self, interval_s: int) -> datetime:
        now = self._stack.board.clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._stack.board.faults.on("aligned_to_nothing"):
            midnight += timedelta(seconds=interval_s / 2)
        count = int((now - midnight).total_seconds() // interval_s) + 1
        return min(midnight + timedelta(seconds=count * interval_s), midnight + timedelta(days=1))

    async def _reached(self, due: datetime) -> bool:
        """Wait until the clock shows `due`; False when the configuration changed meanwhile."""
        while (left_s := (due - self._stack.board.clock.now()).total_seconds()) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
            except TimeoutError:
                continue
            self._changed.clear()
            return False
        return True

    async def _sample(self, outlet: Outlet, transaction: Transaction) -> None:
        loop = self._stack.board.loop
        taken_at = loop.time()
        while True:
            interval_s = float(self._interval_s())
            if interval_s > 0 and self._stack.board.faults.on("sampled_too_rarely"):
                interval_s *= 2
            await asyncio.sleep(max(0.0, taken_at + (interval_s or 1.0) - loop.time()))
            if outlet.transaction is not transaction or transaction.stopping:
                return
            taken_at += interval_s or 1.0
            if interval_s == 0:
                continue
            now = self._stack.board.clock.now()
            if self._stack.board.faults.on("sample_timestamps_frozen"):
                now = moment(transaction.started_at)
            self._queue(outlet, self.value(outlet, "MeterValuesSampledData", "Sample.Periodic", now))
            self.note(outlet, transaction, "StopTxnSampledData", "Sample.Periodic", now)

    def _interval_s(self) -> int:
        if self._stack.board.faults.on("sample_interval_not_applied"):
            return self._first_interval_s
        return self._stack.configuration.integer("MeterValueSampleInterval")

    def _queue(self, outlet: Outlet, value: dict[str, Any]) -> None:
        fields = {"connector_id": outlet.connector_id, "meter_value": [value]}
        uid = outlet.transaction.uid if outlet.transaction is not None else None
        self._stack.queue.put("MeterValues", fields, uid)

    def _sampled(self, outlet: Outlet, name: str, context: str) -> list[dict[str, Any]]:
        split = measurand(name)
        assert split is not None  # ChangeConfiguration takes no other
        quantity, phase = split
        meter = self._stack.board.read_meter(outlet.connector_id)
        if quantity == "Energy.Active.Import.Register":
            energy_wh = int(meter.energy_wh)
            frozen = context == "Sample.Periodic" and self._stack.board.faults.on("sampled_register_frozen")
            if frozen and outlet.transaction is not None:
                energy_wh = outlet.transaction.meter_start_wh
            rows: list[tuple[str | None, str]] = [(None, str(energy_wh))]
            unit = "Wh"
        elif quantity == "Power.Active.Import":
            rows = [(phase, f"{meter.power_w[PHASES.index(phase)] if phase else sum(meter.power_w):.1f}")]
            unit = "W"
        elif quantity == "Current.Offered":
            rows = [(None, f"{outlet.controller.limit_a if outlet.controller.permitted else 0.0:.1f}")]
            unit = "A"
        else:
            figures = meter.current_a if quantity == "Current.Import" else meter.voltage_v
            wanted = (phase,) if phase else PHASES
            rows = [(p, f"{figures[PHASES.index(p)]:.2f}") for p in wanted]
            unit = "A" if quantity == "Current.Import" else "V"
            if quantity == "Voltage":  # a voltage is against neutral: phase value L1-N (section 7.34)
                rows = [(f"{p}-N", text) for p, text in rows]
        return [_entry(quantity, context, unit, p, text) for p, text in rows]

    def _on_key(self, key: str) -> None:
        if key == "ClockAlignedDataInterval":
            self._changed.set()


def _entry(quantity: str, context: str, unit: str, phase: str | None, text: str) -> dict[str, Any]:
    entry = {"value": text, "context": context, "measurand": quantity, "location": "Outlet", "unit": unit}
    if phase is not None:
        entry["phase"] = phase
    return entry
