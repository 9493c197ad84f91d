"""Is this bench fit to judge a station? Every link opened, every instrument read, neighbours compared, safe state tried.

Nothing is done to the station but the safe state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from bench.clock import Clock
from bench.errors import BenchError, InstrumentFault, VerbAbsent
from bench.rig import Rig
from bench.roles import Meter, Reading, Value
from harness.model.topology import InstrumentEntry, Topology

_NO_PORTS: Mapping[str, int] = MappingProxyType({})
_LIVE_V = 50.0  # below this a phase is taken as dead: there is nothing to compare
_FREQUENCY_HZ = (45.0, 65.0)
_PILOT_V = {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0}  # IEC 61851-1 Annex A, nominal positive levels
_PILOT_BAND_V = 1.5  # half the distance of two states


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was seen, whether it is good, and the cure where it is not."""

    name: str
    ok: bool
    seen: str
    cure: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL"
        return f"{mark} {self.name}: {self.seen}" + (f". Cure: {self.cure}" if self.cure and not self.ok else "")


async def diagnose(topology: Topology, clock: Clock, *, ports: Mapping[str, int] = _NO_PORTS) -> list[Check]:
    """Check a bench, leave it in its safe state. Never raises for what is wrong with it: that is in the list."""
    try:
        rig = await Rig.open(topology, clock, ports=ports, sampling=False)
    except BenchError as error:
        return [Check("description", False, line, "correct the bench file") for line in str(error).splitlines()]
    checks = [Check("description", True, f"{len(topology.instruments)} instruments, all drivers found")]
    async with rig:
        checks += [_identified(rig, entry) for entry in topology.instruments]
        checks += _calibrations(topology, clock)
        readings: dict[str, Reading] = {}
        for entry in topology.instruments:
            checks += await _read(rig, entry, readings)
        checks += _frequencies(readings)
        checks += _neighbours(topology, readings)
        checks += await _pilots(rig, readings)
        checks += _limits(rig)
        checks += await _safe_state(rig)
    return checks


def _identified(rig: Rig, entry: InstrumentEntry) -> Check:
    name = f"{entry.name} answers"
    fault = rig.broken.get(entry.name)
    if fault is None:
        return Check(name, True, rig.identities[entry.name])
    return Check(name, False, f"at {fault.address}: {fault.what}", fault.cure)


def _calibrations(topology: Topology, clock: Clock) -> Iterator[Check]:
    today = clock.utc().date()
    for entry in topology.instruments:
        if entry.calibration_due is not None:
            ok = today <= entry.calibration_due
            seen = f"{'valid' if ok else 'expired, was valid'} until {entry.calibration_due}"
            yield Check(
                f"{entry.name} calibration", ok, seen, "have it calibrated; the report will say that it was not"
            )


async def _read(rig: Rig, entry: InstrumentEntry, readings: dict[str, Reading]) -> list[Check]:
    """Read an instrument that measures and works; its reading goes into `readings`."""
    if entry.name in rig.broken or not hasattr(rig.named(entry.name), "read"):
        return []
    instrument = cast("Meter", rig.named(entry.name))
    name = f"{entry.name} reads"
    try:
        reading = await instrument.read()
    except InstrumentFault as fault:
        return [Check(name, False, fault.what, fault.cure)]
    readings[entry.name] = reading
    return [Check(name, bool(reading.values), _shown(reading), "check its wiring: nothing could be measured")]


def _frequencies(readings: Mapping[str, Reading]) -> Iterator[Check]:
    low, high = _FREQUENCY_HZ
    for name, reading in readings.items():
        value = reading.values.get("frequency_hz")
        if value is not None:
            ok = low <= value.value <= high
            cure = "check wiring, and the register file of a Modbus meter"
            yield Check(f"{name} sees a mains frequency", ok, f"{value.value:.2f} Hz", cure)


def _neighbours(topology: Topology, readings: Mapping[str, Reading]) -> Iterator[Check]:
    """Voltages of instruments on one EVSE agree within their U; a phase that one of them sees dead is left out."""
    entries = [entry for entry in topology.instruments if entry.name in readings and "pilot_scope" not in entry.roles]
    pairs = [(a, b) for n, a in enumerate(entries) for b in entries[n + 1 :] if set(a.evses) & set(b.evses)]
    for a, b in pairs:
        for phase in (1, 2, 3):
            quantity = f"voltage_l{phase}_v"
            one, other = readings[a.name].values.get(quantity), readings[b.name].values.get(quantity)
            if one is not None and other is not None and min(one.value, other.value) > _LIVE_V:
                yield _agreement(f"{a.name} and {b.name} agree on {quantity}", one, other)


def _agreement(name: str, one: Value, other: Value) -> Check:
    apart, allowed = abs(one.value - other.value), one.u + other.u
    seen = f"{one.value:.2f} and {other.value:.2f} {one.unit}, {apart:.3f} apart, {allowed:.3f} allowed by their U"
    return Check(name, apart <= allowed, seen, "check wiring, phases in the bench file, and the stated accuracies")


def _limits(rig: Rig) -> list[Check]:
    """A bench that is beyond its own limits at rest would trip in its first case."""
    if rig.trip is None:
        return []
    return [Check("readings within [limits]", False, str(rig.trip), "correct [limits], or what drives the bench there")]


async def _pilots(rig: Rig, readings: Mapping[str, Reading]) -> list[Check]:
    """The pilot's positive level, as the scope sees it, belongs to the state that the EV box tells."""
    checks: list[Check] = []
    for evse in sorted({evse for entry in rig.topology.instruments for evse in entry.evses}):
        scope, box = rig.topology.wired("pilot_scope", evse), rig.topology.wired("ev_simulator", evse)
        if scope is None or box is None or box.name in rig.broken or scope.name not in readings:
            continue
        high = readings[scope.name].values.get("pilot_high_v")
        try:
            state = await rig.ev(evse).pilot_state()
        except VerbAbsent:
            continue
        if high is not None and state in _PILOT_V:
            ok = abs(high.value - _PILOT_V[state]) <= _PILOT_BAND_V + high.u
            seen = f"{high.value:.2f} V, and the EV box tells state {state}"
            cure = "check the scope's probe and channel, and which EVSE each is wired to"
            checks.append(Check(f"{scope.name} and {box.name} agree on the pilot of EVSE {evse}", ok, seen, cure))
    return checks


async def _safe_state(rig: Rig) -> list[Check]:
    if not rig.topology.safe_state:
        return [Check("safe state", False, "no steps are described", "add [[safe_state]] steps to the bench file")]
    return [
        Check(f"safe state: {r.step.instrument}.{r.step.verb}", r.ok, r.what, "correct it before any case runs")
        for r in await rig.close()
    ]


def _shown(reading: Reading) -> str:
    return (
        ", ".join(f"{name} {value.value:.5g} (±{value.u:.2g})" for name, value in reading.values.items()) or "nothing"
    )
