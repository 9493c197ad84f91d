"""What state a station tells of its connectors, in all the ways in which OCPP lets it."""

from collections.abc import Iterator
from typing import Any

from harness.trace.events import Frame

WHOLE = 0
"""The place of what is told of the station as a whole (connectorId 0 in OCPP 1.6)."""

Place = tuple[int, object]
"""A connectorId of OCPP 1.6, else an EVSE id, or WHOLE; and what of it: a connector's id within its EVSE, or None for all of it."""

_AVAILABILITY = frozenset({"connector", "evse", "chargingstation"})


def states_told(frame: Frame, payload: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Place and state of every connector that a request tells of."""
    if frame.action == "StatusNotification":
        one = frame.ocpp == "1.6"
        place, state = (
            payload.get("connectorId" if one else "evseId"),
            payload.get("status" if one else "connectorStatus"),
        )
        connector = None if one else payload.get("connectorId")
        if isinstance(place, int) and isinstance(state, str) and isinstance(connector, int | None):
            yield (place, connector), state
    elif frame.action == "NotifyEvent" and isinstance(listed := payload.get("eventData"), list):
        for data in listed:
            if isinstance(data, dict):
                yield from _of_event(data)


def _of_event(data: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """A monitored AvailabilityState (OCPP 2.0.1 G01.FR.03 to G01.FR.07)."""
    component, variable = data.get("component"), data.get("variable")
    if not isinstance(component, dict) or not isinstance(variable, dict):
        return
    name, what = str(component.get("name")).casefold(), str(variable.get("name")).casefold()
    if name not in _AVAILABILITY or what != "availabilitystate":
        return
    evse = component.get("evse")
    place, connector = (evse.get("id"), evse.get("connectorId")) if isinstance(evse, dict) else (WHOLE, None)
    if isinstance(place, int) and isinstance(connector, int | None):
        yield (place, connector), str(data.get("actualValue"))
