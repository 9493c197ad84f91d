"""The station's way to the CSMS as something that fails: a TCP relay in between, and the switch that commands it.

The station connects to the relay in place of the CSMS. The switch has a socket of its own, as a managed switch or a network
power strip in a lab has one: lines `*IDN?`, `LINK ON`, `LINK DROP`, `LINK RESET`, `LINK REFUSE` (answered `OK` or
`ERR <text>`) and `LINK?` (answered `ON`, `DROP`, ...).

A link that is dropped forwards nothing, and closes nothing: both ends keep a connection that leads nowhere. What they send
meanwhile arrives when the link is back, as TCP sends again what was not acknowledged; a connection that an end gave up
meanwhile is then closed for the other one, too.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import cast

from bench.virtual.instruments.line_server import LineServer
from bench.virtual.instruments.server import Latency, cannot_listen

IDENTITY = "Plugproof,virtual network switch,VIRTUAL001,1.0"
STATES = ("ON", "DROP", "RESET", "REFUSE")
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s

_MOMENT_S = 0.01


class _End(asyncio.Protocol):
    """One end of a relayed connection: what it says goes to `mate`."""

    def __init__(self, gone: Callable[[], None], made: Callable[[], None] | None = None) -> None:
        self.mate: _End | None = None
        self.transport: asyncio.Transport | None = None
        self.early = b""  # said before the other end was there
        self._gone = gone
        self._made = made
        self._held = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self._made is not None:
            self._made()

    def data_received(self, data: bytes) -> None:
        if self.mate is None or self.mate.transport is None:
            self.early += data
        else:
            self.mate.transport.write(data)

    def eof_received(self) -> bool:
        return False  # close: neither WebSocket end speaks on after it has heard the end

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.mate is not None and self.mate.transport is not None:
            if isinstance(exc, ConnectionError):
                self.mate.reset()
            else:
                self.mate.transport.close()
        self._gone()

    def pause_writing(self) -> None:
        if self.mate is not None and self.mate.transport is not None:
            self.mate.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.mate is not None:
            self.mate.go_on()

    def go_on(self) -> None:
        """Take what this end says, unless it is held."""
        if self.transport is not None and not self._held:
            self.transport.resume_reading()

    def reset(self) -> None:
        """End the connection as a reset, not as a close."""
        if self.transport is not None:
            with contextlib.suppress(OSError):
                sock = self.transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            self.transport.abort()

    def hold(self, *, held: bool) -> None:
        """Take nothing more from this end, or go on."""
        self._held = held
        if held and self.transport is not None:
            self.transport.pause_reading()
        else:
            self.go_on()


class _Relayed:
    """One connection of the station, and the one to the CSMS that belongs to it."""

    def __init__(self, relay: "Relay") -> None:
        self.station = _End(self._gone, self._begin)
        self.csms = _End(self._gone)
        self._relay = relay
        self._joining: asyncio.Task[None] | None = None

    def _begin(self) -> None:
        """The station was just let in."""
        self._relay.connections.append(self)
        if self._relay.state == "RESET":
            self.station.reset()
        elif self._relay.state == "DROP":
            self.station.hold(held=True)
        else:
            self.join()

    def join(self) -> None:
        """Connect to the CSMS, unless that was done."""
        if self._joining is None and self.station.transport is not None and self._relay.state == "ON":
            self._joining = asyncio.ensure_future(self._join())

    async def _join(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self.csms, *self._relay.target)
        except OSError:  # nobody listens there: what the station would have met without the relay
            self.station.reset()
            return
        self.station.mate, self.csms.mate = self.csms, self.station
        if self.station.transport is None:
            self.csms.reset()
            return
        assert self.csms.transport is not None
        self.csms.transport.write(self.station.early)
        if self._relay.state == "DROP":
            self.hold(held=True)

    def hold(self, *, held: bool) -> None:
        """Forward nothing, or go on."""
        for end in (self.station, self.csms):
            end.hold(held=held)

    def reset(self) -> None:
        """End both ends by a reset."""
        if self._joining is not None:
            self._joining.cancel()
        for end in (self.station, self.csms):
            end.mate = None
            end.reset()

    def _gone(self) -> None:
        if self.station.transport is None and self.csms.transport is None and self in self._relay.connections:
            self._relay.connections.remove(self)


class Relay:
    """Listens for the station and forwards to `target` (host, port), as the state of the link allows."""

    def __init__(self) -> None:
        self.state = "ON"
        self.target: tuple[str, int] = ("", 0)
        self.connections: list[_Relayed] = []
        self._server: asyncio.Server | None = None
        self._listening: tuple[str, int] = ("", 0)

    async def start(self, host: str, port: int, target: tuple[str, int]) -> int:
        """Listen; gives the port. Raises BenchError when it is taken."""
        self.target = target
        try:
            self._server = await self._listen(host, port)
        except OSError as error:
            raise cannot_listen("network", host, port, error) from None
        self._listening = self._server.sockets[0].getsockname()[:2]
        return self._listening[1]

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Relayed(self).station, host, port)

    async def become(self, state: str) -> None:
        """Be in this state of STATES from now on."""
        self.state = state
        if state in {"RESET", "REFUSE"}:
            for connection in list(self.connections):
                connection.reset()
        if state == "REFUSE":
            self._close()
        elif self._server is None and self._listening[1]:
            self._server = await self._listen(*self._listening)
        for connection in list(self.connections):
            connection.hold(held=state == "DROP")
            if state == "ON":  # a moment later, so that one that the station gave up meanwhile never reaches the CSMS
                asyncio.get_running_loop().call_later(_MOMENT_S, connection.join)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def stop(self) -> None:
        """Close the port and every connection. May be repeated."""
        self._close()
        self._listening = ("", 0)
        for connection in list(self.connections):
            connection.reset()
        await asyncio.sleep(0)


class VirtualNetwork(LineServer):
    """The switch in front of the relay."""

    def __init__(self, name: str, latency: Latency | None = None) -> None:
        super().__init__(name, latency)
        self.relay = Relay()
        self._switching: asyncio.Task[None] | None = None

    def respond(self, line: str) -> str | None:
        """Do what one line says."""
        words = line.upper().split()
        if words == ["*IDN?"]:
            return IDENTITY
        if words == ["LINK?"]:
            return self.relay.state
        if len(words) == 2 and words[0] == "LINK" and words[1] in STATES:
            self._switching = asyncio.ensure_future(self.relay.become(words[1]))
            return "OK"
        return (
            f"ERR {line!r} is none of *IDN?, LINK?, {', '.join(f'LINK {state}' for state in STATES)}" if words else None
        )
