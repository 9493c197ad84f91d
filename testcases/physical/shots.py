"""Shots of an oscilloscope that show when the contactor opens, and after what."""

from collections.abc import Awaitable, Callable, Iterator

from bench.errors import BenchError
from bench.roles import Trigger
from fixtures.bench_facade import Bench
from fixtures.captures import ENDS, HALF_CYCLE_S, LEAVES_C, PILOT_OF_B_V, Shot
from harness.edges import Edge, Waveform
from harness.limits import AtMost
from harness.model.station import Station
from harness.trace.events import Stimulus
from harness.trace.trace import Record

IEC = "IEC 61851-1 Table A.6, sequence 8.1 (second hand)"
BEFORE_S = 0.05
"""What is kept from before the trigger: some cycles of the mains and many of the pilot."""

LEAST_AFTER_S = 0.45
"""What is kept after it: enough to see a contactor that is gross late, and the silence that follows."""


async def shot_of(bench: Bench, station: Station, happens: Callable[[], Awaitable[None]]) -> Shot:
    """What the oscilloscope catches when `happens` brings the pilot from the level of state C to that of B or A."""
    pixit = station.pixit
    after_s = max(LEAST_AFTER_S, 3 * pixit.contactor_opens_within_s)
    none = {"dead_v": pixit.outlet_dead_v, "floor_a": pixit.noise_floor_a}
    trigger = Trigger("pilot", PILOT_OF_B_V)
    async with bench.capturing(trigger, window_s=BEFORE_S + after_s, before_s=BEFORE_S, **none) as scope:
        await happens()
        return await scope.taken(pixit.message_timeout_s)


def opens_in_time(bench: Bench, station: Station, shot: Shot) -> None:
    """Judge the time from the pilot's edge to whatever shows open contacts. Raises BenchError for a shot without that edge."""
    pixit = station.pixit
    left = shot.edge("pilot", LEAVES_C)
    if left is None:
        raise BenchError(
            "the capture holds no edge of the pilot. Cure: look at the pilot's channel on the oscilloscope"
        )
    limit = AtMost(pixit.contactor_opens_within_s, "s", pixit.basis("contactor_opens_within_s"))
    for what, edge in openings_shown(shot, from_s=left.t):
        seconds = shot.time_between(("pilot edge", left), (f"end of {what}", edge))
        bench.judge(f"time from the pilot's edge to the end of the {what}", seconds, limit, evidence(shot))


def openings_shown(shot: Shot, from_s: float) -> Iterator[tuple[str, Edge]]:
    """What shows the contacts open: the end of a current that flowed when it had to end, and of the supply behind them.

    Raises BenchError when neither channel shows anything: then nothing is known of the contacts.
    """
    current, supply = shot.edge("outlet_current", ENDS), shot.edge("outlet_voltage", ENDS)
    shown = [("current", current)] if current is not None and current.t > from_s - HALF_CYCLE_S else []
    shown += [("voltage", supply)] if supply is not None else []
    if not shown:
        cure = "wire outlet_voltage or outlet_current behind the contactor, on a phase that carries the load"
        raise BenchError(f"the capture shows neither current nor voltage at the outlet. Cure: {cure}")
    for what, edge in shown:
        assert edge is not None
        yield what, edge


def outlet_voltage(shot: Shot) -> Waveform:
    """The voltage behind the contactor. Raises BenchError where it is on no channel, or its samples are too far apart to show half waves."""
    wave = shot.wave("outlet_voltage")
    if wave is None:
        raise BenchError("no oscilloscope sees the outlet's voltage. Cure: add options.outlet_voltage to its entry")
    if wave.step_s > HALF_CYCLE_S / 2:
        raise BenchError(
            f"the outlet's voltage was sampled each {1000 * wave.step_s:.3g} ms: too seldom for half waves of the mains. "
            "Cure: give the oscilloscope more memory"
        )
    return wave


def evidence(shot: Shot, *more: Record) -> tuple[int, ...]:
    """The shot, and the stimuli that it is held against."""
    assert all(isinstance(record.event, Stimulus) for record in more)
    return (*(record.seq for record in more), shot.record.seq)
