"""The `ocpp` package's endpoint, cured of what does not suit a station on simulated time.

`ocpp.messages.ASYNC_VALIDATION` is switched off (two thread hops a message); the response time-out follows the event
loop's time instead of `time.time()`; no frame whatever ends the receive loop.
"""

import asyncio
import logging
from typing import Any

import ocpp.messages
from ocpp.exceptions import OCPPError
from ocpp.messages import Call

ocpp.messages.ASYNC_VALIDATION = False

LOGGER = logging.getLogger("plugproof.virtual.ocpp")
LOGGER.setLevel(logging.CRITICAL)  # the package logs every frame and every refusal; the trace has them already


class LoopTimeEndpoint:
    """Mix in before `ocpp.vXX.ChargePoint`: `class Endpoint(LoopTimeEndpoint, ChargePoint)`.

    Supply `message_id` (a function giving fresh ids) as `self._unique_id_generator` after construction.
    """

    id: str
    logger: logging.Logger
    _connection: Any
    _response_queue: "asyncio.Queue[Any]"

    async def _get_specific_response(self, unique_id: str, timeout: float) -> Any:
        async with asyncio.timeout(timeout):
            while True:
                response = await self._response_queue.get()
                if response.unique_id == unique_id:
                    return response

    async def _handle_call(self, msg: Call) -> Any:
        if msg.payload is None:
            msg.payload = {}  # OCPP-J 1.6 section 4.2.1 allows null for an empty payload
        try:
            return await super()._handle_call(msg)  # type: ignore[misc] # provided by the package's class
        except OCPPError as error:
            await self.refuse(msg, error)

    async def refuse(self, msg: Call, error: OCPPError) -> None:
        """Answer a CALL with the CALLERROR of this error, without the details (they hold Python objects)."""
        error.details = {}
        call_error: Any = msg.create_call_error(error)  # type: ignore[no-untyped-call]
        await self._connection.send(call_error.to_json())
