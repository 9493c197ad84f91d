"""A 2.0.1 virtual station on the real plant model, before a minimal CSMS that speaks raw OCPP-J, on simulated time."""

import asyncio
import json
from collections import Counter

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from bench.virtual import simtime
from bench.virtual.plant.plant import Plant
from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.ocpp201.stack import Stack201
from bench.virtual.stations.station import VirtualStation

NOW = "2026-03-01T12:00:00Z"


class Csms:
    """Records every CALL of the station as (time, action, payload) and answers it; asks what the test asks."""

    def __init__(self):
        self.calls = []
        self.errors = []
        self.tokens = {"VALID": {"status": "Accepted"}}
        self.boots = []
        self.refusing = False
        self.silent = set()
        self._socket = None
        self._replies = {}
        self._ids = 0
        self.news = asyncio.Condition()

    async def start(self):
        self._server = await serve(self._serve, "127.0.0.1", 0, subprotocols=["ocpp2.0.1"], ping_interval=None)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket):
        if self.refusing:
            await socket.close(1013)
            return
        self._socket = socket
        async with self.news:
            self.news.notify_all()
        try:
            async for text in socket:
                await self._hear(socket, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self._socket = None

    async def _hear(self, socket, message):
        if message[0] == 2:
            self.calls.append((asyncio.get_running_loop().time(), message[2], message[3]))
            if message[2] not in self.silent:
                await socket.send(json.dumps([3, message[1], self._answer(message[2], message[3])]))
        else:
            self._replies[message[1]] = message
        async with self.news:
            self.news.notify_all()

    def _answer(self, action, payload):
        if action == "BootNotification":
            status, interval = self.boots.pop(0) if self.boots else ("Accepted", 600)
            return {"currentTime": NOW, "interval": interval, "status": status}
        if action == "Heartbeat":
            return {"currentTime": NOW}
        if action == "Authorize":
            return {"idTokenInfo": self._info(payload["idToken"])}
        if action == "TransactionEvent" and "idToken" in payload:
            return {"idTokenInfo": self._info(payload["idToken"])}
        return {}

    def _info(self, token):
        return self.tokens.get(token["idToken"], {"status": "Invalid"})

    async def call(self, action, **payload):
        """The station's CALLRESULT payload, or the CALLERROR's code as text."""
        reply = await self.raw(action, payload)
        return reply[2]

    async def raw(self, action, payload):
        self._ids += 1
        message_id = f"csms-{self._ids}"
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        async with asyncio.timeout(60), self.news:
            await self.news.wait_for(lambda: message_id in self._replies)
        return self._replies[message_id]

    async def heard(self, action, count=1, within=60.0, **fields):
        """Wait until `count` CALLs of this action with these fields have been heard; the last of them."""
        try:
            async with asyncio.timeout(within), self.news:
                await self.news.wait_for(lambda: len(self.all(action, **fields)) >= count)
        except TimeoutError:
            raise AssertionError(f"{action} {fields} x{count} not heard; heard {self.summary()}") from None
        return self.all(action, **fields)[count - 1]

    def all(self, action, **fields):
        return [p for _, a, p in self.calls if a == action and all(p.get(k) == v for k, v in fields.items())]

    def events(self):
        return self.all("TransactionEvent")

    def summary(self):
        return Counter(action for _, action, _ in self.calls), self.events()

    async def cut(self):
        """End the connection and accept none until `refusing` is taken back."""
        self.refusing = True
        await self._socket.close(1001)

    @property
    def connected(self):
        return self._socket is not None


class Bench:
    def __init__(self, plant, station, csms):
        self.plant = plant
        self.station = station
        self.csms = csms
        self.evse = plant.evse(1)

    async def booted(self):
        await self.csms.heard("StatusNotification", evseId=2)
        await asyncio.sleep(1)
        self.csms.calls.clear()

    async def charging(self, token="VALID"):
        """Plug in, present, charge; gives the transaction's id."""
        await self.booted()
        self.evse.plug_in()
        await self.csms.heard("StatusNotification", connectorStatus="Occupied")
        await asyncio.sleep(1)
        self.plant.present_token(0, token)
        await self.heard_state("Charging")
        return self.csms.events()[0]["transactionInfo"]["transactionId"]

    async def heard_state(self, state):
        def seen():
            return any(e["transactionInfo"].get("chargingState") == state for e in self.csms.events())

        async with asyncio.timeout(60), self.csms.news:
            await self.csms.news.wait_for(seen)

    def current(self):
        return self.evse.current_a()


@pytest.fixture
def simulate():
    """Run `scenario(bench)` to its end on a simulated loop of its own."""

    def run(scenario, *faults, seed=1, **variables):
        async def life():
            csms = Csms()
            port = await csms.start()
            plant = Plant(asyncio.get_running_loop())
            for number in (1, 2):
                plant.evse(number).request_energy(on=True)
            names = {name.replace("__", "."): text for name, text in variables.items()}
            config = StationConfig("CS201", subprotocols=("ocpp2.0.1",), variables=names)
            stacks = {"ocpp2.0.1": Stack201}
            station = VirtualStation(plant, config, ActiveFaults(faults), ids_seed=seed, stacks=stacks)
            await station.start(f"ws://127.0.0.1:{port}")
            try:
                return await scenario(Bench(plant, station, csms))
            finally:
                await station.stop()
                await csms.stop()

        with asyncio.Runner(loop_factory=lambda: simtime.new_loop(watchdog_s=20.0)) as runner:
            return runner.run(life())

    return run
