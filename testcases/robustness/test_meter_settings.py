"""What OCPP 1.6 lets a CSMS configure of samples, and samples of one outlet beside another that is in use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.configuration16 import change, configured, read, reads_back
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import IMPORT_REGISTER
from fixtures.meter_values16 import measurands, moments
from fixtures.steps import Steps
from harness.model.station import Station
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import measured
from testcases.physical.sampling import PHASES, SAMPLED_EVERY_S, STEADY_S, agrees, name_of, next_values

SAMPLED_DATA, INTERVAL = "MeterValuesSampledData", "MeterValueSampleInterval"
CURRENT = "Current.Import"
UNKNOWN = "Plugproof.No.Such.Measurand"
SEVERAL = f"{IMPORT_REGISTER},{CURRENT}"
"""For a station that begins with a list of one."""

SAMPLES = 2

EVERY_SAMPLE = "OCPP 1.6 3.16.1, 9.1.17 MeterValuesSampledData"
ITS_OWN = "OCPP 1.6 4.7, 6.31: the connector from which the samples were taken; 3.16.3"


@case("ROB_METER_03")
async def test_sets_of_measurands(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One transaction with each set; then a set that cannot be."""
    interval_s = station.pixit.meter_value_interval_s
    async with step.preamble("what the station samples by itself is read"):
        setting = await read(csms, SAMPLED_DATA)
    own = setting.value or "" if setting is not None else ""
    sets = {"one measurand": IMPORT_REGISTER, "several": own if "," in own else SEVERAL}
    async with configured(csms, step, station, {INTERVAL: str(interval_s), SAMPLED_DATA: IMPORT_REGISTER}):
        for name, listed in sets.items():
            async with step.preamble(f"{SAMPLED_DATA} is set to {name}, and a transaction runs"):
                await change(csms, SAMPLED_DATA, listed)
                charge = await dialect.start_charging()
                await bench.wait((SAMPLES + 0.5) * interval_s)
                ends = csms.said("StopTransaction", after=charge.began, where={"transactionId": charge.id})
                csms.holds("ends of the transaction", len(ends), (charge.began, *ends), high=0)
            async with step.test(f"every sample holds {name}", EVERY_SAMPLE):
                where = {"connectorId": charge.began.get("connectorId")}
                told = moments(csms.said("MeterValues", after=charge.began, where=where), interval_s / 2)
                seen = tuple(one.message for one in told) or (charge.began,)
                csms.holds("samples in this time", len(told), seen, low=SAMPLES)
                for one in told:
                    for measurand in measurands(listed):
                        one.has_measurand(measurand)
            async with step.preamble("the transaction is stopped, and the EV leaves"):
                await dialect.stop_told(charge, await dialect.remote_stop(charge))
                await bench.ev.request_energy(on=False)
                await bench.ev.unplug()
                await dialect.freed(charge)
        async with step.test("a list with a measurand that does not exist is Rejected", "OCPP 1.6 3.16.4: Rejected"):
            reply = await csms.call("ChangeConfiguration", key=SAMPLED_DATA, value=f"{IMPORT_REGISTER},{UNKNOWN}")
            reply.has(status="Rejected")
        async with step.test("it changes nothing", "OCPP 1.6 3.16.4: no change to the present configuration"):
            await reads_back(csms, SAMPLED_DATA, sets["several"])


@case("ROB_METER_04")
async def test_a_neighbour_that_draws(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps
) -> None:
    """The currents of both outlets differ, so that neither the other's nor the sum can pass for its own."""
    outlet = Outlet(station, bench)
    async with dialect.sampled(step, station.pixit.meter_value_interval_s, CURRENT):
        async with step.preamble("an EV draws all that it may"):
            charge = await begin_charging(dialect, outlet)
        async with _neighbour(csms, station, bench, step) as (neighbour, demand_a):
            async with bench.sampling(SAMPLED_EVERY_S), step.test(f"the station samples {CURRENT}", EVERY_SAMPLE):
                before, told, after = await next_values(csms, dialect, bench, charge, CURRENT)
            async with step.test("it is what the analyser measures at that outlet", ITS_OWN):
                named = [(one, name_of(one, "current_{phase}_a", outlet.phases)) for one in told]
                of_lines = [(one, name) for one, name in named if name]
                csms.holds("currents of a line", len(of_lines), (charge.began,), low=1)
                for one, name in of_lines:
                    agrees(station, bench, one, CURRENT, name, (before, after))
            async with step.test("what it samples of the neighbour is not of both", ITS_OWN):
                await bench.wait(station.pixit.meter_value_interval_s)
                own_a = min(measured(after, name).value for name in outlet.currents)
                theirs = [one for one in dialect.values(neighbour, CURRENT) if one.phase in PHASES]
                csms.holds("currents of a line of the neighbour", len(theirs), (neighbour.began,), low=1)
                for one in theirs:
                    high_a = demand_a + own_a / 2
                    csms.holds(
                        f"current of the neighbour on {one.phase}", one.value, (one.seen,), high=high_a, unit="A"
                    )


@asynccontextmanager
async def _neighbour(csms: Csms, station: Station, bench: Bench, step: Steps) -> AsyncIterator[tuple[Charge, float]]:
    """An EV charges at another EVSE, with half of what that is rated for, while this lasts; gives its transaction and that current."""
    other = next(evse for evse in station.evse if evse.id != bench.evse)
    before = sum(len(evse.connectors) for evse in station.evse if evse.id < other.id)
    ev, connector, tag = bench.ev_at(other.id), before + 1, str(station.pixit.second_id_token)
    try:
        async with step.preamble("another EV draws half of that at another outlet"):
            await ev.set_demand(current_a=other.rated_current_a / 2, phases=other.phases)
            await ev.plug_in()
            await ev.request_energy(on=True)
            reply = await csms.call("RemoteStartTransaction", idTag=tag, connectorId=connector)
            reply.has(status="Accepted")
            began = await csms.eventually("StartTransaction", since=reply, connectorId=connector)
            charge = Charge((await csms.answered(began)).get("transactionId"), began)
            await csms.eventually("StatusNotification", since=reply, connectorId=connector, status="Charging")
            await bench.wait(STEADY_S)
        yield charge, other.rated_current_a / 2
    finally:
        async with step.postamble("the other EV leaves"):
            await ev.request_energy(on=False)
            await ev.unplug()
            await ev.set_demand(current_a=other.rated_current_a, phases=other.phases)
