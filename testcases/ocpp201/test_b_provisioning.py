"""OCPP 2.0.1, block B: boot, and variables of the device model."""

from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures201 import Procedures201
from fixtures.steps import Steps
from fixtures.variables201 import (
    GOT,
    OFFLINE_THRESHOLD,
    SET,
    Setting,
    configured,
    fields_of,
    get_variable,
    reads_back,
    restored,
    set_variable,
)
from harness.model.station import Station
from harness.oracle.matchers import Absent, OneOf, Present


@case("TC_B_01_CS")
async def test_cold_boot(csms: Csms, station: Station, step: Steps, procedures: Procedures201) -> None:
    """A station that was without supply registers, and reports every connector."""
    async with step.preamble("the station is off"):
        await procedures.switch_off()
        if csms.connected:
            await csms.cut("reset")
    async with step.test("the station connects and registers", "OCPP 2.0.1 B01.FR.01"):
        await procedures.switch_on()
        connected = await csms.connects(within=station.pixit.long_operation_timeout_s)
        boot = await csms.next("BootNotification", after=connected)
        boot.has(chargingStation__vendorName=Present(), chargingStation__model=Present())
    async with step.test("the reason of the boot is told", "OCPP 2.0.1 B01.FR.09; Part 2, 3.5 BootReasonEnumType"):
        boot.has(reason=procedures.boot_reason)
    async with step.test("every connector is reported as Available", "OCPP 2.0.1 B01.FR.05"):
        for connector in procedures.connectors:
            await procedures.connector_is("Available", connector, after=boot)
    async with step.test("a security event tells of the start", "OCPP 2.0.1 A04.FR.01; Part 6, 2.18 Booted, step 7"):
        await csms.eventually(
            "SecurityEventNotification", after=boot, type=OneOf(("StartupOfTheDevice", "ResetOrReboot"))
        )


@case("TC_B_06_CS")
async def test_get_one_variable(csms: Csms, step: Steps) -> None:
    """The value that was set is the one that is read."""
    value = "300"
    async with configured(csms, step, Setting(OFFLINE_THRESHOLD, value, read_back=False)):
        async with step.test("one result answers one variable", "OCPP 2.0.1 B06.FR.01, B06.FR.02"):
            answer = await get_variable(csms, OFFLINE_THRESHOLD)
            answer.has({**fields_of(OFFLINE_THRESHOLD, GOT), "getVariableResult[1]": Absent()})
        async with step.test("the result repeats the attribute type", "OCPP 2.0.1 B06.FR.03"):
            answer.has({f"{GOT}.attributeType": "Actual"})
        async with step.test("the value found is returned", "OCPP 2.0.1 B06.FR.04, B06.FR.10"):
            answer.has({f"{GOT}.attributeStatus": "Accepted", f"{GOT}.attributeValue": value})
            _says_no_error(answer, GOT)
        async with step.test("Actual is meant when no attribute type is given", "OCPP 2.0.1 B06.FR.11"):
            answer = await get_variable(csms, OFFLINE_THRESHOLD, attribute_type=None)
            answer.has({f"{GOT}.attributeType": "Actual", f"{GOT}.attributeValue": value})


@case("TC_B_09_CS")
async def test_set_one_variable(csms: Csms, step: Steps) -> None:
    """A value that is set is accepted and in force."""
    value, other = "300", "301"
    async with restored(csms, step, OFFLINE_THRESHOLD):
        async with step.test("one result answers one variable", "OCPP 2.0.1 B05.FR.01, B05.FR.02"):
            answer = await set_variable(csms, OFFLINE_THRESHOLD, value)
            answer.has({**fields_of(OFFLINE_THRESHOLD, SET), "setVariableResult[1]": Absent()})
        async with step.test("the result repeats the attribute type", "OCPP 2.0.1 B05.FR.03"):
            answer.has({f"{SET}.attributeType": "Actual"})
        async with step.test("the value is accepted", "OCPP 2.0.1 B05.FR.10"):
            answer.has({f"{SET}.attributeStatus": "Accepted"})
            _says_no_error(answer, SET)
        async with step.test("the value is in force", "OCPP 2.0.1 B05.FR.10, B06.FR.10"):
            await reads_back(csms, OFFLINE_THRESHOLD, value)
        async with step.test("Actual is set when no attribute type is given", "OCPP 2.0.1 B05.FR.12"):
            answer = await set_variable(csms, OFFLINE_THRESHOLD, other, attribute_type=None)
            answer.has({f"{SET}.attributeType": "Actual", f"{SET}.attributeStatus": "Accepted"})
            await reads_back(csms, OFFLINE_THRESHOLD, other)


def _says_no_error(answer: Seen, result: str) -> None:
    """A status info is allowed with an accepted result, if it says NoError (Part 6, tool validations of both cases)."""
    if answer.get(f"{result}.attributeStatusInfo") is not None:
        answer.has({f"{result}.attributeStatusInfo.reasonCode": "NoError"})
