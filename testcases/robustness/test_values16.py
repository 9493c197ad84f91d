"""Values that configuration keys of OCPP 1.6 cannot have, and lists of measurands."""

from collections.abc import Iterator

from fixtures.cases import case
from fixtures.configuration16 import Setting, read, reads_back, restored, settings
from fixtures.csms.facade import Csms, Seen
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.invariants.keys16 import BOOLEANS, INTEGERS

REFUSED = "OCPP 1.6 5.3: out-of-range values, and values of another format, are Rejected"
WRITABLE = "OCPP 1.6 9.1.10, 9.1.17: HeartbeatInterval and MeterValuesSampledData are required, and can be written"
UNSUPPORTED = "OCPP 1.6 3.16.4: a list with an unsupported measurand is Rejected, and nothing changes"
PHASE = (
    "OCPP 1.6 9.1.17, 3.16.3: a measurand is combined with the phase where that applies; without, it is of all phases"
)
WHOLE = "OCPP 1.6 5.3: Accepted is a change that was applied"

LISTS = ("MeterValuesSampledData", "MeterValuesAlignedData", "StopTxnSampledData", "StopTxnAlignedData")
SAMPLED = LISTS[0]
NO_MEASURAND = "Plugproof.NoMeasurand"
PHASED = ("Current.Import", "Voltage", "Power.Active.Import")
ERRORS = ("PropertyConstraintViolation", "FormationViolation", "TypeConstraintViolation")


@case("ROB_VALUE_01")
async def test_impossible_values(csms: Csms, station: Station, step: Steps) -> None:
    """Standard keys only: what a maker's own keys may hold, nobody knows."""
    async with step.preamble("the station's keys are read"):
        told = await csms.call("GetConfiguration")
        offered = settings(told)
    async with step.test("there are standard keys that can be set", WRITABLE):
        csms.holds("standard keys that can be set", len(list(_impossible(offered))), (told,), low=1)
    for setting, value in _impossible(offered):
        async with restored(csms, step, station, setting.key):
            async with step.test(f"{setting.key} = {value} is refused", REFUSED):
                await _refused(csms, setting.key, value)
            async with step.test(f"{setting.key} is what it was", REFUSED):
                await reads_back(csms, setting.key, setting.value or "")


def _impossible(offered: dict[str, Setting]) -> Iterator[tuple[Setting, str]]:
    for names, values in ((BOOLEANS, ("7",)), (INTEGERS, ("soon", "-1"))):
        for name in names:
            setting = offered.get(name.casefold())
            if setting is not None and not setting.readonly:
                yield from ((setting, value) for value in values)


async def _refused(csms: Csms, key: str, value: str) -> None:
    """By its status, or as an error of the value's form: a schema of the station's own may say so first."""
    reply = await csms.call("ChangeConfiguration", {"key": key, "value": value}, error_codes=ERRORS)
    if not reply.is_error:
        reply.has(status="Rejected")


@case("ROB_VALUE_02")
async def test_a_measurand_that_is_not_there(csms: Csms, station: Station, step: Steps) -> None:
    """Behind those that the list holds, so that a part of it could be stored."""
    async with step.test("there is a list of measurands that can be set", WRITABLE):
        told = await csms.call("GetConfiguration", key=list(LISTS))
        lists = [setting for setting in settings(told).values() if not setting.readonly]
        csms.holds("lists of measurands that can be set", len(lists), (told,), low=1)
    for key in LISTS:
        async with restored(csms, step, station, key) as before:
            if key not in before or before[key].readonly:
                continue
            was = before[key].value or ""
            async with step.test(f"{key} takes no measurand that does not exist", UNSUPPORTED):
                await _refused(csms, key, ",".join(filter(None, (was, NO_MEASURAND))))
            async with step.test(f"{key} is what it was", UNSUPPORTED):
                await reads_back(csms, key, was)


@case("ROB_VALUE_03")
async def test_measurands_with_and_without_a_phase(csms: Csms, station: Station, step: Steps) -> None:
    """What it takes for a phase, it measures."""
    async with restored(csms, step, station, SAMPLED):
        taken = []
        for measurand in PHASED:
            async with step.preamble(f"{measurand}.L1 is offered"):
                one_phase = await _offer(csms, f"{measurand}.L1")
            if one_phase.get("status") == "Accepted":
                async with step.test(f"{measurand} is taken as {measurand}.L1 was", PHASE):
                    (await _offer(csms, measurand)).has(status="Accepted")
                taken.append(measurand)
        async with step.test("a list that is accepted reads back whole", WHOLE):
            both = ",".join(taken[:2]) or (await _held(csms))
            reply = await _offer(csms, both)
            if reply.get("status") == "Accepted":
                await reads_back(csms, SAMPLED, both)
            else:
                reply.has(status="Rejected")


async def _offer(csms: Csms, value: str) -> Seen:
    return await csms.call("ChangeConfiguration", key=SAMPLED, value=value)


async def _held(csms: Csms) -> str:
    setting = await read(csms, SAMPLED)
    return "" if setting is None else setting.value or ""
