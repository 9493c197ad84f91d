"""A reset under load by the oscilloscope: the contactor opens once, and stays open while the station restarts, on any OCPP version."""

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.captures import HALF_CYCLE_S
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.edges import openings, threshold
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.events import Captured
from harness.uncertainty import expanded, rectangular
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.shots import evidence, outlet_voltage

WATCHED_S = 20.0
"""How long the outlet is looked at without a gap: as long as one shot can be. Most controllers set their outputs within it."""


@case("HIL_EDGE_06")
async def test_reset_under_load(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Outputs that float while a controller boots close a contactor for some cycles, which no sampling instrument need see."""
    pixit, clauses, outlet = station.pixit, dialect.clauses, Outlet(station, bench)
    patience_s = pixit.long_operation_timeout_s
    none = {"dead_v": pixit.outlet_dead_v, "floor_a": pixit.noise_floor_a}
    async with dialect.authorizing(step):
        async with step.preamble("an EV that ignores the pilot charges"):
            await bench.ev.set_polite(polite=False)
            charge = await begin_charging(dialect, outlet)
        async with bench.capturing(None, window_s=WATCHED_S, before_s=0.0, **none) as scope:
            async with step.test("the station accepts the reset", clauses.reset_accepted):
                reset = await dialect.reset()
            async with step.preamble(f"the outlet is watched for {WATCHED_S:g} s"):
                shot = await scope.taken(patience_s)
        async with step.test("it restarts and registers again", clauses.reset_restarts):
            boot = await csms.eventually("BootNotification", after=reset, within=2 * patience_s)
        wave, event = outlet_voltage(shot), shot.record.event
        assert isinstance(event, Captured)
        gone = openings(wave, threshold(pixit.outlet_dead_v, wave), HALF_CYCLE_S)
        async with step.test("the contactor opened before the station was back", clauses.outlet_off):
            if not gone:  # later than the oscilloscope looked: the analyser tells
                await outlet.goes_off(after=reset, within=boot.t - reset.t)
                raise BenchError(f"the outlet was live for {WATCHED_S:g} s. Cure: judge this station by HIL_RESET_01")
            span_s = {"half a wave": expanded(rectangular(HALF_CYCLE_S / 2)), "trigger on the run's clock": event.t_u}
            opened = Quantity.of_budget(event.at + gone[0][0] + HALF_CYCLE_S / 2 - boot.t, "s", span_s)
            limit_s = AtMost(0.0, "s", pixit.basis("outlet_dead_v"))
            bench.judge("time from the station's return to an open contactor", opened, limit_s, evidence(shot))
        async with step.test("the contactor stays open while the station restarts", clauses.authorized_first):
            again = ", ".join(f"{end - event_s:.3f} s after" for event_s, end in gone if end is not None) or "never"
            count = Quantity(float(sum(end is not None for _, end in gone)), "", 0.0)
            none_at_all = AtMost(0.0, "", pixit.basis("outlet_dead_v"))
            told = {"live again": again, "watched": f"{WATCHED_S:g} s from the reset"}
            bench.judge(
                "closings of the contactor after the reset", count, none_at_all, evidence(shot), conditions=told
            )
        async with step.test("the transaction's end is told as one by the reset", clauses.reset_told):
            await dialect.stopped_by_reset(charge, reset, within=boot.t - reset.t + patience_s)
