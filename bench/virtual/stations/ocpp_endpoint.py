"""The `ocpp` package's endpoint, cured of what does not suit a station on simulated time.

`ocpp.messages.ASYNC_VALIDATION` is switched off (two thread hops a message); the response time-out follows the event
loop's time instead of `time.time()`; no frame whatever ends the receive loop.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any

import ocpp.messages
from ocpp.exceptions import FormatViolationError, OCPPError
from ocpp.messages import Call, unpack
from websockets.exceptions import WebSocketException

ocpp.messages.ASYNC_VALIDATION = False

LOGGER = logging.getLogger("plugproof.virtual.ocpp")
LOGGER.setLevel(logging.CRITICAL)  # the package logs every frame and every refusal; the trace has them already

HUNG_UP = object()
"""Stands in the response queue for the end of the connection."""


def _report_crash(worker: "asyncio.Task[None]") -> None:
    if not worker.cancelled() and (error := worker.exception()) is not None:
        context = {"message": "a handler of the virtual station crashed", "exception": error, "task": worker}
        worker.get_loop().call_exception_handler(context)


class LoopTimeEndpoint:
    """Mix in before `ocpp.vXX.ChargePoint`: `class Endpoint(LoopTimeEndpoint, ChargePoint)`.

    Supply `message_id` (a function giving fresh ids) as `self._unique_id_generator` after construction.
    """

    id: str
    logger: logging.Logger
    _connection: Any
    _response_queue: "asyncio.Queue[Any]"

    async def serve(self) -> None:
        """Receive until the connection closes; CALLs are handled one after another beside the receive loop.

        So a handler may itself wait for the answer to a CALL. Raises `websockets.exceptions.ConnectionClosed`;
        whoever waits for an answer then gets a ConnectionError.
        """
        calls: asyncio.Queue[Any] = asyncio.Queue()
        worker = asyncio.get_running_loop().create_task(self._work(calls))
        worker.add_done_callback(_report_crash)
        try:
            while True:
                self._sort(await self._connection.recv(), calls)
        finally:
            worker.cancel()
            self._response_queue.put_nowait(HUNG_UP)

    def _sort(self, raw: Any, calls: "asyncio.Queue[Any]") -> None:
        try:
            message: Any = unpack(raw)  # type: ignore[no-untyped-call]
        except (OCPPError, ValueError, RecursionError, LookupError, TypeError) as error:
            LOGGER.info("%s: not OCPP: %r (%r)", self.id, raw, error)
            odd = self.odd_type_id(raw)
            if odd is not None:
                calls.put_nowait(odd)
            return
        (calls if isinstance(message, Call) else self._response_queue).put_nowait(message)

    def odd_type_id(self, raw: Any) -> str | None:  # noqa: ARG002 - for the versions that answer
        """The id of a message whose type is none, where the version answers those (2.0.1 Part 4, 4.4)."""
        return None

    async def _work(self, calls: "asyncio.Queue[Any]") -> None:
        while True:
            message = await calls.get()
            with contextlib.suppress(WebSocketException):  # the receive loop reports that the connection is gone
                if isinstance(message, str):
                    await self._connection.send(json.dumps([4, message, "MessageTypeNotSupported", "", {}]))
                elif isinstance(message.action, str):
                    await self._handle_call(message)
                else:
                    await self.refuse(message, FormatViolationError())  # type: ignore[no-untyped-call]

    async def _get_specific_response(self, unique_id: str, timeout: float) -> Any:
        async with asyncio.timeout(timeout):
            while True:
                response = await self._response_queue.get()
                if response is HUNG_UP:
                    self._response_queue.put_nowait(HUNG_UP)
                    raise ConnectionError(f"{self.id}: the connection closed before {unique_id} was answered")
                if response.unique_id == unique_id:
                    return response

    async def _handle_call(self, msg: Call) -> Any:
        if msg.payload is None:
            msg.payload = {}  # OCPP-J 1.6 section 4.2.1 allows null for an empty payload
        try:
            return await super()._handle_call(msg)  # type: ignore[misc] # provided by the package's class
        except OCPPError as error:
            await self.refuse(msg, error)

    async def hang_up(self) -> None:
        """Close the connection; `serve` then ends as when it is lost."""
        await self._connection.close()

    async def refuse(self, msg: Call, error: OCPPError) -> None:
        """Answer a CALL with the CALLERROR of this error, without the details (they hold Python objects)."""
        error.details = {}
        call_error: Any = msg.create_call_error(error)  # type: ignore[no-untyped-call]
        await self._connection.send(call_error.to_json())
