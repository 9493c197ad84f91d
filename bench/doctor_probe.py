"""Which phase of the supply does each instrument see? The voltages are moved a little, one by one, and the readings followed."""

import asyncio
from collections.abc import Collection, Iterator
from typing import cast

from bench.doctor_check import Check
from bench.errors import BenchError
from bench.rig import Rig
from bench.roles import Meter, Reading

_SHARES = (0.96, 0.98, 1.0)
"""Of the nominal voltage on L1, L2, L3: well within the 10 % that a supply may be off, and wide apart for any instrument."""

_BAND = 0.008
_LIVE_V = 50.0
_SETTLE_S = 2.0


async def probe_phases(rig: Rig, names: Collection[str]) -> list[Check]:
    """Move the phases of the supply, compare what the instruments of these names read; the nominal voltage is put back."""
    wired = rig.topology.wired("ac_source", 1)
    if wired is None:
        return [
            Check(
                "phases", False, "no ac_source is wired at EVSE 1", "leave --probe out: nothing here can move a phase"
            )
        ]
    nominal_v, source = rig.topology.limits.nominal_voltage_v, rig.source(1)
    try:
        await source.set_voltage(nominal_v)
        before = await _settled(rig, names)
        for phase, share in enumerate(_SHARES, 1):
            await source.set_voltage(share * nominal_v, phase=phase)
        after = await _settled(rig, names)
    except BenchError as error:
        return [Check("phases", False, str(error), "correct it, or leave --probe out")]
    finally:
        await _put_back(rig, nominal_v)
    return [
        check for name, reading in after.items() if name in before for check in _followed(name, before[name], reading)
    ]


async def _settled(rig: Rig, names: Collection[str]) -> dict[str, Reading]:
    await asyncio.sleep(_SETTLE_S + max((entry.update_interval_s for entry in rig.topology.instruments), default=0.0))
    return {name: await cast("Meter", rig.named(name)).read() for name in names if name not in rig.broken}


async def _put_back(rig: Rig, nominal_v: float) -> None:
    try:
        await rig.source(1).set_voltage(nominal_v)
    except BenchError:
        return  # marked broken; the safe state tells


def _followed(name: str, before: Reading, after: Reading) -> Iterator[Check]:
    for phase in (1, 2, 3):
        was, now = (reading.values.get(f"voltage_l{phase}_v") for reading in (before, after))
        if was is None or now is None or min(was.value, now.value) < _LIVE_V:
            continue
        moved = now.value / was.value
        seen = [n for n, share in enumerate(_SHARES, 1) if abs(moved - share) <= _BAND]
        told = f"L{seen[0]} of the supply" if seen else f"none of them: it moved to {100 * moved:.1f} %"
        cure = f"swap its wires, or correct its phases in the bench file: what it calls L{phase} is {told}"
        yield Check(f"{name} sees the supply's L{phase} as L{phase}", seen == [phase], f"it follows {told}", cure)
