"""Events of the bench: what its instruments saw, what it and the people at it did, and what went wrong with it."""

from typing import Any, Literal

import msgspec

from harness.trace.event import Event


class Sample(Event, frozen=True, kw_only=True, omit_defaults=True, tag="sample"):
    """One reading of one instrument: quantity name -> (value, unit, U with k=2).

    `at`: clock time of the middle of the reading; `t_u`: half-width of that time stamp (k=2), seconds.
    """

    at: float
    source: str
    role: str
    evse: int
    values: dict[str, tuple[float, str, float]]
    t_u: float


class EdgeSeen(msgspec.Struct, frozen=True, omit_defaults=True):
    """An edge in a capture: `what` (harness.edges) happened to `signal` `t` seconds after the trigger, give or take `u` (k=2).

    `open`: it had not come to an end when the capture did; `t` is then the last instant at which it was seen.
    """

    signal: str
    what: str
    t: float
    u: float
    open: bool = False


class SignalSeen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a capture holds of a signal: `samples` every `step_s` from `start_s` on (seconds from the trigger), and their extremes.

    `resolution`: one step of the converter; `u`: of one sample (k=2); `clipped`: samples at the end of the range.
    """

    start_s: float
    step_s: float
    samples: int
    lowest: float
    highest: float
    unit: str
    resolution: float = 0.0
    u: float = 0.0
    clipped: int = 0


class Captured(Event, frozen=True, kw_only=True, omit_defaults=True, tag="capture"):
    """One shot of an oscilloscope. `at`: the trigger on the run's clock, `t_u` its half-width (k=2); edges count from the trigger."""

    at: float
    t_u: float
    source: str
    evse: int
    trigger: str
    signals: dict[str, SignalSeen]
    edges: tuple[EdgeSeen, ...] = ()
    time_base_ppm: float = 0.0


class Stimulus(Event, frozen=True, kw_only=True, omit_defaults=True, tag="stimulus"):
    """Something was done to the station by the bench or by a person. `evse`: at which EVSE, where the instrument is wired to one only."""

    instrument: str
    role: str
    verb: str
    args: dict[str, Any]
    phase: Literal["begin", "done", "failed"]
    evse: int = 0


class OperatorAnswer(Event, frozen=True, kw_only=True, omit_defaults=True, tag="operator"):
    """What the person at the bench was asked and what they answered.

    What was asked for happened between `asked_at` and `answered_at` (clock times, seconds), if it happened. `answer` is what they
    chose, or says why there is none: `no answer`, `withdrawn`, `declined: ...`, `not asked: ...`. `where` they answered:
    `terminal` or `console`; nothing where nobody did, and in traces of before there was a console.
    """

    prompt: str
    answer: str
    instrument: str = ""
    verb: str = ""
    asked_at: float = 0.0
    answered_at: float = 0.0
    where: str = ""


class Transfer(Event, frozen=True, kw_only=True, omit_defaults=True, tag="transfer"):
    """A file between the station and the run's file server ended; `direction` as the station sees it, `began` on the run's clock.

    `outcome`: `complete`; `cut` (by either side, in the middle); `refused` (by the server, as a case asked); `missing` (no such
    file). `size` in bytes and `sha256` are of what went over the wire. `name`: what the station called its file, where that is
    not the end of `path`.
    """

    protocol: Literal["ftp", "ftps", "http", "https"]
    direction: Literal["download", "upload"]
    path: str
    remote: str
    began: float
    outcome: Literal["complete", "cut", "refused", "missing"]
    size: int = 0
    sha256: str = ""
    name: str = ""
    detail: str = ""


class InstrumentTrouble(Event, frozen=True, kw_only=True, omit_defaults=True, tag="fault"):
    """A fault of the bench."""

    instrument: str
    address: str
    what: str
    cure: str


class SafetyTrip(Event, frozen=True, kw_only=True, omit_defaults=True, tag="trip"):
    """A reading beyond a limit of the bench, by more than its uncertainty: the bench goes to its safe state at once."""

    instrument: str
    evse: int
    quantity: str
    value: float
    unit: str
    u: float
    limit: str
    limit_value: float
