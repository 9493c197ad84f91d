"""Do readings make sense, each by itself and against its neighbours? What mis-wiring looks like, and what would cure it.

At rest little can be told: behind an open contactor there is nothing to compare. Under load (a car charges) swapped phases,
a reversed current transformer and an instrument at another EVSE show.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from bench.doctor_check import Check
from bench.roles import Reading, Value
from harness.model.topology import InstrumentEntry, Topology

_FREQUENCY_HZ = (45.0, 65.0)
_LIVE: Mapping[str, float] = {"voltage": 50.0, "current": 1.0, "power": 100.0}
"""Below these (V, A, W) there is nothing to compare: a dead phase, a current under the meter's start."""

_UNITS: Mapping[str, str] = {"voltage": "v", "current": "a", "power": "w"}
_DRIFT = 0.02
"""Of a current or power: neighbours are read one after the other, and a load does not stand still."""

_SHARES = {"reversed": -1.0, "shifted": -0.5}
_SHARE_BAND = 0.2

Readings = Mapping[str, Reading]


def plausible(topology: Topology, readings: Readings) -> Iterator[Check]:
    """All checks of readings that need nothing else."""
    yield from _frequencies(readings)
    yield from _powers(readings)
    yield from _neighbours(topology, readings)
    yield from _twins(topology, readings)


def _frequencies(readings: Readings) -> Iterator[Check]:
    low, high = _FREQUENCY_HZ
    for name, reading in readings.items():
        value = reading.values.get("frequency_hz")
        if value is not None:
            ok = low <= value.value <= high
            cure = "check wiring, and the register file of a Modbus meter"
            yield Check(f"{name} sees a mains frequency", ok, f"{value.value:.2f} Hz", cure)


# -- one instrument by itself


def _powers(readings: Readings) -> Iterator[Check]:
    """A phase's power flows to the car, and is what its voltage and current make."""
    for name, reading in readings.items():
        for phase in (1, 2, 3):
            told = [reading.values.get(f"{kind}_l{phase}_{unit}") for kind, unit in _UNITS.items()]
            volts, amps, watts = told
            if volts is None or amps is None or watts is None or abs(amps.value) < _LIVE["current"]:
                continue
            apparent = abs(volts.value * amps.value)
            if volts.value >= _LIVE["voltage"]:
                yield _power(f"{name} power on L{phase}", watts, apparent, phase)


def _power(name: str, watts: Value, apparent: float, phase: int) -> Check:
    share = watts.value / apparent
    seen = f"{watts.value:.1f} W of {apparent:.1f} VA"
    if abs(share - _SHARES["reversed"]) <= _SHARE_BAND:
        return Check(
            name, False, f"{seen}: the energy flows backwards", f"turn the current transformer of L{phase} round"
        )
    if abs(share - _SHARES["shifted"]) <= _SHARE_BAND:
        cure = f"the current taken for L{phase} is another phase's: swap the current transformers, or the voltage leads"
        return Check(name, False, f"{seen}: minus a half, as of two different phases", cure)
    if watts.value < -watts.u:
        return Check(
            name, False, f"{seen}: negative", f"check direction and phase of the current transformer of L{phase}"
        )
    allowed = apparent * (1 + _DRIFT) + watts.u
    cure = f"check ranges and transformer ratio of L{phase}, and the register file of a Modbus meter"
    return Check(name, watts.value <= allowed, seen, cure)


# -- neighbours


def _measured(topology: Topology, readings: Readings) -> list[InstrumentEntry]:
    return [entry for entry in topology.instruments if entry.name in readings and "pilot_scope" not in entry.roles]


def _at_outlets(topology: Topology, readings: Readings) -> list[InstrumentEntry]:
    """One in the supply sees more than an outlet: what the station itself takes, and a voltage that no contactor switches."""
    return [entry for entry in _measured(topology, readings) if entry.location != "supply"]


def _neighbours(topology: Topology, readings: Readings) -> Iterator[Check]:
    """Instruments on one EVSE agree within their U; currents and powers where both see the same EVSEs and there is a load."""
    entries = _at_outlets(topology, readings)
    for n, a in enumerate(entries):
        for b in (b for b in entries[n + 1 :] if set(a.evses) & set(b.evses)):
            for kind in _UNITS:
                if kind == "voltage" or a.evses == b.evses:
                    yield from _agreements(topology, readings, (a, b), kind)


