"""What a virtual station remembers over a power cycle."""

import json
from typing import Any


class Nvram:
    """Non-volatile memory: JSON values under names. It outlives reboots and mains loss.

    Values are stored as text, so that what is read back is what a rebooted station would find and never an object
    that the firmware of the previous power-up still holds. Names in use by the core: `subprotocol` (the one last
    negotiated), `boot_reason` (why the firmware rebooted), `password`, `backoff` (see `station.BackOff`),
    `ping_interval_s`. The stacks add their own (`configuration`, `availability`, `queue`, `transactions`, ...).
    """

    def __init__(self) -> None:
        self._cells: dict[str, str] = {}

    def read(self, name: str, default: Any = None) -> Any:
        """The value written last under this name, or `default`. The caller owns the returned object."""
        text = self._cells.get(name)
        return default if text is None else json.loads(text)

    def write(self, name: str, value: Any) -> None:
        """Store a JSON value. Raises TypeError when it has no JSON form."""
        self._cells[name] = json.dumps(value)

    def erase(self, name: str) -> None:
        """Forget a name; erasing what is not there is no error."""
        self._cells.pop(name, None)
