"""One WebSocket connection, seen from the station's firmware."""

import asyncio
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection


class Link:
    """What a stack sends and receives through. It is accepted by `ocpp.charge_point.ChargePoint` as connection.

    Each send is preceded by the firmware's latency; sends keep their order.
    """

    def __init__(self, connection: ClientConnection, latency: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._latency = latency
        self._order = asyncio.Lock()

    async def send(self, text: str) -> None:
        """Send one text frame. Raises `websockets.exceptions.ConnectionClosed`."""
        async with self._order:
            await self._latency()
            await self._connection.send(text)

    async def recv(self) -> str | bytes:
        """The next message. Raises `websockets.exceptions.ConnectionClosed`."""
        return await self._connection.recv()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection with this code."""
        await self._connection.close(code, reason)

    def abort(self) -> None:
        """Drop the connection without a closing handshake, as a station does that loses its supply."""
        self._connection.transport.abort()
