"""What was set Inoperative stays Unavailable until it is set Operative, over restarts as well."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_OF_AVAILABILITY = ("ChangeAvailability", "StatusNotification")

Place = tuple[int, int]
"""A connector of 1.6, or an EVSE, and the connector of that EVSE; 0 for all of them."""

_ALL = 0
_STATION: Place = (_ALL, _ALL)


def _holds_for(place: Place) -> tuple[Place, ...]:
    """The places with this one in them, itself included."""
    return place, (place[0], _ALL), _STATION


@dataclass(slots=True)
class _Inoperative:
    """Places that were set Inoperative, and the record of that; connectors that were told to be Unavailable since."""

    since: dict[Place, int] = field(default_factory=dict)
    told: set[Place] = field(default_factory=set)


def _number(of: dict[str, object], name: str) -> int:
    number = of.get(name, _ALL)
    return number if isinstance(number, int) else _ALL


def _addressed(payload: dict[str, object]) -> Place:
    evse = payload.get("evse")
    if isinstance(evse, dict):
        return _number(evse, "id"), _number(evse, "connectorId")
    return _number(payload, "connectorId"), _ALL


def _kept(state: _Inoperative, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("ChangeAvailability"):
        _commanded(state, exchange)
    elif exchange.is_result("ChangeAvailability"):
        wanted = exchange.asked.get("type", exchange.asked.get("operationalStatus"))
        if wanted == "Inoperative" and exchange.payload.get("status") in ("Accepted", "Scheduled"):
            place = _addressed(exchange.asked)
            state.since[place] = exchange.record.seq
            state.told = {one for one in state.told if place not in _holds_for(one)}
    elif exchange.is_call("StatusNotification"):
        yield from _status(state, exchange)


def _commanded(state: _Inoperative, exchange: Exchange) -> None:
    if exchange.payload.get("type", exchange.payload.get("operationalStatus")) != "Operative":
        return
    place = _addressed(exchange.payload)
    # which of two commands holds where one is for the whole and one for a part of it, no document says
    state.since = {
        one: seq for one, seq in state.since.items() if place not in _holds_for(one) and one not in _holds_for(place)
    }


def _status(state: _Inoperative, exchange: Exchange) -> Iterator[Violation]:
    payload = exchange.payload
    of_evse = "evseId" in payload
    place = (
        (_number(payload, "evseId"), _number(payload, "connectorId"))
        if of_evse
        else (_number(payload, "connectorId"), _ALL)
    )
    status = payload.get("connectorStatus", payload.get("status"))
    since = next((state.since[one] for one in _holds_for(place) if one in state.since), None)
    if since is None:
        return
    if status == "Unavailable":
        state.told.add(place)
    elif status == "Available" and place in state.told:
        what = f"connector {place[1]} of EVSE {place[0]}" if of_evse else f"connector {place[0]}"
        text = f"{what} was set Inoperative and told to be Unavailable, and is told to be Available again without a command"
        yield Violation((exchange.record.seq, since), text, what)


RULE = Rule(
    id="unavailable-is-kept",
    requirement="OCPP 1.6 edition 2, 4.9 and 5.2; OCPP 2.0.1 G01.FR.02, G03.FR.08, G04.FR.09: persistent across reboots",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="An outlet that was taken out of service, because it is dangerous or being worked on, takes the next driver.",
    watch=lambda: PerStation(_Inoperative, _kept, calls=_OF_AVAILABILITY, answers=("ChangeAvailability",)),
)
