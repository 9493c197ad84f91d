"""The station's own real-time clock."""

import asyncio
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.virtual.stations.faults import ActiveFaults

FACTORY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""What a clock that was never set shows when its loop starts."""

STEP_S = 1.0
"""A difference to the CSMS that is smaller than this is left alone, so that timestamps never step back for nothing."""


SELDOM = 20
"""One in so many answers sets the clock of a station that takes the time seldom."""

LONG_BACK_S = 60.0
"""Of the wrong station whose clock only goes forward: less is drift."""


class StationClock:
    """Battery-backed UTC clock that runs on the event loop's time and is set by the CSMS, `ahead_s` wrong."""

    def __init__(self, loop: asyncio.AbstractEventLoop, faults: "ActiveFaults", ahead_s: float = 0.0) -> None:
        self._loop = loop
        self._faults = faults
        self._ahead = timedelta(seconds=ahead_s)
        self._zero = FACTORY_TIME - timedelta(seconds=loop.time())
        self._set = False
        self._told = 0

    def now(self) -> datetime:
        """The station's idea of UTC."""
        return self._zero + timedelta(seconds=self._loop.time())

    def text(self) -> str:
        """Now, as RFC 3339 with milliseconds and Z."""
        return rfc3339(self.now())

    def synchronise(self, current_time: str) -> None:
        """Take over the CSMS's `currentTime` if it differs by a second or more; text that is no date is ignored."""
        try:
            theirs = datetime.fromisoformat(current_time)
        except ValueError:
            return
        if theirs.tzinfo is None or (theirs.utcoffset() and self._faults.on("offset_of_time_ignored")):
            theirs = theirs.replace(tzinfo=UTC)
        theirs += self._ahead
        step_s = (theirs - self.now()).total_seconds()
        if step_s <= -LONG_BACK_S and self._faults.on("clock_never_put_back"):
            return
        if self._set and self._faults.on("sets_its_clock_once"):
            return
        self._told += 1
        if self._set and self._told % SELDOM and self._faults.on("takes_the_time_seldom"):
            return
        self._set = True
        if abs(step_s) >= STEP_S:
            self._zero = theirs.astimezone(UTC) - timedelta(seconds=self._loop.time())


def behind(faults: "ActiveFaults", taken: datetime, now: datetime) -> bool:
    """Whether the wrong station that waits for its clock takes no sample yet: the last one was taken at a later time than it is now."""
    return now < taken and faults.on("samples_wait_for_the_clock")


ELSEWHERE = timezone(timedelta(hours=5, minutes=30))
"""Where the clock of a station shows that writes local time."""


AGAIN_IN_LOCAL_TIME = "sent_again_in_local_time"


def as_local_time(request: Any) -> Any:
    """The same message with every timestamp in local time, with its offset and microseconds."""
    if isinstance(request, Mapping):
        return {name: _local(value) if name == "timestamp" else as_local_time(value) for name, value in request.items()}
    if isinstance(request, list):
        return [as_local_time(item) for item in request]
    if is_dataclass(request) and not isinstance(request, type):
        named = {field.name: getattr(request, field.name) for field in fields(request)}
        return replace(request, **as_local_time(named))
    return request


def _local(text: str | None) -> str | None:
    return (
        None if text is None else datetime.fromisoformat(text).astimezone(ELSEWHERE).isoformat(timespec="microseconds")
    )


def rfc3339(moment: datetime) -> str:
    """A moment as RFC 3339 text in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
