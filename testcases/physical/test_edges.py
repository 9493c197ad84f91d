"""What an oscilloscope sees of the contactor: how soon it opens after the pilot's edge or the button, and what flows when it closes."""

from bench.errors import BenchError
from bench.roles import Trigger
from fixtures.bench_facade import Bench
from fixtures.captures import BEGINS, HALF_CYCLE_S, Shot
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.edges import Edge, Waveform, peak, rms, square_integral
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.events import Captured
from harness.trace.trace import Record
from harness.uncertainty import expanded, rectangular
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading
from testcases.physical.shots import (
    BEFORE_S,
    IEC,
    LEAST_AFTER_S,
    evidence,
    openings_shown,
    opens_in_time,
    shot_of,
)

CLOSINGS = 3
"""How often the contactor is watched closing: the inrush hangs on the instant of the wave in which it closes."""

LIVE_V = 60.0
"""An instantaneous voltage that an outlet with open contacts does not have."""

INRUSH_S = 0.01
"""How long after the closing the peak of a filter's inrush may come."""

LOAD_FROM_S, LOAD_TO_S = 0.03, 0.11
"""When the inrush is over and a load shows: whole cycles of the mains."""


@case("HIL_EDGE_01")
async def test_ev_opens_s2(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The pilot rises from the level of state C to that of B; the outlet's current and voltage show the contacts."""

    async def open_s2() -> None:
        await bench.ev.request_energy(on=False)

    outlet = Outlet(station, bench)
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        await begin_charging(dialect, outlet)
    async with step.preamble("the EV opens S2 under load"):
        shot = await shot_of(bench, station, open_s2)
    async with step.test("the contactor is open in time", f"{IEC}; PIXIT contactor_opens_within_s"):
        opens_in_time(bench, station, shot)


@case("HIL_EDGE_02")
async def test_cable_out_of_the_ev(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The pilot opens under load: the plug stays in the station, nothing else tells of it."""
    outlet = Outlet(station, bench)
    async with dialect.stopping_without_ev(step):
        async with step.preamble("an EV that ignores the pilot charges"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet)
        async with step.preamble("the cable is taken out of the EV under load"):
            before = await reading(bench, "power_analyzer")
            shot = await shot_of(bench, station, bench.ev.unplug_ev_side)
        async with step.test("the contactor is open in time", f"{IEC}; PIXIT contactor_opens_within_s"):
            opens_in_time(bench, station, shot)
        async with step.test("the station tells that the EV is gone", dialect.clauses.ev_gone_told):
            await dialect.ev_gone_told(charge, before)


@case("HIL_EDGE_05")
async def test_plug_out_of_the_socket(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Pilot and proximity go at once: nothing that the station asks of the socket may keep its contactor."""
    outlet = Outlet(station, bench)
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        await begin_charging(dialect, outlet)
    async with step.preamble("the plug is taken out of the socket under load"):
        shot = await shot_of(bench, station, bench.ev.unplug)
    async with step.test("the contactor is open in time", f"{IEC}; PIXIT contactor_opens_within_s"):
        opens_in_time(bench, station, shot)


@case("HIL_EDGE_03")
async def test_emergency_stop(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The button is no signal of the oscilloscope: the shot runs while it is pressed, and both are on the run's clock."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        await begin_charging(dialect, outlet)
    try:
        async with step.preamble("the emergency stop is pressed under load"):
            window_s = max(LEAST_AFTER_S, 4 * pixit.emergency_stop_opens_within_s)
            none = {"dead_v": pixit.outlet_dead_v, "floor_a": pixit.noise_floor_a}
            async with bench.capturing(None, window_s=window_s, before_s=0.0, **none) as scope:
                await bench.panel.press("emergency_stop", evse=bench.evse)
                shot = await scope.taken(pixit.message_timeout_s)
            pressed = bench.last_stimulus("panel", "press", since=shot.record)
        async with step.test("the contactor is open in time", "PIXIT emergency_stop_opens_within_s"):
            basis = pixit.basis("emergency_stop_opens_within_s")
            limit = AtMost(pixit.emergency_stop_opens_within_s, "s", basis)
            for what, edge in openings_shown(shot, from_s=0.0):
                seconds = _since(pressed, shot, edge)
                bench.judge(f"time from the button to the end of the {what}", seconds, limit, evidence(shot, *pressed))
    finally:
        async with step.postamble("the button is released"):
            await bench.panel.press("emergency_release", evse=bench.evse)


@case("HIL_EDGE_04")
async def test_closing(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV asks for energy and draws some time after it has voltage: what flows before is the station's or the filter's."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with step.preamble("a transaction runs for an EV that does not ask for energy yet"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        await dialect.start_charging(energy=False)
        await outlet.rests()
    shots = []
    for number in range(1, CLOSINGS + 1):
        async with step.preamble(f"the contactor closes, {number} of {CLOSINGS}"):
            shots.append(await _closing(bench, station))
            await outlet.draws()
            await bench.ev.request_energy(on=False)
            await outlet.rests(holds=1.0)
    async with step.test("the inrush stays within its limits", "PIXIT inrush_peak_a, inrush_a2s"):
        limit = AtMost(pixit.inrush_peak_a, "A", pixit.basis("inrush_peak_a"))
        square_limit = AtMost(pixit.inrush_a2s, "A2s", pixit.basis("inrush_a2s"))
        for shot in shots:
            bench.judge("peak of the inrush", _peak(bench, shot, limit.bound), limit, evidence(shot))
            bench.judge("integral of the squared inrush", _square(bench, shot), square_limit, evidence(shot))
    async with step.test("no load is connected when it closes", "PIXIT closing_current_a"):
        none = AtMost(pixit.closing_current_a, "A", pixit.basis("closing_current_a"))
        for shot in shots:
            bench.judge("current after the inrush", _load(bench, shot), none, evidence(shot))


async def _closing(bench: Bench, station: Station) -> Shot:
    pixit = station.pixit
    none = {"dead_v": pixit.outlet_dead_v, "floor_a": pixit.noise_floor_a}
    window_s = BEFORE_S + LEAST_AFTER_S
    trigger = Trigger("outlet_voltage", LIVE_V)
    async with bench.capturing(trigger, window_s=window_s, before_s=BEFORE_S, **none) as scope:
        await bench.ev.request_energy(on=True)
        return await scope.taken(pixit.message_timeout_s)


def _closed(shot: Shot) -> tuple[Waveform, Edge]:
    wave, edge = shot.wave("outlet_current"), shot.edge("outlet_voltage", BEGINS)
    if wave is None or edge is None:
        cure = "wire outlet_voltage and outlet_current behind the contactor, on the same phase"
        raise BenchError(f"the capture shows no closing with its current. Cure: {cure}")
    return wave, edge


def _peak(bench: Bench, shot: Shot, limit_a: float) -> Quantity:
    """Raises BenchError for a peak beyond the range of the channel that might be within the limit."""
    wave, edge = _closed(shot)
    value = peak(wave, edge.t - HALF_CYCLE_S, edge.t + INRUSH_S)
    seen = _quantity(bench, value)
    if wave.clipped and value - seen.u <= limit_a:
        cure = "set the channel to a larger range"
        raise BenchError(f"the range of outlet_current ends at {value:.4g} A, below the limit. Cure: {cure}")
    return seen


def _square(bench: Bench, shot: Shot) -> Quantity:
    """The relative uncertainty of a square is twice that of its root: taken at the peak, which makes up most of it."""
    wave, edge = _closed(shot)
    begin, end = edge.t - HALF_CYCLE_S, edge.t + INRUSH_S
    value, highest = square_integral(wave, begin, end), _quantity(bench, peak(wave, begin, end))
    u = 2 * highest.u / highest.value * value if highest.value else 0.0
    return Quantity(value, "A2s", u, {"oscilloscope": u} if u > 0 else {})


def _load(bench: Bench, shot: Shot) -> Quantity:
    wave, edge = _closed(shot)
    return _quantity(bench, rms(wave, edge.t + LOAD_FROM_S, edge.t + LOAD_TO_S))


def _quantity(bench: Bench, current_a: float) -> Quantity:
    entry = bench.wired("edge_scope")
    assert entry is not None  # the catalogue asks for the role
    u = entry.uncertainty["current"].u(current_a)
    return Quantity(current_a, "A", u, {entry.name: u})


def _since(pressed: tuple[Record, Record], shot: Shot, edge: Edge) -> Quantity:
    """Seconds from the button to an edge, both on the run's clock. Raises BenchError for a button pressed outside of the shot."""
    begin, done = pressed
    event = shot.record.event
    assert isinstance(event, Captured)
    button_s = (begin.t + done.t) / 2 - event.at
    if not 0 <= button_s < LEAST_AFTER_S / 2:
        cure = "press it by an instrument: a person is too slow for this case"
        raise BenchError(f"the button was pressed {button_s:.3g} s after the shot began. Cure: {cure}")
    budget = {
        "button": expanded(rectangular((done.t - begin.t) / 2)),
        "trigger on the run's clock": event.t_u,
        "edge": edge.u,
        "time base": abs(edge.t) * event.time_base_ppm * 1e-6,
    }
    return Quantity.of_budget(edge.t - button_s, "s", budget)
