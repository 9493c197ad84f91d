"""The `ocpp` package's 2.0.1 endpoint as the virtual station uses it: a table of handlers behind one gate."""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.messages import Call
from ocpp.v201 import ChargePoint, call, call_result
from websockets.exceptions import WebSocketException

from bench.virtual.stations.board import Board
from bench.virtual.stations.link import Link
from bench.virtual.stations.ocpp_endpoint import LOGGER, LoopTimeEndpoint

MESSAGE_TIMEOUT_S = 30

CALL: Any = call
RESULT: Any = call_result
"""The package's payloads; they are filled with text and snake_case dicts, which its annotations do not provide for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's answer, and what is to be done once it has been sent."""

    result: Any
    then: Callable[[], Awaitable[None] | None] | None = None


Handler = Callable[..., "Reply | Awaitable[Reply]"]
Gate = Callable[[str], OCPPError | None]


class Endpoint(LoopTimeEndpoint, ChargePoint):
    """One connection. Handlers take the fields of the request in snake_case and give a Reply."""

    def __init__(self, board: Board, link: Link, handlers: dict[str, Handler], gate: Gate) -> None:
        super().__init__(board.config.identity, link, MESSAGE_TIMEOUT_S, LOGGER)  # type: ignore[no-untyped-call]
        self._unique_id_generator: Callable[[], Any] = board.message_id
        self._board = board
        self._gate = gate
        self._then: dict[str, Callable[[], Awaitable[None] | None]] = {}
        self.route_map = {action: self._route(handler) for action, handler in handlers.items()}
        self.last_sent = board.loop.time()
        self.hung_up = False

    def odd_type_id(self, raw: Any) -> str | None:
        """See LoopTimeEndpoint; Part 4, 4.4."""
        try:
            elements = json.loads(raw)
        except (ValueError, RecursionError):
            return None
        match elements:
            case [int(kind), str(message_id), *_] if kind not in {2, 3, 4}:
                return None if self._board.faults.on("unknown_message_types_ignored") else message_id
            case _:
                return None

    async def ask(self, request: Any) -> Any | None:
        """Send a CALL; its result, or None when there was no answer, a CALLERROR or an answer that is no answer."""
        try:
            result = await self.call(request)  # type: ignore[no-untyped-call]
        except (WebSocketException, ConnectionError):
            self.hung_up = True
            return None
        except (TimeoutError, OCPPError):
            return None
        finally:
            self.last_sent = self._board.loop.time()
        return result

    async def close(self) -> None:
        """End the connection; the station connects again by itself."""
        await self._connection.close()

    async def _handle_call(self, msg: Call) -> Any:
        error = self._gate(msg.action)
        if error is not None:
            await self.refuse(msg, error)
            return None
        return await super()._handle_call(msg)

    def _route(self, handler: Handler) -> dict[str, Any]:
        async def on_action(call_unique_id: str, **fields: Any) -> Any:
            answer = handler(**fields)
            reply = await answer if inspect.isawaitable(answer) else answer
            if reply.then is not None:
                self._then[call_unique_id] = reply.then
            return reply.result

        def after_action(call_unique_id: str, **_fields: Any) -> Awaitable[None] | None:
            then = self._then.pop(call_unique_id, None)
            return then() if then is not None else None

        return {"_on_action": on_action, "_after_action": after_action, "_skip_schema_validation": False}
