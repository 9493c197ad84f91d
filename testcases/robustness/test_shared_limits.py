"""A maximum for the whole station, and two sessions that share it: judged by the meter in front of the station, on any OCPP version."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.plans import Plan
from fixtures.procedures16 import Procedures16
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import measured, reading
from testcases.robustness.limits import CLAUSES, SAMPLED_S, WATCHED_S

SHARED_A = 16.0
"""Enough for two EVs at the lowest current that a pilot can offer."""

REMOTE_START_ID = 4711

LOOKS_EVERY_S = 3.0


@case("ROB_LIMIT_11")
async def test_a_session_joins(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str
) -> None:
    """One EV charges with all that the maximum leaves, and another one comes."""
    outlet, other = Outlet(station, bench), next(one.id for one in station.evse if one.id != bench.evse)
    begun = csms.utc(-SAMPLED_S)
    maximum = Plan(271, "maximum", "Absolute", ((0, SHARED_A),), start=begun)
    async with bench.sampling(SAMPLED_S):
        async with step.test("the station accepts a maximum", dialect.plans.clauses.accepted):
            await dialect.plans.install(maximum)
        async with step.preamble("an EV charges, and another one at the next EVSE"):
            await begin_charging(dialect, outlet)
            await _joins(csms, station, bench, other, ocpp)
            await bench.wait(station.pixit.long_operation_timeout_s)
        async with step.test(f"all EVSEs together stay within {SHARED_A:g} A", CLAUSES[ocpp].shared):
            highest, at = await _highest(bench, outlet)
            bench.judge("highest current of the station", highest, AtMost(SHARED_A, "A"), at)
        async with step.postamble("the profile is cleared"):
            await dialect.plans.remove(maximum)


async def _highest(bench: Bench, outlet: Outlet) -> tuple[Quantity, tuple[int, ...]]:
    """The highest current of any phase that the meter in front of the station shows for a while, and the reading."""
    seen: list[tuple[Quantity, int]] = []
    for _ in range(int(WATCHED_S / LOOKS_EVERY_S)):
        await bench.wait(LOOKS_EVERY_S)
        record = await reading(bench, "supply_meter")
        seen += [(measured(record, name), record.seq) for name in outlet.currents]
    highest, seq = max(seen, key=lambda one: one[0].value)
    return highest, (seq,)


async def _joins(csms: Csms, station: Station, bench: Bench, evse: int, ocpp: str) -> None:
    """An EV is plugged in at another EVSE, a transaction is started there, and it asks for all it can get. For a preamble."""
    ev, token = bench.ev_at(evse), station.pixit.second_id_token
    await ev.set_demand(current_a=station.evse_by_id(evse).rated_current_a, phases=station.evse_by_id(evse).phases)
    await ev.plug_in()
    if ocpp == "1.6":
        connector = Procedures16(csms, station, bench).connector_of(evse)
        reply = await csms.call("RemoteStartTransaction", idTag=token, connectorId=connector)
        reply.has(status="Accepted")
        await csms.eventually("StartTransaction", after=reply, connectorId=connector)
    else:
        reply = await csms.call(
            "RequestStartTransaction",
            evseId=evse,
            remoteStartId=REMOTE_START_ID,
            idToken={"idToken": token, "type": station.pixit.second_id_token_type},
        )
        reply.has(status="Accepted")
    await ev.request_energy(on=True)
