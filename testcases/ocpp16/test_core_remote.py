"""OCPP 1.6, core profile: transactions started and stopped by the CSMS."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.steps import Steps
from harness.model.station import Station


@case("TC_010_CS")
async def test_remote_start_cable_first(csms: Csms, station: Station, bench: Bench, step: Steps) -> None:
    """A plugged-in EV is charged after RemoteStartTransaction."""
    async with step.preamble("EV connected, Preparing reported"):
        await bench.ev.plug_in()
        await csms.eventually("StatusNotification", connectorId=1, status="Preparing")
    async with step.test("the station accepts the remote start"):
        start = await csms.call("RemoteStartTransaction", idTag=station.pixit.valid_id_token, connectorId=1)
        start.has(status="Accepted")
    async with step.test("a transaction starts with the tag that was sent"):
        began = await csms.next("StartTransaction", after=start, connectorId=1)
        began.has(idTag=station.pixit.valid_id_token)
    async with step.test("Charging is reported once the EV draws"):
        await bench.ev.request_energy(on=True)
        await csms.eventually("StatusNotification", after=start, connectorId=1, status="Charging")
    async with step.test("current flows on every phase", "OCPP 1.6 4.9: Charging means that energy can flow"):
        await bench.settles("charging current", low=5.0, within=30)
