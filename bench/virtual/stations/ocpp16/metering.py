"""Meter values: sampled, clock-aligned, triggered, and those of StopTransaction (sections 3.16, 4.7)."""

import asyncio
import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.virtual.hardware import StationMeterReading
from bench.virtual.stations.clock import behind, rfc3339
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.keys import measurand
from bench.virtual.stations.ocpp16.outlet import Outlet, Transaction
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

STOP_SAMPLES_MAX = 100
"""Most meter values a StopTransaction carries; intermediate ones are thinned out (errata 3.91)."""

PHASES = ("L1", "L2", "L3")
REGISTER = "Energy.Active.Import.Register"

FRACTION_WH = 0.4
PAUSED_A = 0.5

DEFAULTS = {"context": "Sample.Periodic", "measurand": REGISTER, "location": "Outlet", "unit": "Wh"}
"""What a sampled value means that leaves these fields out (section 7.43)."""


class Metering:
    """Reads the station's meters and makes MeterValues of them."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._changed = asyncio.Event()
        self._first_aligned: datetime | None = None
        self._first_interval_s = stack.configuration.integer("MeterValueSampleInterval")
        stack.configuration.on_change(self._on_key)

    def register_wh(self, connector_id: int) -> int:
        """The import register in whole Wh: the same base for start, samples and stop."""
        energy_wh = self._stack.board.read_meter(connector_id).energy_wh + self._fraction_wh()
        return math.ceil(energy_wh) if self._stack.board.faults.on("register_in_kwh") else int(energy_wh)

    def value(self, outlet: Outlet, key: str, context: str, at: datetime) -> dict[str, Any]:
        """One MeterValue with the measurands that the configuration key lists; the register alone if it is empty."""
        names = self._stack.configuration.items(key) or [REGISTER]
        if self._stack.board.faults.on("sampled_measurand_missing") and len(names) > 1:
            names = names[:-1]
        if key == "MeterValuesAlignedData" and self._stack.board.faults.on("aligned_measurand_missing"):
            names = names[:-1] or names
        if context == "Sample.Periodic" and self._stack.board.faults.on("sampled_context_wrong"):
            context = "Sample.Clock"
        elif context == "Sample.Clock" and self._stack.board.faults.on("aligned_context_wrong"):
            context = "Sample.Periodic"
        elif context == "Sample.Clock" and self._stack.board.faults.on("aligned_context_other"):
            context = "Other"
        sampled = [one for name in names for one in self._sampled(outlet, name, context)]
        if context == "Sample.Periodic" and self._stack.board.faults.on("frequency_without_unit"):
            sampled.append({"value": "49.98", "measurand": "Frequency", "context": context})
        return {"timestamp": rfc3339(at), "sampled_value": sampled}

    def begin(self, outlet: Outlet, transaction: Transaction) -> None:
        """The transaction starts: take its first value and start sampling."""
        now = self._stack.board.clock.now()
        self.note(outlet, transaction, "StopTxnSampledData", "Transaction.Begin", now)
        if self._stack.board.faults.on("extra_readings"):
            self._queue(outlet, self.value(outlet, "MeterValuesSampledData", "Transaction.Begin", now))
        self._stack.spawn(self._sample(outlet, transaction))

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
        transaction_id = transaction.transaction_id if transaction is not None else None
        if self._stack.board.faults.on("main_meter_told"):
            await self._stack.csms.call(
                call.MeterValues(**self._main_meter("Trigger", self._stack.board.clock.now())), triggered=True
            )
        for values in self._messages(value):
            request = call.MeterValues(
                connector_id=outlet.connector_id, meter_value=values, transaction_id=transaction_id
            )
            await self._stack.csms.call(request, triggered=True)

    async def keep_aligned(self) -> None:
        """Clock-aligned values of every connector, for ever; one task of the stack runs this."""
        while True:
            interval_s = self._stack.configuration.integer("ClockAlignedDataInterval")
            interval_s *= 2 if self._stack.board.faults.on("aligned_too_rarely") else 1
            if interval_s == 0 or self._stack.board.faults.on("aligned_never"):
                await self._changed.wait()
                self._changed.clear()
                continue
            due = self._next_aligned(interval_s)
            if not await self._reached(due):
                continue
            self._first_aligned = self._first_aligned or due
            at = self._first_aligned if self._stack.board.faults.on("aligned_timestamps_frozen") else due
            for outlet in self._stack.outlets.values():
                self._queue(outlet, self.value(outlet, "MeterValuesAlignedData", "Sample.Clock", at))
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
            taken = self._stack.board.clock.now()
            await asyncio.sleep(max(0.0, taken_at + (interval_s or 1.0) - loop.time()))
            while behind(self._stack.board.faults, taken, self._stack.board.clock.now()):  # noqa: ASYNC110 - rare
                await asyncio.sleep(1.0)
            if outlet.transaction is not transaction or transaction.stopping:
                return
            taken_at += interval_s or 1.0
            if interval_s == 0 or self._left_out(outlet):
                continue
            now = self._stack.board.clock.now()
            if self._stack.board.faults.on("sample_timestamps_frozen"):
                now = moment(transaction.started_at)
            if self._stack.board.faults.on("main_meter_told"):
                self._stack.queue.put("MeterValues", self._main_meter("Sample.Periodic", now))
            self._queue(outlet, self.value(outlet, "MeterValuesSampledData", "Sample.Periodic", now))
            if self._stack.board.faults.on("extra_readings"):
                self._stack.board.loop.call_later(interval_s / 2, self._queue_other, outlet, transaction)
            self.note(outlet, transaction, "StopTxnSampledData", "Sample.Periodic", now)

    def _left_out(self, outlet: Outlet) -> bool:
        """Whether a wrong station leaves a sample out that is due."""
        faults = self._stack.board.faults
        drawn_a = max(self._stack.board.read_meter(outlet.connector_id).current_a)
        return faults.on("never_sampled") or (drawn_a < PAUSED_A and faults.on("not_sampled_in_pauses"))

    def _interval_s(self) -> int:
        if self._stack.board.faults.on("sample_interval_not_applied"):
            return self._first_interval_s
        return self._stack.configuration.integer("MeterValueSampleInterval")

    def _queue(self, outlet: Outlet, value: dict[str, Any]) -> None:
        uid = outlet.transaction.uid if outlet.transaction is not None else None
        for values in self._messages(value):
            self._stack.queue.put("MeterValues", {"connector_id": outlet.connector_id, "meter_value": values}, uid)

    def _messages(self, value: dict[str, Any]) -> list[list[dict[str, Any]]]:
        """The meterValue lists of the messages that carry this value: usually one."""
        apart = [{**value, "sampled_value": [sample]} for sample in value["sampled_value"]]
        if self._stack.board.faults.on("measurands_in_messages_apart"):
            return [[one] for one in apart]
        return [apart if self._stack.board.faults.on("measurands_apart") else [value]]

    def _queue_other(self, outlet: Outlet, transaction: Transaction) -> None:
        if outlet.transaction is transaction and not transaction.stopping:
            now = self._stack.board.clock.now()
            self._queue(outlet, self.value(outlet, "MeterValuesSampledData", "Other", now))

    def _main_meter(self, context: str, at: datetime) -> dict[str, Any]:
        """The fields of a message with the main meter's register, for connector 0 and no transaction (section 4.7)."""
        text = str(sum(self.register_wh(number) for number in self._stack.outlets))
        sample = {**_entry(REGISTER, context, "Wh", None, text), "location": "Inlet"}
        return {"connector_id": 0, "meter_value": [{"timestamp": rfc3339(at), "sampled_value": [sample]}]}

    def _sampled(self, outlet: Outlet, name: str, context: str) -> list[dict[str, Any]]:
        split = measurand(name)
        assert split is not None  # ChangeConfiguration takes no other
        quantity, phase = split
        meter = self._stack.board.read_meter(outlet.connector_id)
        rows: list[tuple[str | None, str]]
        if quantity == REGISTER:
            rows, unit = self._register_rows(outlet, context, meter.energy_wh + self._fraction_wh())
        elif quantity == "Power.Active.Import":
            rows = [(phase, f"{meter.power_w[PHASES.index(phase)] if phase else sum(meter.power_w):.1f}")]
            unit = "W"
        elif quantity == "Current.Offered":
            rows = [(None, f"{outlet.controller.limit_a if outlet.controller.permitted else 0.0:.1f}")]
            unit = "A"
        else:
            figures = self._currents(outlet, meter) if quantity == "Current.Import" else meter.voltage_v
            wanted = (phase,) if phase else PHASES[: self._stack.board.config.phases]
            rows = [(p, f"{figures[PHASES.index(p)]:.2f}") for p in wanted]
            unit = "A" if quantity == "Current.Import" else "V"
            if quantity == "Voltage":  # a voltage is against neutral: phase value L1-N (section 7.34)
                rows = [(f"{p}-N", text) for p, text in rows]
        entries = [_entry(quantity, context, unit, p, text) for p, text in rows]
        plain = self._stack.board.faults.on("defaults_left_out")
        return [_without_defaults(entry) for entry in entries] if plain else entries

    def _currents(self, outlet: Outlet, meter: StationMeterReading) -> tuple[float, float, float]:
        others = [number for number in self._stack.outlets if number != outlet.connector_id]
        drawn = [self._stack.board.read_meter(number).current_a for number in others]
        first = outlet.connector_id == min(self._stack.outlets)
        fault = "outlet_tells_the_sum" if first else "last_outlet_tells_the_sum"
        if any(map(max, drawn)) and self._stack.board.faults.on(fault):
            l1, l2, l3 = (sum(amperes) for amperes in zip(meter.current_a, *drawn, strict=True))
            return l1, l2, l3
        return meter.current_a

    def _fraction_wh(self) -> float:
        """What the register in kWh shows beyond the whole Wh of the meter's pulses."""
        return FRACTION_WH if self._stack.board.faults.on("register_in_kwh") else 0.0

    def _register_rows(
        self, outlet: Outlet, context: str, energy_wh: float
    ) -> tuple[list[tuple[str | None, str]], str]:
        """The import register as this station tells it: phase and text of each value, and the unit."""
        faults = self._stack.board.faults
        frozen = context == "Sample.Periodic" and faults.on("sampled_register_frozen")
        if frozen and outlet.transaction is not None:
            energy_wh = outlet.transaction.meter_start_wh
        if faults.on("register_in_kwh"):
            return [(None, f"{energy_wh / 1000:.6f}")], "kWh"
        if faults.on("register_by_phase"):
            return [(phase, f"{energy_wh / 3:.3f}") for phase in PHASES], "Wh"
        return [(None, str(int(energy_wh)))], "Wh"

    def _on_key(self, key: str) -> None:
        if key == "ClockAlignedDataInterval":
            self._changed.set()


def _entry(quantity: str, context: str, unit: str, phase: str | None, text: str) -> dict[str, Any]:
    entry = {"value": text, "context": context, "measurand": quantity, "location": "Outlet", "unit": unit}
    if phase is not None:
        entry["phase"] = phase
    return entry


def _without_defaults(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if DEFAULTS.get(name) != value}
