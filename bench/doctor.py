"""Is this bench fit to judge a station? Every link opened, every instrument read, neighbours compared, safe state tried.

Nothing is done to the station but the safe state.
"""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import cast

from bench.clock import Clock
from bench.doctor_check import Check
from bench.doctor_plausibility import plausible
from bench.doctor_probe import probe_phases
from bench.errors import BenchError, InstrumentFault, VerbAbsent
from bench.rig import Rig
from bench.roles import Meter, Reading
from harness.model.topology import InstrumentEntry, Topology

_NO_PORTS: Mapping[str, int] = MappingProxyType({})
_SHARE_OF_TIMEOUT = 0.5
_PILOT_V = {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0}  # IEC 61851-1 Annex A, nominal positive levels
_PILOT_BAND_V = 1.5  # half the distance of two states


async def diagnose(
    topology: Topology, clock: Clock, *, ports: Mapping[str, int] = _NO_PORTS, probe: bool = False
) -> list[Check]:
    """Check a bench, leave it in its safe state. Never raises for what is wrong with it: that is in the list.

    `probe`: move the voltage of each phase by a few per cent, and see that every instrument follows on that phase.
    """
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
        checks += plausible(topology, readings)
        if probe:
            checks += await probe_phases(rig, tuple(readings))
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
    begun = rig.clock.time()
    try:
        reading = await instrument.read()
    except InstrumentFault as fault:
        return [Check(name, False, fault.what, fault.cure)]
    took = rig.clock.time() - begun
    readings[entry.name] = reading
    cure = "check its wiring: nothing could be measured"
    return [Check(name, bool(reading.values), _shown(reading), cure), _in_time(rig.topology, entry, took)]


def _in_time(topology: Topology, entry: InstrumentEntry, took: float) -> Check:
    """Whether a reading leaves room: to the instrument's time-out, and to the next sample."""
    name, seen = f"{entry.name} reads in time", f"{took:.2f} s"
    if took > _SHARE_OF_TIMEOUT * entry.timeout_s:
        cure = f"set its timeout_s to {math.ceil(3 * took)} or more; have it measure over a shorter time, or fewer quantities"
        return Check(name, False, f"{seen}, and {entry.timeout_s:g} s is its time-out: it will be late at times", cure)
    if entry.sample and took > topology.sample_interval_s:
        cure = f"set sample_interval_s to {math.ceil(2 * took)} or more, or have it measure over a shorter time"
        return Check(name, False, f"{seen}, and it is to be sampled every {topology.sample_interval_s:g} s", cure)
    return Check(name, True, seen)


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
