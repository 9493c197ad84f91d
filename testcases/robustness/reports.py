"""Base reports of an OCPP 2.0.1 station, put together from their parts (B07)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from fixtures.csms.facade import Csms, Seen
from testcases.robustness.selectors import without_nulls

_request_ids = count(8101)
MOST_PARTS = 200
TRIES = 3


@dataclass(frozen=True, slots=True)
class Reported:
    """One variable of a report, with its attribute Actual."""

    selector: dict[str, Any]
    name: str
    mutability: str
    kind: str
    value: str | None


async def ask(csms: Csms, base: str) -> tuple[Seen, int]:
    """The answer to GetBaseReport, and the request's id. A station that is unable to for the moment (B07.FR.13: Rejected) is asked again."""
    asked, number = await _asked(csms, base)
    for _ in range(TRIES - 1):
        if asked.get("status") != "Rejected":
            break
        await csms.never("NotifyReport", after=asked, within=csms.message_timeout_s, requestId=number)
        asked, number = await _asked(csms, base)
    return asked, number


async def _asked(csms: Csms, base: str) -> tuple[Seen, int]:
    number = next(_request_ids)
    return await csms.call("GetBaseReport", requestId=number, reportBase=base), number


async def parts(csms: Csms, asked: Seen, number: int) -> list[Seen]:
    """Every NotifyReport of the request, in the order of their numbers. Raises StepOver when one does not come."""
    found: list[Seen] = []
    while not found or found[-1].get("tbc") is True:
        after = found[-1] if found else asked
        found.append(await csms.eventually("NotifyReport", after=after, requestId=number, seqNo=len(found)))
        if len(found) >= MOST_PARTS:
            break
    return found


def variables(reports: list[Seen]) -> Iterator[Reported]:
    """What the parts tell of variables, those without an attribute Actual left out."""
    for report in reports:
        listed = report.get("reportData", [])
        for item in listed if isinstance(listed, list) else ():
            yield from _reported(item)


def _reported(item: dict[str, Any]) -> Iterator[Reported]:
    kind = str((item.get("variableCharacteristics") or {}).get("dataType"))
    selector = without_nulls({"component": item["component"], "variable": item["variable"]})
    for attribute in item.get("variableAttribute", []):
        if attribute.get("type", "Actual") == "Actual":
            mutability = str(attribute.get("mutability", "ReadWrite"))  # the schema's default
            name = f"{item['component']['name']}.{item['variable']['name']}"
            yield Reported(selector, name, mutability, kind, attribute.get("value"))
