"""In what order and when a remote stop takes pilot, energy and lock away: seen by oscilloscope, analyser and lock sensor, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.limits import AtLeast, AtMost, WithinOf
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading
from testcases.physical.timing import FAST_S, dead, elapsed, first, of_message, released, steady

WATCHED_S = 15.0
"""How long a stop is looked at closely: an EV that draws on has its 6 s in this time, and a lock its turn."""


@case("HIL_STOP_07")
async def test_pilot_outlet_and_lock(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """A polite EV: the PWM goes at once, then the energy, and only then does the lock let the plug go."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    async with step.preamble("the EV charges, its plug is held"):
        await bench.ev.set_polite(polite=True)
        charge = await begin_charging(dialect, outlet)
        await bench.plug_is_held(held=True, within=0.0)
    looks: list[Record] = []
    async with bench.sampling(FAST_S):
        async with step.preamble("everything is seen before the stop"):
            before = await reading(bench, "pilot_scope")
            looks.append(await bench.look_at_lock())
        async with step.test("the station accepts the remote stop", clauses.stop_accepted):
            stop = await dialect.remote_stop(charge)
        async with step.preamble(f"it is watched for {WATCHED_S:g} s"):
            while looks[-1].t < stop.t + WATCHED_S:
                await bench.wait(FAST_S)
                looks.append(await bench.look_at_lock())
    pwm_gone = first(bench.readings("pilot_scope", since=before), steady, "the stop")
    async with step.test("the PWM goes in time", "PIXIT pwm_off_within_s"):
        limit = AtMost(pixit.pwm_off_within_s, "s", pixit.basis("pwm_off_within_s"))
        bench.judge(
            "time from the stop to the end of the PWM", elapsed(of_message(stop), pwm_gone), limit, pwm_gone.evidence
        )
    async with step.test("current and voltage go", clauses.outlet_off):
        await outlet.goes_off(after=stop, within=pixit.long_operation_timeout_s)
    async with step.test("the lock lets the plug go", clauses.stop_releases):
        await bench.plug_is_held(held=False, within=max(0.0, pixit.long_operation_timeout_s - WATCHED_S))
    if outlet.voltage_is_seen():
        away = first(bench.readings("power_analyzer", since=before), outlet.is_dead, "the stop")
        let_go = first(looks, released, "the stop")
        async with step.test("the outlet is dead when the lock lets the plug go", "PIXIT dead_before_unlock"):
            limit_s = AtLeast(0.0, "s", pixit.basis("dead_before_unlock"))
            evidence = (*away.evidence, *let_go.evidence)
            bench.judge("time from a dead outlet to a released plug", elapsed(away, let_go), limit_s, evidence)


@case("HIL_STOP_08")
async def test_time_that_a_rude_ev_is_given(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """An EV that stays in state C: the contactor opens so long after the PWM went, not earlier and not later."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        charge = await begin_charging(dialect, outlet)
    async with bench.sampling(FAST_S):
        async with step.preamble("pilot and outlet are seen before the stop"):
            before = await reading(bench, "pilot_scope")
            await reading(bench, "power_analyzer")
        async with step.test("the station accepts the remote stop", clauses.stop_accepted):
            stop = await dialect.remote_stop(charge)
        async with step.preamble(f"it is watched for {WATCHED_S:g} s"):
            await bench.wait(WATCHED_S)
    async with step.test("current and voltage go", clauses.stop_ends_energy):
        await outlet.goes_off(after=stop, within=pixit.long_operation_timeout_s)
    shows = outlet.is_dead if outlet.voltage_is_seen() else dead(outlet.currents, pixit.noise_floor_a)
    async with step.test(
        "the contactor opens in its time after the PWM went", "PIXIT forced_opening_s; IEC 61851-1 10.2"
    ):
        pwm_gone = first(bench.readings("pilot_scope", since=before), steady, "the stop")
        away = first(bench.readings("power_analyzer", since=before), shows, "the stop")
        limit = WithinOf(pixit.forced_opening_s, pixit.forced_opening_tolerance_s, "s", pixit.basis("forced_opening_s"))
        bench.judge(
            "time from the end of the PWM to an open contactor",
            elapsed(pwm_gone, away),
            limit,
            (*pwm_gone.evidence, *away.evidence),
        )
