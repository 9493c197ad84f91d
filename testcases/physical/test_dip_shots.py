"""Dips of the supply by the oscilloscope: chatter that is quicker than an analyser's samples, and how soon a contactor drops out, on any OCPP version."""

from dataclasses import dataclass

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.captures import HALF_CYCLE_S, Shot
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.edges import Edge, Waveform, openings, peak, supply_ends, threshold
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading
from testcases.physical.shots import evidence, outlet_voltage

CHATTERED_S = 0.4
"""Shorter than a station's own watch of its supply usually takes, so that the contactor is what is seen."""

CHATTERS_AT = (0.7, 0.4)
"""What is left of the voltage: less than a coil needs to pull in, and less than most need to hold."""

BEFORE_S = 0.1
"""How much of the whole supply the shot holds."""

AFTER_S = 1.2
"""How long the outlet is looked at once the supply is back."""

DROPS_OUT_AT = 0.2
"""What is left of the voltage where no coil for the mains may hold its contacts any more, and a scope still sees it behind them."""

STAYS_S = 0.6
"""How much longer than twice the limit the supply stays low: the shot ends in the middle of it."""

FALLEN = 0.7
"""A half wave of less than this of the highest one belongs to the dip."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A session that met a dip: its charge, the reading before, and the shot."""

    charge: Charge
    before: Record
    shot: Shot


@case("HIL_DIP_02")
async def test_quick_chatter(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The dip leaves a voltage that the oscilloscope sees behind closed contacts: where it is gone, they are open."""
    basis = station.pixit.basis("dip_openings")
    limit = AtMost(float(station.pixit.dip_openings), "", basis)
    for share in CHATTERS_AT:
        seen = await _dips(dialect, station, bench, step, share, CHATTERED_S, AFTER_S)
        async with step.test(f"the contactor does not chatter in a dip to {share * 100:g} %", "PIXIT dip_openings"):
            wave = outlet_voltage(seen.shot)
            gone = openings(wave, threshold(station.pixit.outlet_dead_v, wave), HALF_CYCLE_S)
            where = ", ".join(_span(begin, end) for begin, end in gone) or "none"
            count = Quantity(float(len(gone)), "", 0.0)
            told = {"open": where, "shortest opening that shows": f"{1000 * HALF_CYCLE_S:.0f} ms"}
            bench.judge("openings of the contactor", count, limit, evidence(seen.shot), conditions=told)
        await _over(csms, dialect, station, bench, step, seen)


@case("HIL_DIP_03")
async def test_drop_out(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The supply falls to a fifth and stays there for longer than the shot: when it vanishes behind the contacts, they have dropped out."""
    pixit = station.pixit
    dip_s = 2 * pixit.contactor_drops_out_within_s + STAYS_S
    seen = await _dips(dialect, station, bench, step, DROPS_OUT_AT, dip_s, -STAYS_S / 2)
    async with step.test("the contactor drops out in time", "PIXIT contactor_drops_out_within_s"):
        wave = outlet_voltage(seen.shot)
        fell, ended = _falls(wave, pixit.outlet_dead_v)
        seconds = seen.shot.time_between(("the supply falls", fell), ("the outlet is dead", ended))
        limit = AtMost(pixit.contactor_drops_out_within_s, "s", pixit.basis("contactor_drops_out_within_s"))
        what = f"time from a supply of {DROPS_OUT_AT * 100:g} % to an open contactor"
        bench.judge(what, seconds, limit, evidence(seen.shot))
    await _over(csms, dialect, station, bench, step, seen)


async def _dips(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, share: float, dip_s: float, after_s: float
) -> _Seen:
    """A session of its own, and a shot that begins before the dip and ends so long after it (negative: before its end)."""
    pixit = station.pixit
    async with step.preamble(f"an EV charges before a dip to {share * 100:g} %"):
        charge = await begin_charging(dialect, Outlet(station, bench))
        before = await reading(bench, "power_analyzer")
    async with step.preamble(f"a dip to {share * 100:g} % for {dip_s:g} s, as the oscilloscope sees it"):
        none = {"dead_v": pixit.outlet_dead_v, "floor_a": pixit.noise_floor_a}
        async with bench.capturing(None, window_s=BEFORE_S + dip_s + after_s, before_s=0.0, **none) as scope:
            await bench.wait(BEFORE_S)
            await bench.mains.dip(share, dip_s)
            return _Seen(charge, before, await scope.taken(pixit.message_timeout_s))


async def _over(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, seen: _Seen) -> None:
    """The transaction is told as ended, and the EV leaves."""
    async with step.preamble("the station is connected, the transaction over, and the EV leaves"):
        if not csms.connected:
            await csms.connects(within=station.pixit.long_operation_timeout_s)
        await dialect.interrupted(seen.charge, seen.before)
        await bench.ev.unplug()
        await dialect.freed(seen.charge)


def _falls(wave: Waveform, dead_v: float) -> tuple[Edge, Edge]:
    """When the supply fell: after its last half wave that is near the height of the highest. And when what was left of it ended.

    Raises BenchError for a capture that does not show both.
    """
    fell = supply_ends(wave, FALLEN * peak(wave, wave.start_s, wave.end_s), HALF_CYCLE_S)
    if fell is None or fell.open:
        raise BenchError("the capture shows no supply that falls. Cure: wire outlet_voltage behind the contactor")
    left = wave.since(fell.t)
    return fell, supply_ends(left, threshold(dead_v, left), HALF_CYCLE_S) or fell


def _span(begin: float, end: float | None) -> str:
    return f"from {begin:.3f} s on" if end is None else f"{begin:.3f} s to {end:.3f} s"
