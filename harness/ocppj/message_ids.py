"""Message ids for what the harness sends: the same in every run of the same cases, and unique within one."""

from itertools import count

from harness.ocppj.frames import MAX_MESSAGE_ID_LENGTH

_DIGITS = 6


class MessageIds:
    """Counts `<prefix>-000001`, `<prefix>-000002`, ...

    An id must differ from all that the same sender used before with that station (OCPP-J 1.6 errata 3.1; OCPP 2.x
    Part 4, 4.1.4), hence the prefix: name the run in it, and hand one instance to every endpoint of the run.
    """

    def __init__(self, prefix: str = "plugproof") -> None:
        """Raise ValueError where the prefix leaves too little of the 36 characters of an id."""
        longest = MAX_MESSAGE_ID_LENGTH - 1 - _DIGITS - 3
        if len(prefix) > longest:
            raise ValueError(
                f"prefix {prefix!r} of the message ids has {len(prefix)} characters; use at most {longest}"
            )
        self._prefix = prefix
        self._numbers = count(1)

    def __iter__(self) -> "MessageIds":
        return self

    def __next__(self) -> str:
        return f"{self._prefix}-{next(self._numbers):0{_DIGITS}d}"
