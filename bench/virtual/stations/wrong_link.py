"""Connections of the wrong stations: ended too often, too early, at the wrong cause, or not at all."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.link import Link

_LIVES = {
    "drops_socket_every_24_s": (24.0, None),
    "closes_socket_every_25_s": (25.0, 1000),
    "closes_socket_every_two_minutes": (120.0, 1000),
}
"""How long a connection lasts, seconds, and the code it is closed with (None: no close frame)."""

_LOOP_S = 1.0
_ERRORS = 4
_DEAF_AFTER_S = 20.0
_OLD_S = 600.0
_SLOW_S = 5.0
_AGAIN_AFTER_S = 8.0
_STARTS = ("StartTransaction", "TransactionEvent")

RETRY_S = 1.0
"""The wait between attempts of the stations that do not back off."""

HASTY = (*_LIVES, "connects_in_a_loop_after_csms_close", "reconnects_every_second")
"""The stations whose attempts to connect are RETRY_S apart."""

ENDED = "csms_ended_a_connection"
_RESET = "reset_to_repeat"
"""What is remembered beyond a connection, in `wire.kept`: the supply's loss clears ENDED."""

NEW_PASSWORD = "new_password"
"""In `nvram`: a wrong station was given another password."""


class WrongLink(Link):
    """A link whose station has a fault that concerns the whole connection; call `begin` when it is open and `end` when it is over."""

    _timers: tuple[asyncio.TimerHandle, ...] = ()
    _errors = 0
    _deaf = False
    _again: tuple[float, str] | None = None
    _unanswered: asyncio.TimerHandle | None = None
    restart: Callable[[], None]
    """What the station does that restarts on slow answers."""

    def begin(self) -> None:
        """The connection is open: start what its faults do by the clock."""
        loop, faults = asyncio.get_running_loop(), self._faults
        names = {fault.name for fault in faults}
        timers = [loop.call_later(_LIVES[name][0], self._end_by_itself, name) for name in _LIVES if name in names]
        if self._wire.kept.get(ENDED) and faults.on("connects_in_a_loop_after_csms_close"):
            timers.append(loop.call_later(_LOOP_S, self._hang_up, 1000))
        if "deaf_after_ten_minutes" in names:
            timers.append(loop.call_later(_OLD_S, self._go_deaf, "deaf_after_ten_minutes"))
        repeated = self._wire.kept.pop(_RESET, None)
        if repeated is not None and faults.on("reset_carried_out_twice"):
            self._again = (loop.time() + _AGAIN_AFTER_S, repeated)
        if repeated is not None and faults.on("reset_repeated_in_silence"):
            timers.append(loop.call_later(_AGAIN_AFTER_S, self.restart))
        self._timers = tuple(timers)

    def end(self) -> None:
        """The connection is over: remember whether the CSMS ended it."""
        self._stop_watching()
        for timer in self._timers:
            timer.cancel()
        protocol = self._connection.protocol
        if protocol.close_rcvd is not None and protocol.close_rcvd_then_sent:
            self._wire.kept[ENDED] = True

    async def send(self, text: str) -> None:
        """See Link."""
        if self._deaf:
            return
        await super().send(text)
        frame = json.loads(text)
        if frame[0] == 2:
            self._watch()
        if frame[0] == 2 and frame[2] in _STARTS:
            asyncio.get_running_loop().call_later(_DEAF_AFTER_S, self._go_deaf, "deaf_while_charging")

    async def recv(self) -> str | bytes:
        """See Link."""
        while True:
            text = await self._next()
            if self._deaf:
                continue
            frame = _json(text)
            if isinstance(frame, list) and frame[:1] != [2]:
                self._stop_watching()
            if self._is_too_much(frame):
                await self.close(1002 if frame[0] == 2 else 1000)
                continue  # the next one raises ConnectionClosed
            if isinstance(frame, list) and frame[:1] == [2] and "Reset" in frame[2:3]:
                self._wire.kept[_RESET] = text
            return text

    async def _next(self) -> str | bytes:
        if self._again is None:
            return await super().recv()
        at, text = self._again
        try:
            async with asyncio.timeout_at(at):
                return await super().recv()
        except TimeoutError:
            self._again = None
            return text

    def _watch(self) -> None:
        self._stop_watching()
        self._unanswered = asyncio.get_running_loop().call_later(_SLOW_S, self._give_up)

    def _stop_watching(self) -> None:
        if self._unanswered is not None:
            self._unanswered.cancel()

    def _give_up(self) -> None:
        if self._faults.on("restarts_on_slow_answers"):
            self.restart()

    def _is_too_much(self, frame: Any) -> bool:
        """Whether the station cannot bear this message."""
        if not isinstance(frame, list) or len(frame) < 4:
            return False
        if frame[0] == 4:
            self._errors += 1
            return self._errors % _ERRORS == 0 and self._faults.on("closes_socket_on_errors")
        keys = frame[2] == "GetConfiguration" and isinstance(frame[3], dict) and frame[3].get("key")
        return bool(keys) and self._faults.on("closes_socket_on_key_list")

    def _end_by_itself(self, name: str) -> None:
        if self._faults.on(name):
            code = _LIVES[name][1]
            self.abort() if code is None else self._hang_up(code)

    def _hang_up(self, code: int) -> None:
        closing = asyncio.get_running_loop().create_task(self._connection.close(code))
        self._wire.kept["closing"] = closing  # a task that nobody holds may vanish

    def _go_deaf(self, name: str) -> None:
        if self._faults.on(name):
            self._deaf = True
            self._connection.transport.pause_reading()
            if self._connection.keepalive_task is not None:  # its ping would find out that the link is dead
                self._connection.keepalive_task.cancel()


class WrongConnection(ClientConnection):
    """A client's WebSocket that lacks what a fault takes from it."""

    faults: ActiveFaults

    async def handshake(self, *arguments: Any, **options: Any) -> None:
        """See websockets: the opening handshake."""
        build = self.protocol.connect

        def spoilt() -> Any:
            request = build()
            if self.faults.on("handshake_without_connection"):
                del request.headers["Connection"]
            return request

        self.protocol.connect = spoilt  # type: ignore[method-assign]
        send_frame = self.protocol.send_frame

        def without_pongs(frame: Frame) -> None:
            if frame.opcode is not Opcode.PONG or not self.faults.on("no_pong"):
                send_frame(frame)

        self.protocol.send_frame = without_pongs  # type: ignore[method-assign]
        await super().handshake(*arguments, **options)

    def process_event(self, event: Any) -> None:
        """See websockets: a message, or a part of one."""
        part = isinstance(event, Frame) and (
            event.opcode is Opcode.CONT or (event.opcode is Opcode.TEXT and not event.fin)
        )
        if not part or not self.faults.on("fragments_not_read"):
            super().process_event(event)


def opened_by(faults: ActiveFaults) -> Any:
    """What makes the WebSockets of a station with these faults: `create_connection` of websockets."""
    if not {fault.name for fault in faults} & {"handshake_without_connection", "no_pong", "fragments_not_read"}:
        return ClientConnection

    def create(*arguments: Any, **options: Any) -> ClientConnection:
        connection = WrongConnection(*arguments, **options)
        connection.faults = faults
        return connection

    return create


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # the CSMS may send anything


async def outlive(link: Link, message_id: Any, interval_s: float) -> None:
    """The proxy of a station without supply: send a Heartbeat every `interval_s` until the connection ends."""
    while True:
        await asyncio.sleep(interval_s)
        try:
            await link.send(json.dumps([2, message_id(), "Heartbeat", {}]))
        except ConnectionClosed:
            return
