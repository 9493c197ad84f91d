"""A frame that a station is about to send, and what it remembers about the ones before."""

import copy
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.virtual.stations.fault import Fault

Kind = Literal["call", "result", "error"]
Oddity = Literal["garbled", "misshapen", "unasked", "long"]
"""No JSON; JSON that is no message (wrong elements, a message type that is not there); an answer to nothing; more than LONG characters."""

LONG = 100_000

_KINDS: dict[int, Kind] = {2: "call", 3: "result", 4: "error"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One outgoing frame. `payload` is the frame's own copy, to be changed at will; it is empty for a CALLERROR.

    `action` and `request` are those of the CALL that this frame is or answers; both are empty where it is not known.
    `elements` is the whole JSON array as it would go out, with the very same `payload`.
    """

    kind: Kind
    message_id: str
    action: str
    payload: dict[str, Any]
    request: dict[str, Any]
    elements: list[Any]

    def text(self) -> str:
        """The frame as it stands now, in the compact form that the station writes."""
        return json.dumps(self.elements, separators=(",", ":"))

    def is_call(self, *actions: str) -> bool:
        """Whether this is a CALL of one of these actions (of any, when none is named)."""
        return self.kind == "call" and (not actions or self.action in actions)

    def answers(self, *actions: str) -> bool:
        """Whether this is a CALLRESULT to one of these actions (to any, when none is named)."""
        return self.kind == "result" and (not actions or self.action in actions)


@dataclass(slots=True)
class Wire:
    """What a station remembers about its frames. `kept` is for the faults' own use, and outlives connections and restarts."""

    kept: dict[str, Any] = field(default_factory=dict)
    connections: int = 0
    confused: dict[Oddity, int] = field(default_factory=dict)
    """The connection (counted from 1) on which something odd last came."""
    asked: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    """Ids of the latest CALLs of the station itself."""
    pending: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """CALLs of the CSMS that were received and not answered yet, by message id."""


Spoil = Callable[[Frame, Wire], Sequence[str] | None]
"""The texts that go out in the frame's place (none: it is swallowed), or None where the fault has no part in this frame."""


@dataclass(frozen=True, slots=True)
class WireFault(Fault):
    """A fault that needs no more than the frame: `spoil` changes it, repeats it or swallows it."""

    spoil: Spoil = lambda frame, wire: None  # noqa: ARG005 - a good station


def changed(change: Callable[[Frame], object], *, when: Callable[[Frame], bool]) -> Spoil:
    """A spoiler that changes the payload in place in the frames that `when` picks; a frame that comes out the same was not spoilt."""

    def spoil(frame: Frame, _wire: Wire) -> Sequence[str] | None:
        if not when(frame):
            return None
        before = frame.text()
        change(frame)
        after = frame.text()
        return None if after == before else [after]

    return spoil


def frame_of(text: str, wire: Wire) -> Frame | None:
    """The frame in a text that a good station wrote; None for what is no frame of OCPP-J."""
    elements = json.loads(text)
    if not isinstance(elements, list) or len(elements) < 3 or elements[0] not in _KINDS:
        return None
    kind, message_id = _KINDS[elements[0]], str(elements[1])
    if kind == "call":
        payload = elements[3]
        wire.asked.append(message_id)
        return Frame(kind, message_id, elements[2], payload, copy.deepcopy(payload), elements)
    action, request = wire.pending.pop(message_id, ("", {}))
    payload = elements[2] if kind == "result" else {}
    return Frame(kind, message_id, action, payload, request, elements)


def received(text: str | bytes, wire: Wire) -> None:
    """Remember a CALL of the CSMS, so that its answer is known when it goes out, and where what came was no message at all."""
    if len(text) > LONG:
        wire.confused["long"] = wire.connections
    try:
        elements = json.loads(text)
    except (ValueError, RecursionError):
        wire.confused["garbled"] = wire.connections
        return
    match elements:
        case [2, str(message_id), str(action), dict() | None as payload]:
            wire.pending[message_id] = (action, payload or {})
        case [3, str(message_id), _] | [4, str(message_id), str(), _, _]:
            if message_id not in wire.asked:
                wire.confused["unasked"] = wire.connections
        case _:
            wire.confused["misshapen"] = wire.connections


def spoilt(text: str, faults: Iterable[WireFault], wire: Wire, shown: Callable[[str], object]) -> list[str]:
    """What goes out for a text, under these faults: each works on what the one before it left, and is told by `shown` when it took effect."""
    texts = [text]
    for fault in faults:
        texts = [left for one in texts for left in _spoilt_by(fault, one, wire, shown)]
    return texts


def _spoilt_by(fault: WireFault, text: str, wire: Wire, shown: Callable[[str], object]) -> Sequence[str]:
    try:
        frame = frame_of(text, wire)
    except ValueError:
        return [text]  # spoilt before, and no JSON any more
    left = None if frame is None else fault.spoil(frame, wire)
    if left is None:
        return [text]
    shown(fault.name)
    return left
