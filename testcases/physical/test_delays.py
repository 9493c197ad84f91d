"""Random delays of changes of load (UK SI 2021/1467): range and spread over several trials, on any OCPP version."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.plans import Plan
from fixtures.steps import Steps
from harness.charging.profiles16 import moment_of
from harness.limits import AtLeast, AtMost
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import CHARGING_A, Outlet
from testcases.physical.delays import SAMPLES_A_DELAY, Delay, delay, in_range, longest, spread
from testcases.physical.measuring import reading

LOW_A, BETWEEN_A, HIGH_A = 8.0, 10.0, 13.0
"""Two limits in turn, and a current that only one of them allows."""

AWAY_S = 10.0
"""How long the supply is away: longer than a station's power supply holds up."""

LEAST_TRIALS = 5
"""Fewer delays that are random in truth lie together too often: three of them within a tenth of the range in 3 % of the runs."""

LATER_S = 60
"""How long before its start a schedule is sent."""

CLAUSE = "UK SI 2021/1467 (second hand); PIXIT random_delay_max_s"
SPREAD = "UK SI 2021/1467 (second hand); PIXIT random_delay_spread_s"


@case("HIL_DELAY_01")
async def test_random_delay_after_restart(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The supply is lost under load again and again; the EV wants energy all the time."""
    pixit = station.pixit
    most_s, allowance_s = pixit.random_delay_max_s, pixit.long_operation_timeout_s
    async with bench.sampling(most_s / SAMPLES_A_DELAY):
        charge = await _begin(dialect, station, bench, step)
        delays: list[Delay] = []
        for number in range(1, pixit.random_delay_trials + 1):
            async with step.preamble(f"the supply is lost and returns, {number}"):
                lost = await reading(bench, "power_analyzer")
                await bench.mains.output(on=False)
                await bench.wait(AWAY_S)
                await bench.mains.output(on=True)
                back = await csms.connects(within=pixit.long_operation_timeout_s, after=lost)
                before, charge = charge, await dialect.resumed(charge, lost)
                asked = back if charge is before else await reading(bench, "power_analyzer")
            async with step.test(f"charging begins within the random delay, {number}", CLAUSE):
                found = await delay(bench, asked, asked.t, within=2 * most_s + allowance_s, low=CHARGING_A)
                csms.holds("times that charging began", int(found is not None), (charge.began,), low=1)
                assert found is not None  # or the line before has ended the step
                delays.append(found)
    async with step.test("no delay after a restart is longer than the maximum", CLAUSE):
        in_range(station, bench, delays, most_s, allowance_s)
    async with step.test("the delays after restarts lie apart", SPREAD):
        spread(station, bench, delays)


@case("HIL_DELAY_02")
async def test_random_delay_of_changes(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """Two limits in turn: at once, and as schedules with a start of their own."""
    pixit = station.pixit
    most_s, allowance_s = pixit.random_delay_max_s, pixit.profile_applied_within_s
    async with bench.sampling(most_s / SAMPLES_A_DELAY):
        charge = await _begin(dialect, station, bench, step)
        changes = _Changes(csms, dialect, station, bench, step, charge)
        trials = pixit.random_delay_trials
        for what, sends, times in (
            ("new limits", _at_once(dialect, charge), trials),
            ("schedules", _later(dialect, bench, charge), max(LEAST_TRIALS, (trials + 1) // 2)),
        ):
            delays = await changes.after_the_first(what, sends, most_s, times)
            async with step.test(f"no delay of {what} is longer than the maximum", CLAUSE):
                in_range(station, bench, delays, most_s, allowance_s)
            async with step.test(f"the delays of {what} lie apart", SPREAD):
                spread(station, bench, delays)
    async with step.postamble("the profile is cleared"):
        await dialect.plans.remove(_plan(charge, HIGH_A))


@case("HIL_DELAY_03")
async def test_random_delay_settings(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The longest maximum, and then the override."""
    pixit = station.pixit
    setting, override = str(pixit.random_delay_setting), str(pixit.random_delay_override)
    most_s, allowance_s = pixit.random_delay_settable_s, pixit.profile_applied_within_s
    async with bench.sampling(most_s / SAMPLES_A_DELAY):
        charge = await _begin(dialect, station, bench, step)
        changes = _Changes(csms, dialect, station, bench, step, charge)
        sends = _at_once(dialect, charge)
        async with dialect.vendor_settings(step, {setting: f"{most_s:.0f}"}):
            what, trials = "limits with the longest maximum", pixit.random_delay_trials
            delays = await changes.after_the_first(what, sends, most_s, trials)
            async with step.test("no delay is longer than the maximum that was set", CLAUSE):
                in_range(station, bench, delays, most_s, allowance_s)
            async with step.test("some delay is longer than the maximum before", CLAUSE):
                before = AtLeast(pixit.random_delay_max_s, "s", pixit.basis("random_delay_max_s"))
                bench.judge("longest delay", longest(delays).time, before, longest(delays).evidence)
    async with bench.sampling(1.0), dialect.vendor_settings(step, {override: "true"}):
        what = "limits with the override"
        overridden = await changes.of(what, sends, most_s, 2)
        async with step.test(
            "the override leaves no delay", "UK SI 2021/1467 (second hand); PIXIT profile_applied_within_s"
        ):
            limit = AtMost(allowance_s, "s", pixit.basis("random_delay_max_s"))
            for one in overridden:
                bench.judge("delay with the override", one.time, limit, one.evidence)
    async with step.postamble("the profile is cleared"):
        await dialect.plans.remove(_plan(charge, HIGH_A))


_Sends = Callable[[float], Awaitable[tuple[Record, float]]]
"""Sends a limit; gives a record before the change is due, and when it is."""


async def _begin(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> Charge:
    """An EV charges; a station that has restarted may have delayed that."""
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with step.preamble("an EV charges"):
        await bench.ev.set_demand(current_a=outlet.rated_current_a, phases=outlet.phases)
        charge = await dialect.start_charging()
        within = pixit.random_delay_settable_s + pixit.long_operation_timeout_s
        await bench.settles("charging current", outlet.currents, low=CHARGING_A, within=within)
    return charge


def _plan(charge: Charge, limit_a: float) -> Plan:
    return Plan(231, "transaction", "Relative", ((0, limit_a),), transaction_id=charge.id)


def _at_once(dialect: Dialect, charge: Charge) -> _Sends:
    async def sends(limit_a: float) -> tuple[Record, float]:
        told = await dialect.plans.install(_plan(charge, limit_a))
        return told.record, told.t

    return sends


def _later(dialect: Dialect, bench: Bench, charge: Charge) -> _Sends:
    """A schedule that begins with the limit that holds, so that nothing changes before its next period."""

    async def sends(limit_a: float) -> tuple[Record, float]:
        now = await reading(bench, "power_analyzer")
        begun = moment_of(now.utc) - timedelta(seconds=LATER_S)
        steps = ((0, LOW_A if limit_a == HIGH_A else HIGH_A), (2 * LATER_S, limit_a))
        start = begun.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        plan = Plan(231, "transaction", "Absolute", steps, start=start, transaction_id=charge.id)
        await dialect.plans.install(plan)
        return now, now.t + LATER_S

    return sends


@dataclass(frozen=True, slots=True)
class _Changes:
    """Limits sent in turn while an EV charges, each in a step of its own; each trial gives how late the load followed."""

    csms: Csms
    dialect: Dialect
    station: Station
    bench: Bench
    step: Steps
    charge: Charge

    async def after_the_first(self, what: str, sends: _Sends, most_s: float, trials: int) -> list[Delay]:
        """As `of`, once the limit from which they start has had its time."""
        async with self.step.preamble(f"the first limit of {what} has its time"):
            await sends(HIGH_A)
            await self.bench.wait(most_s + LATER_S + self.station.pixit.long_operation_timeout_s)
        return await self.of(what, sends, most_s, trials)

    async def of(self, what: str, sends: _Sends, most_s: float, trials: int) -> list[Delay]:
        delays: list[Delay] = []
        for number in range(1, trials + 1):
            clause = f"{self.dialect.clauses.limit_applies}; within PIXIT random_delay_max_s"
            async with self.step.test(f"the load changes by one of {what}, {number}", clause):
                lower = number % 2 == 1
                asked, asked_t = await sends(LOW_A if lower else HIGH_A)
                bounds = {"high": BETWEEN_A} if lower else {"low": BETWEEN_A}
                within = 2 * most_s + self.station.pixit.long_operation_timeout_s
                found = await delay(
                    self.bench, asked, asked_t, within=within, low=bounds.get("low"), high=bounds.get("high")
                )
                self.csms.holds("times that the load changed", int(found is not None), (self.charge.began,), low=1)
                assert found is not None  # or the line before has ended the step
                delays.append(found)
        return delays
