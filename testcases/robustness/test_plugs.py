"""A plug that comes and goes while nobody is authorised: what is told of the connector."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.statuses import State
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import OneOf
from testcases.robustness.survival import Survival

TIMES = ("first", "second", "third")
PLUGGING: tuple[tuple[State, str], ...] = (
    ("plugged", "it is told that the plug is in"),
    ("free", "it is told that the connector is free"),
)
WAITS_S = 60
ROUNDING_S = 3.0
"""Clocks tell whole seconds, and messages take their way."""

WAITED_FOR = "OCPP 1.6 4.9 B6, 9.1.6: an incipient session is given up when ConnectionTimeOut is over"
UNPLUGGED = "OCPP 1.6 4.9 B1: the plug is removed; errata 3.19"


@case("ROB_PLUG_01")
async def test_a_plug_comes_and_goes(
    dialect: Dialect, station: Station, bench: Bench, step: Steps, survival: Survival
) -> None:
    """Nobody is authorised, so that nothing but the plug changes."""
    statuses = dialect.statuses
    async with step.preamble("how long a state must last is known"):
        least_s = await statuses.minimum_duration_s()
    within = least_s + station.pixit.message_timeout_s
    for time in TIMES:
        for state, what in PLUGGING:
            async with step.test(f"{what}, for the {time} time", statuses.clauses.of[state]):
                before = await survival.answers()
                await (bench.ev.plug_in() if state == "plugged" else bench.ev.unplug())
                await statuses.told(state, before, within)


@case("ROB_PLUG_02")
async def test_a_plug_waits_for_its_driver(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16
) -> None:
    """Nobody presents a tag."""
    connector = {"connectorId": procedures.connector_id}
    wanted = {"ConnectionTimeOut": str(WAITS_S)}
    async with configured(csms, step, station, wanted, if_offered={"MinimumStatusDuration": "0"}):
        async with step.preamble("an EV is plugged in, and Preparing is told"):
            await bench.ev.plug_in()
            told = await csms.eventually("StatusNotification", where=connector, status="Preparing")
        async with step.test("nothing else is told until ConnectionTimeOut", WAITED_FOR):
            given_up = OneOf(("Finishing", "Available"))
            await csms.never(
                "StatusNotification", after=told, within=WAITS_S - ROUNDING_S, where=connector, status=given_up
            )
        async with step.test("the plug is taken out, and Available is told", UNPLUGGED):
            await bench.ev.unplug()
            await csms.eventually("StatusNotification", where=connector, status="Available")
