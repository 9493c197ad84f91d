"""Variables of the OCPP 2.0.1 device model, as reports tell of them: what they take, and whether reports come."""

from collections.abc import Callable
from typing import Any

from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.steps import Steps
from fixtures.variables201 import GOT, SET, Variable, read_optional, set_variable
from harness.oracle.matchers import NotOneOf, OneOf
from testcases.robustness import reports
from testcases.robustness.reports import Reported
from testcases.robustness.selectors import MOST_ITEMS, key, mixed, unknown, within

ILL_FORMED = "OCPP 2.0.1 B05.FR.07: a value that is incorrectly formatted is Rejected"
READ_ONLY = "OCPP 2.0.1 B05.FR.09, B07.FR.08: a variable that was reported as ReadOnly is not set"
TOO_LONG = "OCPP 2.0.1 B05.FR.01, B05.FR.08: every variable has its answer, and a value out of range is Rejected"
OFFERED = "OCPP 2.0.1 B07.FR.01, B07.FR.12: configuration and full inventory are supported"
COMES = "OCPP 2.0.1 B07.FR.03, B07.FR.04, B07.FR.10: an accepted report is sent"
COMES_NOT = "OCPP 2.0.1 B07.FR.02, B07.FR.05: a report that is not supported is not sent"

ALL_READ = "OCPP 2.0.1 B06.FR.01, B06.FR.02: one result for each variable, of its component and variable"
ALL_SET = "OCPP 2.0.1 B05.FR.01, B05.FR.02: one result for each variable, of its component and variable"

MOST = 40
FEW_BYTES = 1000
IMPOSSIBLE = {"boolean": "maybe", "integer": "soon"}
SETS = ("Accepted", "RebootRequired")
PASSWORD = Variable("SecurityCtrlr", "BasicAuthPassword")
TOO_LONG_PASSWORD = "Plugproof-" * 5
"""More than the 40 characters of referenced variables, 2.2.1."""


@case("ROB_VARIABLE_01")
async def test_impossible_values(csms: Csms, step: Steps) -> None:
    """Each variable by itself."""
    for one in await _inventory(csms, step, lambda one: one.mutability == "ReadWrite" and one.kind in IMPOSSIBLE):
        value = IMPOSSIBLE[one.kind]
        async with step.test(f"{one.name} = {value} is rejected, and nothing changes", ILL_FORMED):
            (await _set(csms, one, value)).has({f"{SET}.attributeStatus": "Rejected"})
            now = await csms.call("GetVariables", getVariableData=[one.selector])
            now.has({f"{GOT}.attributeValue": one.value or ""})


@case("ROB_VARIABLE_02")
async def test_read_only_variables(csms: Csms, step: Steps) -> None:
    """The value is the one that it has, so that a station that takes it is what it was."""
    for one in await _inventory(csms, step, _fixed):
        async with step.test(f"{one.name} is not set", READ_ONLY):
            (await _set(csms, one, one.value or "")).has({f"{SET}.attributeStatus": NotOneOf(SETS)})


def _fixed(one: Reported) -> bool:
    return one.mutability == "ReadOnly" and one.name.partition(".")[0].endswith("Ctrlr") and bool(one.value)


async def _inventory(csms: Csms, step: Steps, wanted: Callable[[Reported], bool], most: int = MOST) -> list[Reported]:
    async with step.preamble("the full inventory is reported"):
        asked, number = await reports.ask(csms, "FullInventory")
        asked.has(status="Accepted")
        found = [one for one in reports.variables(await reports.parts(csms, asked, number)) if wanted(one)]
    async with step.test("there are such variables", "OCPP 2.0.1 B07.FR.08: the full inventory tells of all variables"):
        csms.holds("variables reported", len(found), (asked,), low=1)
    return found[:most]


async def _set(csms: Csms, one: Reported, value: str) -> Seen:
    return await csms.call("SetVariables", setVariableData=[one.selector | {"attributeValue": value}])


@case("ROB_VARIABLE_03")
async def test_a_password_that_is_too_long(csms: Csms, step: Steps) -> None:
    """Too long to be taken, so that the station keeps the password that it has."""
    async with step.test("it is answered, and not taken", TOO_LONG):
        answer = await set_variable(csms, PASSWORD, TOO_LONG_PASSWORD, attribute_type=None)
        answer.has({f"{SET}.attributeStatus": NotOneOf(SETS)})


@case("ROB_VARIABLE_04")
async def test_as_many_as_it_takes(csms: Csms, step: Steps) -> None:
    """The maximum is the station's own; half of what is asked for it does not know."""
    known = await _inventory(csms, step, lambda one: one.mutability != "WriteOnly", most=MOST_ITEMS)
    async with step.preamble("how many variables the station takes at once"):
        most = await _most(csms, "GetVariables")
        read = within(mixed([one.selector for one in known]), most)
        unheard = [one | {"attributeValue": "1"} for one in unknown(MOST_ITEMS)]
        written = within(unheard, await _most(csms, "SetVariables"))
    async with step.test("as many as it takes are read at once", ALL_READ):
        answer = await csms.call("GetVariables", getVariableData=read)
        _all_answered(csms, answer, read, "getVariableResult")
    async with step.test("as many as it takes are answered at once where they are set", ALL_SET):
        answer = await csms.call("SetVariables", setVariableData=written)
        _all_answered(csms, answer, written, "setVariableResult")


async def _most(csms: Csms, request: str) -> tuple[int, int]:
    """Elements and bytes that the station takes of a request; what it does not say is taken as little."""
    told = [
        await read_optional(csms, Variable("DeviceDataCtrlr", name, request))
        for name in ("ItemsPerMessage", "BytesPerMessage")
    ]
    items, size = (int(one) if one and one.isdecimal() else 0 for one in told)
    return min(items or 1, MOST_ITEMS), size or FEW_BYTES


def _all_answered(csms: Csms, answer: Seen, selectors: list[dict[str, Any]], results: str) -> None:
    listed = answer.get(results, [])
    told = [key(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    csms.holds("results", len(told), (answer,), low=len(selectors), high=len(selectors))
    missing = {key(one) for one in selectors} ^ set(told)
    csms.holds("variables missing, or told without being asked for", len(missing), (answer,), high=0)


@case("ROB_REPORT_01")
async def test_base_reports(csms: Csms, step: Steps) -> None:
    """The two that every station has first."""
    for base in ("ConfigurationInventory", "FullInventory", "SummaryInventory"):
        allowed = ("Accepted",) if base != "SummaryInventory" else ("Accepted", "NotSupported")
        async with step.test(f"{base} is answered", OFFERED):
            asked, number = await reports.ask(csms, base)
            asked.has(status=OneOf(allowed))
        if asked.get("status") == "Accepted":
            async with step.test(f"{base} is sent", COMES):
                await reports.parts(csms, asked, number)
        else:
            async with step.test(f"{base} is not sent", COMES_NOT):
                await csms.never("NotifyReport", after=asked, within=csms.message_timeout_s, requestId=number)
