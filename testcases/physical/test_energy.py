"""A billed kWh is a kWh: the energy of a transaction against the bench's reference meter, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.comparison import Comparison
from testcases.physical.mains import goes_dark
from testcases.physical.measuring import reading
from testcases.physical.sessions import Load, Session, Sessions

CURRENTS_A = (6.0, 16.0, 32.0)
POWER_FACTORS = (1.0, 0.8)

SHARE_OF_LIMIT = 0.25
"""U of each row of the matrix, as a share of the class's limit: less than the third that a bench must reach, in little time."""

MATRIX_SAMPLED_S = 10.0


@case("HIL_ENERGY_01")
async def test_energy_of_a_transaction(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """At the rated current, and for as long as makes the answer sure."""
    sessions = await _sessions(csms, dialect, station, bench, step)
    async with dialect.sampled(
        step, station.pixit.meter_value_interval_s
    ):  # or 2.0.1 owes no registers at begin and end
        charge, begin = await sessions.charges(sessions.comparison.to_charge_wh(), _rated(sessions))
        await sessions.compares(await sessions.ends(charge, begin))


@case("HIL_ENERGY_02")
async def test_energy_over_a_loss_of_supply(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The supply is lost under load: no energy flows from then on, so that the register at the end stands as well."""
    sessions = await _sessions(csms, dialect, station, bench, step)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        charge, begin = await sessions.charges(sessions.comparison.to_charge_wh(), _rated(sessions))
        async with step.preamble("the supply is lost under load and returns"):
            lost = await reading(bench, "reference_meter")
            await goes_dark(csms, station, bench)
            await bench.ev.request_energy(on=False)
            dark = await reading(bench, "reference_meter")
            await bench.mains.output(on=True)
            await csms.connects(within=station.pixit.long_operation_timeout_s, after=lost)
            ended = await dialect.interrupted(charge, lost)
            end = (dark, await reading(bench, "reference_meter"))
        await sessions.compares(Session(charge, ended, begin, end))


@case("HIL_ENERGY_03")
async def test_energy_over_the_range(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One transaction at each current, on one phase and on all, at each power factor."""
    sessions = await _sessions(csms, dialect, station, bench, step)
    target_wh = sessions.comparison.to_charge_wh(SHARE_OF_LIMIT)
    try:
        async with dialect.sampled(step, station.pixit.meter_value_interval_s):
            await _one_by_one(sessions, target_wh)
    finally:
        async with step.postamble("the EV has no power factor of the case's any more"):
            await bench.ev.set_power_factor(1.0)


async def _one_by_one(sessions: Sessions, target_wh: float) -> None:
    earlier: Session | None = None
    for load in _loads(sessions):
        if earlier is not None:
            async with sessions.step.preamble(f"the EV is gone; the next one draws {load}"):
                await sessions.leaves(earlier)
        charge, begin = await sessions.charges(target_wh, load, MATRIX_SAMPLED_S)
        earlier = await sessions.ends(charge, begin)
        await sessions.compares(earlier, f"{load}: ")


async def _sessions(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> Sessions:
    async with step.preamble("the meters count the same energy"):
        comparison = Comparison.of(station, bench, dialect)
    return Sessions(csms, dialect, station, bench, step, comparison)


def _rated(sessions: Sessions) -> Load:
    return Load(sessions.outlet.rated_current_a, sessions.outlet.phases)


def _loads(sessions: Sessions) -> list[Load]:
    """As far as the EVSE's rating and phases go."""
    outlet = sessions.outlet
    currents_a = [current_a for current_a in CURRENTS_A if current_a <= outlet.rated_current_a]
    return [
        Load(current_a, phases, factor)
        for factor in POWER_FACTORS
        for phases in sorted({1, outlet.phases})
        for current_a in currents_a
    ]