def _agreements(
    topology: Topology, readings: Readings, pair: tuple[InstrumentEntry, InstrumentEntry], kind: str
) -> Iterator[Check]:
    one, other = (_phases(readings[entry.name], kind) for entry in pair)
    for phase, (mine, yours) in enumerate(zip(one, other, strict=True), 1):
        if mine is None or yours is None or not _worth_comparing(kind, mine, yours):
            continue
        name = f"{pair[0].name} and {pair[1].name} agree on {kind}_l{phase}_{_UNITS[kind]}"
        apart, allowed = abs(mine.value - yours.value), _allowed(kind, mine, yours)
        seen = (
            f"{mine.value:.2f} and {yours.value:.2f} {mine.unit}, {apart:.3f} apart, {allowed:.3f} allowed by their U"
        )
        ok = apart <= allowed
        yield Check(name, ok, seen, "" if ok else _cure(topology, readings, pair, kind))


def _worth_comparing(kind: str, mine: Value, yours: Value) -> bool:
    """A phase that one of them sees dead may be behind an open contactor; a current that only one sees is what is looked for."""
    values = (abs(mine.value), abs(yours.value))
    return (min(values) if kind == "voltage" else max(values)) > _LIVE[kind]


def _allowed(kind: str, one: Value, other: Value) -> float:
    drift = 0.0 if kind == "voltage" else _DRIFT * max(abs(one.value), abs(other.value))
    return one.u + other.u + drift


def _phases(reading: Reading, kind: str) -> list[Value | None]:
    return [reading.values.get(f"{kind}_l{phase}_{_UNITS[kind]}") for phase in (1, 2, 3)]


def _cure(topology: Topology, readings: Readings, pair: tuple[InstrumentEntry, InstrumentEntry], kind: str) -> str:
    """What the disagreement looks like."""
    one, other = (_phases(readings[entry.name], kind) for entry in pair)
    order = permutation(one, other, kind)
    if order is not None:
        told = ", ".join(f"L{n} is L{place} there" for n, place in enumerate(order, 1) if n != place)
        return f"phases are swapped between them ({pair[0].name}'s {told}): correct the wiring of one, or its phases in the bench file"
    for entry, its, against in ((pair[0], one, pair[1]), (pair[1], other, pair[0])):
        third = None if kind == "voltage" else _lookalike(topology, readings, entry, its, kind)
        if third is not None:
            return (
                f"{entry.name} agrees with {third.name}, which is at EVSE {', '.join(map(str, third.evses))}, instead: one of "
                f"{entry.name}, {against.name} and {third.name} is wired to another EVSE than the bench file says, or has "
                "the address (with Modbus: the unit id) of another"
            )
    return "check wiring, phases in the bench file, and the stated accuracies"


def _lookalike(
    topology: Topology, readings: Readings, entry: InstrumentEntry, its: Sequence[Value | None], kind: str
) -> InstrumentEntry | None:
    """An instrument of another kind, at another EVSE, that sees the same."""
    for third in _at_outlets(topology, readings):
        elsewhere = not set(third.evses) & set(entry.evses) and third.roles != entry.roles
        if elsewhere and _same(its, _phases(readings[third.name], kind), kind):
            return third
    return None


def permutation(one: Sequence[Value | None], other: Sequence[Value | None], kind: str) -> tuple[int, ...] | None:
    """Which phases (1 to 3) of `other` are the three of `one`, if that explains all of them and the order as told does not."""
    for order in permutations((0, 1, 2)):
        if order != (0, 1, 2) and _same(one, [other[place] for place in order], kind):
            return tuple(place + 1 for place in order)
    return None


def _same(one: Sequence[Value | None], other: Sequence[Value | None], kind: str) -> bool:
    """Whether all phases agree, of which there is at least one to compare."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    live = any(max(abs(a.value), abs(b.value)) > _LIVE[kind] for a, b in pairs)
    return live and all(abs(a.value - b.value) <= _allowed(kind, a, b) for a, b in pairs)


# -- one instrument that is told of twice


def _twins(topology: Topology, readings: Readings) -> Iterator[Check]:
    """Two meters that count the very same energy, or stand at one address, are one meter."""
    entries = _measured(topology, readings)
    for n, a in enumerate(entries):
        for b in (b for b in entries[n + 1 :] if a.evses != b.evses):
            same_place = a.address == b.address
            energies = [readings[entry.name].values.get("energy_wh") for entry in (a, b)]
            counted = [energy.value for energy in energies if energy is not None]
            same_count = len(counted) == 2 and counted[0] == counted[1] != 0
            if same_place or same_count:
                what = f"both at {a.address}" if same_place else f"both count {counted[0]:.1f} Wh, to the last digit"
                cure = "one of them has the address (with Modbus: the unit id) of the other: correct it"
                yield Check(f"{a.name} and {b.name} are two instruments", False, what, cure)
