"""What a station said under which message id, for the rules about ids that come again."""

import msgspec

from harness.trace.events import Frame

_REMEMBERED = 5_000


class Said(msgspec.Struct, gc=False):
    """A message id of a station: the `action` of the first request that had it, the text of the latest CALL, and the record of the latest CALLRESULT that confirmed one."""

    action: str | None
    raw: str
    confirmed: int | None = None


class Requests:
    """The latest ids of a station's requests: five thousand and more, up to twice as many.

    Kept in two dictionaries, of which the older is dropped when the younger is full: that costs less than to let one go with each that comes.
    """

    def __init__(self) -> None:
        self._young: dict[str, Said] = {}
        self._old: dict[str, Said] = {}

    def before(self, frame: Frame) -> Said | None:
        """What was said with this request's id until now, as it will stay."""
        said = self._find(frame.message_id or "")
        return None if said is None else Said(said.action, said.raw, said.confirmed)

    def note(self, frame: Frame) -> Said:
        """Remember a request. Only the endpoint's remark that its id was used before makes it one of those that had this id."""
        number = frame.message_id or ""
        said = self._find(number) if frame.anomalies else None
        if said is None:
            said = Said(frame.action, "")
        if frame.frame == "call":
            said.raw = frame.raw
        self._young[number] = said
        if len(self._young) > _REMEMBERED:
            self._young, self._old = {}, self._young
        return said

    def _find(self, number: str) -> Said | None:
        return self._young.get(number) or self._old.get(number)
