"""What every link has in common: one exchange at a time, never abandoned half-way, every failure a named fault."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bench.errors import InstrumentFault

T = TypeVar("T")


class Link(ABC):
    """A way to one instrument. `instrument` and `address` name it in faults; `timeout_s` bounds one answer.

    A connection whose last exchange failed is dropped and opened anew for the next one: a late answer has then no
    way to be taken for the answer to a later question (measured with pyvisa-py, and with Modbus RTU over TCP).
    """

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        self.instrument = instrument
        self.address = address
        self.timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._closed = False

    def fault(self, what: str, cure: str) -> InstrumentFault:
        """A fault of this instrument at this address."""
        return InstrumentFault(self.instrument, self.address, what, cure)

    async def exchange(self, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `job` when no other exchange is under way.

        A caller that is cancelled leaves; its exchange still runs to its (bounded) end, so that question and answer
        never come apart. Raises InstrumentFault when the link was closed.
        """
        task = asyncio.ensure_future(self._alone(job))
        task.add_done_callback(_retrieve)
        return await asyncio.shield(task)

    async def _alone(self, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._turn:
            if self._closed:
                raise self.fault("the link was closed", "open the rig again")
            return await job()

    async def close(self) -> None:
        """Wait for the exchange under way, then release the connection. Never raises."""
        async with self._turn:
            self._closed = True
            await self.drop()

    @abstractmethod
    async def drop(self) -> None:
        """Give the connection up; the next exchange opens a new one. Never raises."""


def _retrieve(task: "asyncio.Future[Any]") -> None:
    # A cancelled caller is no longer there to take the exception: taking it here keeps asyncio from reporting it lost.
    if not task.cancelled():
        task.exception()
