"""What becomes of a station that was sent something that is no proper request."""

from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Oddity, Spoil, Wire, WireFault, changed

_BOTH = ("1.6", "2.0.1")
_ANSWERED = "OCPP-J 1.6 section 4.2.2 and 2.0.1 part 2 FR.02: a request that can be handled is answered"
_SHORT_ID = 32


def _deaf_after(oddity: Oddity) -> Spoil:
    """Swallows all answers on a connection on which such a thing came."""

    def spoil(frame: Frame, wire: Wire) -> Sequence[str] | None:
        return [] if frame.kind != "call" and wire.confused.get(oddity) == wire.connections else None

    return spoil


def _unknown(frame: Frame) -> bool:
    """Whether it tells that the action is not known."""
    return frame.kind == "error" and frame.elements[2] in ("NotImplemented", "NotSupported")


def _happy(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return [f'[3,"{frame.message_id}",{{}}]'] if _unknown(frame) else None


def _silent(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    return [] if _unknown(frame) else None


def _careless(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if frame.kind != "error" or frame.action != "ChangeAvailability":
        return None
    return [f'[3,"{frame.message_id}",{{"status":"Accepted"}}]']


def _cut(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if frame.kind == "call" or len(frame.message_id) <= _SHORT_ID:
        return None
    frame.elements[1] = frame.message_id[:_SHORT_ID]
    return [frame.text()]


def _mangled(frame: Frame) -> None:
    tag = frame.payload.get("idTag", "")
    frame.payload["idTag"] = tag.encode().decode("latin-1")[:20]


GARBLED: tuple[WireFault, ...] = (
    WireFault(
        "deaf_after_garbage",
        _BOTH,
        "answers nothing more on a connection on which a text came that is no JSON",
        _ANSWERED,
        spoil=_deaf_after("garbled"),
    ),
    WireFault(
        "deaf_after_misshapen_message",
        _BOTH,
        "answers nothing more on a connection on which JSON came that is no message",
        _ANSWERED,
        spoil=_deaf_after("misshapen"),
    ),
    WireFault(
        "deaf_after_unasked_answer",
        _BOTH,
        "answers nothing more on a connection on which an answer came that it had not asked for",
        _ANSWERED,
        spoil=_deaf_after("unasked"),
    ),
    WireFault(
        "deaf_after_long_message",
        _BOTH,
        "answers nothing more on a connection on which a message of more than 100,000 characters came",
        _ANSWERED,
        spoil=_deaf_after("long"),
    ),
    WireFault(
        "unknown_actions_answered",
        _BOTH,
        "answers an action that it does not know with an empty CALLRESULT",
        "OCPP-J 1.6 section 4.2.3, table 7; 2.0.1 part 2 FR.03: a CALLERROR",
        spoil=_happy,
    ),
    WireFault(
        "unknown_actions_unanswered",
        ("1.6",),
        "does not answer an action that it does not know",
        "OCPP-J 1.6 section 4.1: a request is followed by a reply or by an explanation why it could not be handled",
        spoil=_silent,
    ),
    WireFault(
        "misfits_accepted",
        _BOTH,
        "accepts each ChangeAvailability that it should refuse with a CALLERROR",
        "OCPP-J 1.6 section 4.2.3; 2.0.1 part 2 FR.03: a message that is not valid is answered with a CALLERROR",
        spoil=_careless,
    ),
    WireFault(
        "message_ids_cut",
        _BOTH,
        "answers with the first 32 characters of the message id",
        "OCPP-J 1.6 section 4.1.4; 2.0.1 Part 4, 4.1.4: the id of the request, which has up to 36 characters",
        spoil=_cut,
    ),
    WireFault(
        "tags_beyond_ascii_mangled",
        ("1.6",),
        "tells the UTF-8 of a tag that is not ASCII as if each byte were a character",
        "section 6.45: the tag for which the transaction is started; OCPP-J 1.6 section 4.1.2: UTF-8",
        spoil=changed(_mangled, when=lambda frame: frame.is_call("StartTransaction", "Authorize")),
    ),
)
