"""A remote stop that was accepted ends the energy: seen in amperes and volts at the outlet, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging

STAYS_S = 30.0
"""How long the outlet is watched after it went dead: a contactor that closes again, or a leak, shows in this time."""

SAMPLED_EVERY_S = 0.5


@case("HIL_STOP_01")
async def test_remote_stop_polite_ev(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV stops drawing by itself when the pilot tells it to: what is judged is that the outlet is switched off."""
    outlet = Outlet(station, bench)
    async with step.preamble("the EV charges"):
        await bench.ev.set_polite(polite=True)
        charge = await begin_charging(dialect, outlet)
    await _stops(dialect, station, bench, step, charge)


@case("HIL_STOP_02")
async def test_remote_stop_rude_ev(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The EV stays in state C and draws on: the station opens its contactor under load."""
    outlet = Outlet(station, bench)
    async with step.preamble("an EV that ignores the pilot charges"):
        await bench.ev.set_polite(polite=False)
        charge = await begin_charging(dialect, outlet)
    await _stops(dialect, station, bench, step, charge)


async def _stops(dialect: Dialect, station: Station, bench: Bench, step: Steps, charge: Charge) -> None:
    pixit, clauses = station.pixit, dialect.clauses
    outlet = Outlet(station, bench)
    async with bench.sampling(SAMPLED_EVERY_S):
        async with step.test("the station accepts the remote stop", clauses.stop_accepted):
            stop = await dialect.remote_stop(charge)
        async with step.test("the current ends on every phase and does not come back", clauses.stop_ends_energy):
            await bench.settles(
                "end of the current",
                outlet.currents,
                high=pixit.noise_floor_a,
                within=pixit.long_operation_timeout_s,
                holds=STAYS_S,
                after=stop,
                bases=(pixit.basis("noise_floor_a"),),
            )
        async with step.test("the outlet is switched off", clauses.outlet_off):
            if outlet.voltage_is_seen():
                await bench.settles(
                    "absence of voltage at the outlet",
                    outlet.voltages,
                    high=pixit.outlet_dead_v,
                    within=pixit.long_operation_timeout_s,
                    holds=STAYS_S,
                    after=stop,
                    bases=(pixit.basis("outlet_dead_v"),),
                )
        async with step.test("current and voltage are gone in time", "PIXIT stop_to_noise_floor_s; IEC 61851-1"):
            await _in_time(outlet, station, bench, stop)
        async with step.test("the station tells of the stop", clauses.stop_told):
            await dialect.stop_told(charge, stop)


async def _in_time(outlet: Outlet, station: Station, bench: Bench, stop: Seen) -> None:
    pixit = station.pixit
    in_time = pixit.basis("stop_to_noise_floor_s")
    for effect, quantities, high, basis in (
        ("end of the current in time", outlet.currents, pixit.noise_floor_a, "noise_floor_a"),
        ("absence of voltage in time", outlet.voltages, pixit.outlet_dead_v, "outlet_dead_v"),
    ):
        if quantities == outlet.voltages and not outlet.voltage_is_seen():
            continue
        await bench.settles(
            effect,
            quantities,
            high=high,
            within=pixit.stop_to_noise_floor_s,
            after=stop,
            bases=(in_time, pixit.basis(basis)),
        )
