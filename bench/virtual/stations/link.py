"""One WebSocket connection, seen from the station's firmware."""

import asyncio
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import ClientConnection

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.wire.frame import Wire, WireFault, received, spoilt


class Link:
    """What a stack sends and receives through. It is accepted by `ocpp.charge_point.ChargePoint` as connection.

    Each send is preceded by the firmware's latency; sends keep their order. The faults that concern frames work here, on `wire`.
    """

    def __init__(
        self, connection: ClientConnection, latency: Callable[[], Awaitable[None]], faults: ActiveFaults, wire: Wire
    ) -> None:
        self._connection = connection
        self._latency = latency
        self._order = asyncio.Lock()
        self._faults = faults
        self._spoilers = tuple(fault for fault in faults if isinstance(fault, WireFault))
        self._wire = wire

    async def send(self, text: str) -> None:
        """Send one text frame. Raises `websockets.exceptions.ConnectionClosed`."""
        async with self._order:
            await self._latency()
            for one in self._spoilt(text):
                await self._connection.send(one)

    def _spoilt(self, text: str) -> list[str]:
        return spoilt(text, self._spoilers, self._wire, self._faults.took_effect) if self._spoilers else [text]

    async def recv(self) -> str | bytes:
        """The next message. Raises `websockets.exceptions.ConnectionClosed`."""
        message = await self._connection.recv()
        if self._spoilers:
            received(message, self._wire)
        return message

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection with this code."""
        await self._connection.close(code, reason)

    def abort(self) -> None:
        """Drop the connection without a closing handshake, as a station does that loses its supply."""
        self._connection.transport.abort()
