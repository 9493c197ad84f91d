"""Local lists of OCPP 1.6 where nothing in them can matter."""

from fixtures.cases import case
from fixtures.configuration16 import configured
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.local_list16 import send_list, version_is
from fixtures.steps import Steps
from harness.model.station import Station

ENABLED = {"LocalAuthListEnabled": "true"}
CONFLICT = "OCPP 1.6 7.6: LocalListConflict is what the CSMS said against the list; 5.10: version 0 is an empty list"


@case("ROB_LIST_01")
async def test_reset_with_an_empty_list(csms: Csms, dialect: Dialect, station: Station, step: Steps) -> None:
    """The station restarts in the middle of a session."""
    patience_s = station.pixit.long_operation_timeout_s
    async with configured(csms, step, station, {}, if_offered=ENABLED):
        async with step.preamble("the list is empty, and an EV charges"):
            emptied = await send_list(csms, 1)
            emptied.has(status="Accepted")
            await version_is(csms, 0)
            charge = await dialect.start_charging()
        async with step.preamble("the station is reset, and registers again"):
            reset = await dialect.reset()
            await dialect.stopped_by_reset(charge, reset, patience_s)
            boot = await csms.eventually("BootNotification", since=reset, within=patience_s)
            connector = charge.began.get("connectorId")
            told = await csms.eventually("StatusNotification", since=boot, within=patience_s, connectorId=connector)
        async with step.test("no status complains of the list", CONFLICT):
            statuses = csms.said("StatusNotification", after=reset)
            conflicts = [one for one in statuses if one.get("errorCode") == "LocalListConflict"]
            csms.holds("LocalListConflict told", len(conflicts), tuple(conflicts) or (reset, told), high=0)
