"""A CSMS of bare JSON over websockets, for the tests of the virtual stations."""

import asyncio
import json

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


class RawCsms:
    """Answers every CALL from `answers` (action -> payload or function of the payload) and keeps all frames.

    `messages` holds (time, action, payload) of every CALL of the station in the order received.
    """

    def __init__(self, subprotocol):
        self.subprotocol = subprotocol
        self.answers = {}
        self.messages = []
        self.ids = []
        self.unmatched = []
        self.connections = 0
        self.headers = None
        self._waiting = {}
        self._count = 0
        self._socket = None
        self._arrived = asyncio.Event()

    async def start(self):
        self._server = await serve(self._connected, "127.0.0.1", 0, subprotocols=[self.subprotocol], ping_interval=None)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}"

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    def cut(self):
        self._socket.transport.abort()

    async def call(self, action, **payload):
        self._count += 1
        number = f"csms-{self._count}"
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps([2, number, action, payload]))
        async with asyncio.timeout(60):
            return await self._waiting[number]

    async def wait(self, action, within_s=60.0, after=0, **fields):
        """The first CALL from index `after` on that has these fields; its index and payload."""
        async with asyncio.timeout(within_s):
            while True:
                for index, (_, name, payload) in enumerate(self.messages[after:], after):
                    if name == action and all(payload.get(k) == v for k, v in fields.items()):
                        return index, payload
                self._arrived.clear()
                await self._arrived.wait()

    def seen(self, action, after=0, **fields):
        return [
            payload
            for _, name, payload in self.messages[after:]
            if name == action and all(payload.get(k) == v for k, v in fields.items())
        ]

    def times(self, action, after=0):
        return [time for time, name, _ in self.messages[after:] if name == action]

    async def _connected(self, socket):
        self.connections += 1
        self.headers = socket.request.headers
        self.path = socket.request.path
        self._socket = socket
        try:
            async for text in socket:
                await self._received(socket, json.loads(text))
        except ConnectionClosed:
            pass

    async def _received(self, socket, frame):
        if frame[0] != 2:
            waiting = self._waiting.pop(frame[1], None)
            if waiting is None:
                self.unmatched.append(frame)
            else:
                waiting.set_result(frame[2:])
            return
        _, number, action, payload = frame
        self.ids.append(number)
        self.messages.append((asyncio.get_running_loop().time(), action, payload))
        self._arrived.set()
        answer = self.answers.get(action, {})
        if callable(answer):
            answer = answer(payload)
        if answer is not None:
            await socket.send(json.dumps([3, number, answer]))
