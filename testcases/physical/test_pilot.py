"""The control pilot says what the charging profile allows: duty and frequency seen by an oscilloscope, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.limits import WithinOf
from harness.model.pixit import Pixit
from harness.model.station import Station
from harness.pilot import duty_for_current_pct
from harness.trace.trace import Record
from testcases.physical.charging import LIMIT_WATCHED_S, Outlet, begin_charging
from testcases.physical.measuring import has_pwm, measured, needs_duty, reading

LIMITS_A = (*(float(amperes) for amperes in range(6, 33)), 40.0, 50.0, 63.0)
"""Limits that are set one after the other, as far as the EVSE's rating goes: every ampere up to 32, and beyond what fuses are made for."""

NOMINAL_HZ = 1000.0
"""Frequency of the control pilot (IEC 61851-1 Annex A, second hand)."""

SAMPLED_EVERY_S = 5.0


HIGHER_A, LOWER_A = 10.0, 6.0
"""A limit that the pilot is raised to, from the smallest one."""

LOOKED_S = 0.5
"""How often the pilot is read that follows a limit."""


@case("HIL_PILOT_02")
async def test_pilot_follows(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Down to the smallest current and up again: the duty is there in time, and never above the limit that it goes to."""
    pixit, outlet, clauses = station.pixit, Outlet(station, bench), dialect.clauses
    async with step.preamble("the EV charges"):
        needs_duty(bench)
        charge = await begin_charging(dialect, outlet)
    async with bench.sampling(LOOKED_S):
        for limit_a in (LOWER_A, HIGHER_A):
            async with step.test(f"the station accepts a limit of {limit_a:g} A", clauses.limit_accepted):
                limited = await dialect.set_limit(charge, limit_a)
            duty_pct, tolerance_pct = duty_for_current_pct(limit_a), pixit.pilot_duty_tolerance_pct
            in_time, tolerance = pixit.basis("pilot_follows_within_s"), pixit.basis("pilot_duty_tolerance_pct")
            async with step.test(f"the pilot says {limit_a:g} A in time", "PIXIT pilot_follows_within_s; IEC 61851-1"):
                await bench.settles(
                    f"duty of {limit_a:g} A",
                    ("pilot_duty_pct",),
                    low=duty_pct - tolerance_pct,
                    high=duty_pct + tolerance_pct,
                    within=pixit.pilot_follows_within_s,
                    after=limited,
                    role="pilot_scope",
                    bases=(in_time, tolerance),
                )
        async with step.test("on its way up it never offers more than the new limit", clauses.limit_applies):
            await bench.stays(
                f"duty of at most {HIGHER_A:g} A",
                ("pilot_duty_pct",),
                high=duty_for_current_pct(HIGHER_A) + pixit.pilot_duty_tolerance_pct,
                for_s=LIMIT_WATCHED_S,
                after=limited,
                role="pilot_scope",
                bases=(pixit.basis("pilot_duty_tolerance_pct"),),
            )
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()


@case("HIL_PILOT_01")
async def test_pilot_duty(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """Each limit is given its time, then the duty and the frequency of one reading are judged."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    limits_a = [limit_a for limit_a in LIMITS_A if limit_a <= outlet.rated_current_a]
    async with step.preamble("the EV charges"):
        needs_duty(bench)
        charge = await begin_charging(dialect, outlet)
    async with bench.sampling(SAMPLED_EVERY_S):
        for limit_a in limits_a:
            async with step.preamble(f"a limit of {limit_a:g} A is accepted and has its time"):
                limited = await dialect.set_limit(charge, limit_a)
                await bench.wait(pixit.profile_applied_within_s)
                seen = await reading(bench, "pilot_scope")
            async with step.test(f"the pilot's duty says {limit_a:g} A", dialect.clauses.limit_applies):
                csms.holds("PWM signals on the pilot", int(has_pwm(seen)), (limited,), low=1)
                _says(bench, pixit, seen, limit_a)
    async with step.test("the pilot's frequency is 1 kHz", "IEC 61851-1 Annex A; PIXIT pilot_frequency_tolerance_pct"):
        tolerance_hz = NOMINAL_HZ * pixit.pilot_frequency_tolerance_pct / 100
        limit = WithinOf(NOMINAL_HZ, tolerance_hz, "Hz", pixit.basis("pilot_frequency_tolerance_pct"))
        bench.judge("pilot frequency", measured(seen, "pilot_frequency_hz"), limit, (seen.seq,))
    async with step.postamble("the profile is cleared"):
        await dialect.clear_limit()


def _says(bench: Bench, pixit: Pixit, seen: Record, limit_a: float) -> None:
    basis = pixit.basis("pilot_duty_tolerance_pct")
    limit = WithinOf(duty_for_current_pct(limit_a), pixit.pilot_duty_tolerance_pct, "%", basis)
    bench.judge(f"duty at a limit of {limit_a:g} A", measured(seen, "pilot_duty_pct"), limit, (seen.seq,))
