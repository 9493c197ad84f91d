"""What the versions say of requests that are not proper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.csms.facade import Csms, Seen
from fixtures.csms.raw_frames import RawFrames

NO_ACTION = "PlugproofNoSuchAction"
"""An action that no version has."""

NOT_KNOWN = ("NotImplemented", "NotSupported")
"""Codes for an action that the station does not know, or knows and does not serve (OCPP-J 1.6 table 7; 2.0.1 Part 4, table 8)."""


@dataclass(frozen=True, slots=True)
class CallRules:
    """How a version has requests answered that are not proper.

    `may_drop`: one that can be read may be left unanswered. `refuses_misfits`: what breaks the schema is answered by no CALLRESULT at all; else
    by none that accepts. `type_code`: the error code owed to a message type that does not exist; None where no answer is owed. `idle_action`
    is a request without fields. The rest: where it is written.
    """

    may_drop: bool
    refuses_misfits: bool
    type_code: str | None
    idle_action: str
    unknown: str
    misfit: str
    elements: str
    type: str
    echo: str
    null: str


RULES: Mapping[str, CallRules] = {
    "1.6": CallRules(
        may_drop=False,
        refuses_misfits=False,
        type_code=None,
        idle_action="ClearCache",
        unknown="OCPP-J 1.6 4.1, 4.2.3 with table 7: a request that cannot be handled gets a CALLERROR, NotImplemented for an unknown action",
        misfit="OCPP-J 1.6 4.2.2, 4.2.3: a request without its fields, or with others than it can have, is not one that was handled correctly",
        elements="OCPP-J 1.6 4.2.1: a CALL always has four elements",
        type="OCPP-J 1.6 4.1.3: of an unknown message type the payload is ignored",
        echo="OCPP-J 1.6 4.1.4, 4.2.2: the id of an answer is that of its CALL; ids have up to 36 characters",
        null="OCPP-J 1.6 4.2.1: null is an empty payload",
    ),
    "2.0.1": CallRules(
        may_drop=True,
        refuses_misfits=True,
        type_code="MessageTypeNotSupported",
        idle_action="ClearCache",
        unknown="OCPP 2.0.1 part 2 FR.03; Part 4 4.1.7, 4.2.3, 4.3: a CALLERROR NotImplemented, if it is answered at all",
        misfit="OCPP 2.0.1 part 2 FR.03; Part 4 4.1.7, 4.2.3: a message that is not valid is answered by a CALLERROR, or dropped",
        elements="OCPP 2.0.1 Part 4 4.2.1, part 2 FR.03: a CALL always has four elements",
        type="OCPP 2.0.1 Part 4 4.4: a CALLERROR MessageTypeNotSupported for an unknown message type",
        echo="OCPP 2.0.1 Part 4 4.1.4, 4.2.2: the id of an answer is that of its CALL; ids have up to 36 characters",
        null="OCPP 2.0.1 Part 4 4.1.5: null is an empty payload",
    ),
}

ORDINARY: Mapping[str, tuple[str, object]] = {
    "1.6": ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
    "2.0.1": (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
    ),
}
"""A request that every station has to answer (1.6, 5.8; 2.0.1, B06)."""

_AVAILABILITY = "ChangeAvailability"
MISFITS: Mapping[str, Mapping[str, tuple[str, dict[str, Any]]]] = {
    "1.6": {
        "lacks a required field": (_AVAILABILITY, {"connectorId": 0}),
        "has a text for a number": (_AVAILABILITY, {"connectorId": "one", "type": "Operative"}),
        "has a value that is not in its list": (_AVAILABILITY, {"connectorId": 0, "type": "Sideways"}),
        "has an object for a text": (_AVAILABILITY, {"connectorId": 0, "type": {"type": "Operative"}}),
    },
    "2.0.1": {
        "lacks a required field": (_AVAILABILITY, {}),
        "has a text for a number": (_AVAILABILITY, {"operationalStatus": "Operative", "evse": {"id": "one"}}),
        "has a value that is not in its list": (_AVAILABILITY, {"operationalStatus": "Sideways"}),
        "has an object for a text": (_AVAILABILITY, {"operationalStatus": {"status": "Operative"}}),
    },
}
"""Requests of a required message that break its schema, by what is wrong. A station that took them all the same would become operative, which it is."""


async def not_accepted(csms: Csms, frames: RawFrames, sent: Seen, rules: CallRules) -> None:
    """A misfit is answered as the version has it, and never accepted. Raises StepOver."""
    if rules.refuses_misfits:
        await frames.refused(sent, silence_ok=rules.may_drop)
        return
    answer = await csms.reply_to(sent)
    accepted = not answer.is_error and answer.get("status") == "Accepted"
    csms.holds("requests accepted that are not proper", float(accepted), (sent, answer), high=0.0)
