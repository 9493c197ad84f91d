"""Expectations as data: three temporal words, alternatives, unordered groups, silence, replies, and what instruments must show.

An expectation names its window by the trace: `since` is a sequence number (the frame or step the window opens at), `until` a time
on the run's clock. Being data, it is stored with its outcome and can be judged again offline by the same function.
"""

from typing import Literal

import msgspec

from harness.limits import Basis
from harness.oracle.matchers import AnyMatcher

Word = Literal["next", "eventually", "never"]


class Pattern(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message the station sends by itself: `where` selects which ones are meant, `fields` is what must hold for them."""

    action: str
    fields: dict[str, AnyMatcher] = {}
    where: dict[str, AnyMatcher] = {}

    def text(self) -> str:
        """In words, as it stands in a report."""
        inside = ", ".join(matcher.text(path) for path, matcher in {**self.where, **self.fields}.items())
        return f"{self.action}({inside})" if inside else self.action


class Message(msgspec.Struct, frozen=True, tag="message", omit_defaults=True, kw_only=True):
    """`next`: the first of the action must match. `eventually`: some match before `until`. `never`: none in the window.

    Several patterns are alternatives (either). `used` are messages that earlier expectations have taken. `within`: seconds that the
    station was given, where that is less than the window (which may open before the question is asked).
    """

    word: Word
    patterns: tuple[Pattern, ...]
    station: str
    since: int
    until: float
    used: tuple[int, ...] = ()
    within: float | None = None
    why: str = ""


class AllOf(msgspec.Struct, frozen=True, tag="all_of", omit_defaults=True, kw_only=True):
    """Every pattern is matched by a message of its own before `until`, in any order. `within` as in Message."""

    patterns: tuple[Pattern, ...]
    station: str
    since: int
    until: float
    used: tuple[int, ...] = ()
    within: float | None = None
    why: str = ""


class Silence(msgspec.Struct, frozen=True, tag="silence", omit_defaults=True, kw_only=True):
    """The station sends no CALL in the window, except the actions named."""

    station: str
    since: int
    until: float
    allowed: tuple[str, ...] = ()
    why: str = ""


class Reply(msgspec.Struct, frozen=True, tag="reply", omit_defaults=True, kw_only=True):
    """The CALL at `call` gets a CALLRESULT before `until`; with `error_ok` any CALLERROR serves as well, else those of `error_codes`.

    `error_only`: a CALLRESULT does not serve.
    """

    call: int
    until: float
    error_ok: bool = False
    error_codes: tuple[str, ...] = ()
    error_only: bool = False
    why: str = ""


class Fields(msgspec.Struct, frozen=True, tag="fields", omit_defaults=True, kw_only=True):
    """The payload of the frame at `frame` has these fields."""

    frame: int
    fields: dict[str, AnyMatcher]
    why: str = ""


class Connection(msgspec.Struct, frozen=True, tag="connection", omit_defaults=True, kw_only=True):
    """The station opens a new connection, or its connection ends, before `until` (`never`: does not in the window). `within` as in Message."""

    event: Literal["opened", "closed"]
    word: Literal["eventually", "never"]
    station: str
    since: int
    until: float
    within: float | None = None
    why: str = ""


class Settles(msgspec.Struct, frozen=True, tag="settles", omit_defaults=True, kw_only=True):
    """Every named quantity of one role comes within the bounds by `until` and stays there for `holds` seconds.

    The window opens at the record `since`; bounds are in the quantities' unit. Each sample decides with its own U (guard band).
    `max_gap`: samples further apart than this (seconds) have seen too little to judge. `bases`: where the bounds and the deadline come
    from; while one of them is not adopted, a violation is inconclusive.
    `value_s`: over how many seconds at most one value is a mean, where that matters: the text then says so, and how long `high` was
    exceeded.
    """

    role: str
    evse: int
    quantities: tuple[str, ...]
    since: int
    until: float
    holds: float
    max_gap: float
    low: float | None = None
    high: float | None = None
    bases: tuple[Basis, ...] = ()
    value_s: float = 0.0
    why: str = ""


class Stays(msgspec.Struct, frozen=True, tag="stays", omit_defaults=True, kw_only=True):
    """Every named quantity stays within the bounds from record `since` until `until`. `bases` and `value_s` as in Settles."""

    role: str
    evse: int
    quantities: tuple[str, ...]
    since: int
    until: float
    max_gap: float
    low: float | None = None
    high: float | None = None
    bases: tuple[Basis, ...] = ()
    value_s: float = 0.0
    why: str = ""


class Holds(msgspec.Struct, frozen=True, tag="holds", omit_defaults=True, kw_only=True):
    """A figure computed from evidence lies within the bounds; `inputs` are the frames it was computed from.

    For exact figures (counts, sequence numbers, message arithmetic); measured ones go through `Measured` with their uncertainty.
    `bases` as in Settles; what a standard only recommends (SHOULD) is a basis that a station adopts or not.
    """

    name: str
    value: float
    inputs: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    unit: str = ""
    bases: tuple[Basis, ...] = ()
    why: str = ""


class Transferred(msgspec.Struct, frozen=True, tag="transferred", omit_defaults=True, kw_only=True):
    """The station moves a whole file before `until`: `download` from, or `upload` into, what lies at or below `path`.

    `size`: at least so many bytes. `sha256`: exactly this content. `name`: an uploaded file is called so, as far as the protocol tells
    a name. `within` as in Message.
    """

    direction: Literal["download", "upload"]
    path: str
    since: int
    until: float
    size: int = 1
    sha256: str = ""
    name: str = ""
    within: float | None = None
    why: str = ""


class Opening(msgspec.Struct, frozen=True, tag="opening", omit_defaults=True, kw_only=True):
    """The first attempt of the station to open a connection, accepted or refused, has these facts (`harness.oracle.judge_openings`).

    `never`: there is no such attempt in the window. `layer`: its TLS handshake, or its opening handshake (HTTP). `where` selects which attempts are meant. `within` as in Message.
    """

    layer: Literal["tls", "http"]
    fields: dict[str, AnyMatcher]
    station: str
    since: int
    until: float
    where: dict[str, AnyMatcher] = {}
    word: Literal["next", "never"] = "next"
    within: float | None = None
    why: str = ""


class Shown(msgspec.Struct, frozen=True, tag="shown", omit_defaults=True, kw_only=True):
    """What a record tells of a handshake, or of a certificate that was examined, has these facts."""

    record: int
    fields: dict[str, AnyMatcher]
    why: str = ""


Expectation = (
    Message | AllOf | Silence | Reply | Fields | Connection | Settles | Stays | Holds | Transferred | Opening | Shown
)
