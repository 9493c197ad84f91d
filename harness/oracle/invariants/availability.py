"""What was set Inoperative stays Unavailable until it is set Operative, over restarts as well."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_OF_AVAILABILITY = ("ChangeAvailability", "StatusNotification")
_WHOLE = 0


@dataclass(slots=True)
class _Inoperative:
    """Connectors (EVSEs in 2.0.1; 0: all) that were set Inoperative, and the record of that; those that were told to be Unavailable since."""

    since: dict[int, int] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)


def _addressed(payload: dict[str, object]) -> int:
    """Connector of 1.6, EVSE of 2.0.1; 0 for the whole station."""
    evse = payload.get("evse")
    number = evse.get("id") if isinstance(evse, dict) else payload.get("connectorId", _WHOLE)
    return number if isinstance(number, int) else _WHOLE


def _kept(state: _Inoperative, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_call("ChangeAvailability"):
        _commanded(state, exchange)
    elif exchange.is_result("ChangeAvailability"):
        wanted = exchange.asked.get("type", exchange.asked.get("operationalStatus"))
        if wanted == "Inoperative" and exchange.payload.get("status") in ("Accepted", "Scheduled"):
            place = _addressed(exchange.asked)
            state.since[place] = exchange.record.seq
            state.told = {one for one in state.told if place not in {_WHOLE, one}}
    elif exchange.is_call("StatusNotification"):
        yield from _status(state, exchange)


def _commanded(state: _Inoperative, exchange: Exchange) -> None:
    if exchange.payload.get("type", exchange.payload.get("operationalStatus")) != "Operative":
        return
    place = _addressed(exchange.payload)
    # which of two commands holds where one is for the station and one for a part of it, no document says
    state.since = (
        {} if place == _WHOLE else {one: seq for one, seq in state.since.items() if one not in {_WHOLE, place}}
    )


def _status(state: _Inoperative, exchange: Exchange) -> Iterator[Violation]:
    payload = exchange.payload
    place = payload.get("evseId", payload.get("connectorId"))
    status = payload.get("connectorStatus", payload.get("status"))
    if not isinstance(place, int):
        return
    since = state.since.get(place, state.since.get(_WHOLE))
    if since is None:
        return
    if status == "Unavailable":
        state.told.add(place)
    elif status == "Available" and place in state.told:
        what = "connector" if "connectorId" in payload and "evseId" not in payload else "EVSE"
        text = f"{what} {place} was set Inoperative and told to be Unavailable, and is told to be Available again without a command"
        yield Violation((exchange.record.seq, since), text, str(place))


RULE = Rule(
    id="unavailable-is-kept",
    requirement="OCPP 1.6 edition 2, 4.9 and 5.2; OCPP 2.0.1 G01.FR.02, G03.FR.08, G04.FR.09: persistent across reboots",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="An outlet that was taken out of service, because it is dangerous or being worked on, takes the next driver.",
    watch=lambda: PerStation(_Inoperative, _kept, calls=_OF_AVAILABILITY, answers=("ChangeAvailability",)),
)
