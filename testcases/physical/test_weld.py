"""A contactor that does not open any more is told, and nobody is charged there, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading

AWAY_S = 5.0
"""How long the cable is out before the next driver comes."""


@case("HIL_WELD_01")
async def test_welded_contactor(dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """The contacts weld under load; the station meets that when it stops. The EVs are polite: a welded outlet is live."""
    pixit, outlet, trouble = station.pixit, Outlet(station, bench), dialect.trouble
    async with step.preamble("an EV charges, and the contactor welds"):
        charge = await begin_charging(dialect, outlet)
        await bench.faults.inject("welded_contactor", evse=bench.evse)
    try:
        async with step.preamble("the session is stopped remotely"):
            stopped = await reading(bench, "power_analyzer")
            await dialect.remote_stop(charge)
            await bench.wait(AWAY_S)
        async with step.test("the weld is told", trouble.clauses.faulted):
            await trouble.faulted(stopped)
        async with step.preamble("another EV is plugged in and a session asked for"):
            await bench.ev.unplug()
            await bench.wait(AWAY_S)
            await bench.ev.plug_in()
            await bench.ev.request_energy(on=True)
            asked = await trouble.try_start()
        async with step.test("no session begins", trouble.clauses.no_session):
            await trouble.no_session(asked, pixit.message_timeout_s)
        async with step.test("no current flows", trouble.clauses.no_session):
            await outlet.rests()
    finally:
        async with step.postamble("the contactor is free again"):
            await bench.ev.unplug()
            await bench.faults.clear(evse=bench.evse)
