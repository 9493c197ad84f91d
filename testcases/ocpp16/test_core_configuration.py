"""OCPP 1.6, core profile: configuration keys read and changed."""

from fixtures.cases import case
from fixtures.configuration16 import change, put, reads_back, restored, settings
from fixtures.csms.facade import Csms, Seen
from fixtures.required_keys16 import required_keys
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import AnyMatcher, Equals, Fits, Has, Lacks, SameToken

INTERVAL = "MeterValueSampleInterval"


@case("TC_019_CS")
async def test_required_keys_are_there(csms: Csms, step: Steps) -> None:
    """Required keys are reported with their accessibility, all at once and by name."""
    async with step.test("the supported feature profiles are told", "OCPP 1.6 5.8; 9.1.29"):
        profiles = await csms.call("GetConfiguration", key=["SupportedFeatureProfiles"])
        profiles.has(unknownKey=Lacks({}))
        profiles.has(configurationKey=Has({"key": SameToken("SupportedFeatureProfiles")}))
    async with step.test("every required key is listed, writable or not as required", "OCPP 1.6 5.8; 9.1 to 9.4"):
        everything = await csms.call("GetConfiguration")
        supported = settings(profiles)["supportedfeatureprofiles"].value or ""
        for required in required_keys(supported.split(",")):
            entry: dict[str, AnyMatcher] = {"key": SameToken(required.key)}
            if required.readonly is not None:
                entry["readonly"] = Equals(required.readonly)
            everything.has(configurationKey=Has(entry), why=f"OCPP 1.6 {required.section}")
    async with step.test("the most keys that a request may name are told", "OCPP 1.6 9.1.9"):
        most = await csms.call("GetConfiguration", key=["GetConfigurationMaxKeys"])
        most.has(configurationKey=Has({"key": SameToken("GetConfigurationMaxKeys"), "value": Fits(r"0*[1-9]\d*")}))
    async with step.test("as many keys as may be named are all answered", "OCPP 1.6 5.8"):
        await _all_answered(csms, everything, int(settings(most)["getconfigurationmaxkeys"].value or 0))


async def _all_answered(csms: Csms, everything: Seen, most: int) -> None:
    wanted = [setting.key for setting in settings(everything).values()][:most]
    reply = await csms.call("GetConfiguration", key=wanted)
    reply.has(unknownKey=Lacks({}))
    for key in wanted:
        reply.has(configurationKey=Has({"key": SameToken(key)}))


@case("TC_021_CS")
async def test_a_changed_key_keeps_its_value(csms: Csms, station: Station, step: Steps) -> None:
    """An accepted change reads back."""
    interval = station.pixit.meter_value_interval_s
    async with restored(csms, step, station, INTERVAL) as before:
        if INTERVAL in before and before[INTERVAL].value == str(interval):
            async with step.preamble("the sample interval is another than the one to be set"):
                await put(csms, INTERVAL, str(2 * interval))
        async with step.test("the change is accepted", "OCPP 1.6 5.3"):
            await change(csms, INTERVAL, str(interval))
        async with step.test("the new value reads back", "OCPP 1.6 5.3, 5.8"):
            await reads_back(csms, INTERVAL, str(interval))


@case("TC_040_1_CS")
async def test_an_unknown_key_is_not_supported(csms: Csms, step: Steps) -> None:
    """A key that the station does not have is refused as such."""
    async with step.test("the change is answered NotSupported", "OCPP 1.6 5.3"):
        reply = await csms.call("ChangeConfiguration", key="Testing", value="true")
        reply.has(status="NotSupported")
    async with step.test("the key is still unknown", "OCPP 1.6 5.8: unrecognized keys are named as unknown"):
        asked = await csms.call("GetConfiguration", key=["Testing"])
        asked.has(configurationKey=Lacks({"key": SameToken("Testing")}))
        asked.has({"unknownKey[*]": SameToken("Testing")})


@case("TC_040_2_CS")
async def test_an_impossible_value_is_rejected(csms: Csms, station: Station, step: Steps) -> None:
    """A value that a key cannot have is refused and changes nothing."""
    async with restored(csms, step, station, INTERVAL) as before:
        async with step.test("a negative interval is refused", "OCPP 1.6 5.3: out-of-range values are Rejected"):
            fields = {"key": INTERVAL, "value": "-1"}
            reply = await csms.call("ChangeConfiguration", fields, error_codes=("PropertyConstraintViolation",))
            if not reply.is_error:
                reply.has(status="Rejected")
        async with step.test("the value is what it was", "OCPP 1.6 5.3: the station did not set the configuration"):
            was = before.get(INTERVAL)  # a station that does not tell a required key (9.1.19) fails here as well
            await reads_back(csms, INTERVAL, (was.value or "") if was is not None else "")
