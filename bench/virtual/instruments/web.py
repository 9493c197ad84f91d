"""Car, reader, buttons, supply and parking bays of the virtual bench behind HTTP and JSON, as simulators often offer them.

    GET    /                          name and version
    GET    /mains, PUT /mains {"on": true}
    GET    /evses/N                   pilot, locked, plugged, bay_occupied
    POST   /evses/N/plug {"rating_a": 32}, DELETE /evses/N/plug
    PUT    /evses/N/car               any of wants_energy, current_a, phases, power_factor, polite
    POST   /evses/N/buttons/BUTTON
    PUT    /evses/N/fault {"kind": "ground_failure"}, DELETE /evses/N/fault
    PUT    /evses/N/bay {"occupied": true}
    POST   /readers/N {"token": "04A1B2C3"}

Every answer is JSON: 200 with `{"done": true}` or what was asked for, 400 or 404 with `{"error": "..."}`.
"""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from bench.virtual.instruments.server import GARBAGE, Latency
from bench.virtual.instruments.tcp_server import LONGEST, TcpServer
from bench.virtual.plant.plant import Plant

_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found"}
_Data: TypeAlias = dict[str, Any]


class NoSuchPathError(Exception):
    """Nothing is served there."""


class VirtualWeb(TcpServer):
    """The hands of the bench as a web server."""

    def __init__(self, name: str, plant: Plant, latency: Latency | None = None) -> None:
        super().__init__(name, latency)
        self._plant = plant
        self._routes: dict[str, Callable[[list[str], _Data], object]] = {
            r"GET /": lambda _at, _data: {"name": "Plugproof virtual bench", "version": "1.0"},
            r"GET /mains": lambda _at, _data: {"on": plant.grid.output_on},
            r"PUT /mains": lambda _at, data: plant.set_output(on=_given(data, "on", bool)),
            r"GET /evses/(\d+)": lambda at, _data: self._evse(int(at[0])),
            r"POST /evses/(\d+)/plug": lambda at, data: plant.evse(int(at[0])).plug_in(_given(data, "rating_a", float)),
            r"DELETE /evses/(\d+)/plug": lambda at, _data: plant.evse(int(at[0])).unplug(),
            r"PUT /evses/(\d+)/car": lambda at, data: self._car(int(at[0]), data),
            r"POST /evses/(\d+)/buttons/(\w+)": lambda at, _data: plant.press_button(int(at[0]), at[1]),
            r"PUT /evses/(\d+)/fault": lambda at, data: plant.inject_fault(int(at[0]), _given(data, "kind", str)),
            r"DELETE /evses/(\d+)/fault": lambda at, _data: plant.clear_fault(int(at[0])),
            r"PUT /evses/(\d+)/bay": lambda at, data: plant.evse(int(at[0])).occupy_bay(
                occupied=_given(data, "occupied", bool)
            ),
            r"POST /readers/(\d+)": lambda at, data: plant.present_token(int(at[0]), _given(data, "token", str)),
        }

    def respond(self, asked: str, body: bytes) -> tuple[int, object]:
        """Status and data of the answer to `METHOD /path`."""
        try:
            done = self._do(asked, _object(body))
        except NoSuchPathError:
            return 404, {"error": f"nothing is served at {asked}: bench/virtual/instruments/web.py lists what is"}
        except ValueError as error:
            return 400, {"error": str(error)}
        return 200, {"done": True} if done is None else done

    def _do(self, asked: str, data: _Data) -> object:
        for route, action in self._routes.items():
            match = re.fullmatch(route, asked)
            if match is not None:
                return action(list(match.groups()), data)
        raise NoSuchPathError

    def _evse(self, number: int) -> _Data:
        evse = self._plant.evse(number)
        return {
            "pilot": evse.pilot_state(),
            "locked": evse.locked(),
            "plugged": evse.plugged,
            "bay_occupied": evse.bay_occupied,
        }

    def _car(self, number: int, data: _Data) -> None:
        evse = self._plant.evse(number)
        known = ("wants_energy", "current_a", "phases", "power_factor", "polite")
        unknown = [key for key in data if key not in known]
        if unknown or not data:
            raise ValueError(f"{unknown[0] if unknown else 'nothing'!r} is nothing of a car: use {', '.join(known)}")
        if "current_a" in data or "phases" in data:
            amps = _given(data, "current_a", float) if "current_a" in data else evse.ev.demand_a
            evse.set_demand(amps, _given(data, "phases", int) if "phases" in data else evse.ev.phases)
        if "power_factor" in data:
            evse.set_power_factor(_given(data, "power_factor", float))
        if "polite" in data:
            evse.set_polite(polite=_given(data, "polite", bool))
        if "wants_energy" in data:
            evse.request_energy(on=_given(data, "wants_energy", bool))

    # -- the server

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path, _ = head.split("\r\n", 1)[0].split(" ")
        length = re.search(r"(?im)^content-length:\s*(\d+)\s*$", head)
        body = await reader.readexactly(min(int(length[1]), LONGEST)) if length else b""
        status, data = self.respond(f"{method} {path}", body)
        if self.misbehaviour == "silent":
            await reader.read()
            return
        await asyncio.sleep(self._latency.draw_s())
        text = json.dumps(data).encode()
        start = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        whole = f"{start}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text
        writer.write(GARBAGE if self.misbehaviour == "garbage" else whole)
        await writer.drain()


def _object(body: bytes) -> _Data:
    data = json.loads(body) if body else {}
    if not isinstance(data, dict):
        raise ValueError("the body is not a JSON object: send one, or none")  # noqa: TRY004 - the client's error
    return data


def _given(data: _Data, name: str, kind: type) -> Any:
    value = data.get(name)
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} is {value!r}: give a {kind.__name__}")
    return value
