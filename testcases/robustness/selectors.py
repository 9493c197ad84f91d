"""Which variables a request names: as many as a station takes, and what its answer says of them."""

from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from harness.ocppj.json_text import dumps

MOST_ITEMS = 1000
"""More are never sent at once, whatever the station takes (our figure)."""
ENVELOPE_BYTES = 120
"""What a message has around its elements."""

Selector = dict[str, Any]


def without_nulls(selector: Mapping[str, Any]) -> Selector:
    """The selector as a request may have it: what a station told as null is no object, and left out."""
    return {
        name: without_nulls(value) if isinstance(value, Mapping) else value
        for name, value in selector.items()
        if value is not None
    }


def unknown(count: int) -> list[Selector]:
    """Selectors of variables that no station has."""
    component = {"name": "OCPPCommCtrlr"}
    return [{"component": component, "variable": {"name": f"PlugproofNone{number}"}} for number in range(count)]


def mixed(known: Sequence[Selector]) -> list[Selector]:
    """Known and unknown ones by turns, each once; where the known ones are at an end, unknown ones go on."""
    pairs = zip_longest(known[:MOST_ITEMS], unknown(MOST_ITEMS))
    return [one for one in chain.from_iterable(pairs) if one is not None]


def within(elements: Sequence[Selector], most: tuple[int, int]) -> list[Selector]:
    """The first of them, as many as so many elements and bytes leave room for; one at least."""
    items, size = most
    chosen: list[Selector] = []
    left = size - ENVELOPE_BYTES
    for element in elements[:items]:
        left -= len(dumps(element).encode()) + 1
        if left < 0 and chosen:
            break
        chosen.append(element)
    return chosen


def key(one: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells one variable from another: names compare without case (2.0.1 part 2, 2.1: identifierString). Nulls are as good as absent."""
    component, variable = _object(one, "component"), _object(one, "variable")
    evse = _object(component, "evse")
    parts = (component.get("name"), component.get("instance"), evse.get("id"), evse.get("connectorId"))
    return tuple(str(part).casefold() for part in (*parts, variable.get("name"), variable.get("instance")))


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}
