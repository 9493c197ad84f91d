"""One cell of NVRAM seen as a table."""

from collections.abc import Iterator, MutableMapping
from typing import Any

from bench.virtual.stations.nvram import Nvram


class Table(MutableMapping[str, Any]):
    """Values by name, all stored in one NVRAM cell that is written whole at every change."""

    def __init__(self, nvram: Nvram, cell: str) -> None:
        self._nvram = nvram
        self._cell = cell
        self._rows: dict[str, Any] = nvram.read(cell, {})

    def __getitem__(self, name: str) -> Any:
        return self._rows[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._rows[name] = value
        self._nvram.write(self._cell, self._rows)

    def __delitem__(self, name: str) -> None:
        del self._rows[name]
        self._nvram.write(self._cell, self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
