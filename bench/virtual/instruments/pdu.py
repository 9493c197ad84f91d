"""Network power strips on HTTP, each maker's own way: one outlet of a strip is the station's mains, the others are idle.

As the makers' pages and public code have it (sources: bench/drivers/pdus.toml); none was compared with a strip.
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from bench.virtual.instruments.server import Latency
from bench.virtual.instruments.web import NoSuchPathError, VirtualWeb
from bench.virtual.plant.plant import Plant

_Data: TypeAlias = dict[str, Any]
_Query: TypeAlias = dict[str, str]


class VirtualPdu(VirtualWeb):
    """A strip that speaks like one `model` of `MODELS`; `outlet` is the maker's number of the one that feeds the station.

    While it misbehaves as `nan`, it tells states that are neither on nor off.
    """

    def __init__(self, name: str, plant: Plant, model: str, outlet: int, latency: Latency | None = None) -> None:
        super().__init__(name, plant, latency)
        self._plant = plant
        self.outlets = dict.fromkeys(_OUTLETS[model], False)
        self._outlet = outlet
        self._speak = MODELS[model]
        self.stuck = False

    def respond(self, asked: str, body: bytes) -> tuple[int, object]:
        """Status and data of the answer to `METHOD /path?query`."""
        method, _, target = asked.partition(" ")
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            data = json.loads(body) if body else {}
            return 200, self._speak(self, f"{method} {parts.path}", query, data)
        except NoSuchPathError:
            return 404, "Not Found"
        except (KeyError, ValueError, TypeError):
            return 400, "Bad Request"

    def is_on(self, outlet: int) -> bool:
        """The state of an outlet. Raises KeyError for one that the strip does not have."""
        return self._plant.grid.output_on if outlet == self._outlet else self.outlets[outlet]

    def switch(self, outlet: int, *, on: bool) -> None:
        """Switch an outlet, unless it is stuck. Raises KeyError for one that the strip does not have."""
        was = self.is_on(outlet)
        state = was if self.stuck else on
        if outlet == self._outlet:
            self._plant.set_output(on=state)
        self.outlets[outlet] = state

    def told(self, outlet: int, *, number: bool) -> object:
        """The state as the strip writes it."""
        if self.misbehaviour == "nan":
            return "unknown"
        return int(self.is_on(outlet)) if number else self.is_on(outlet)


def _netio(pdu: VirtualPdu, asked: str, _query: _Query, data: _Data) -> object:
    if asked not in {"GET /netio.json", "POST /netio.json"}:
        raise NoSuchPathError
    for order in data.get("Outputs", ()):
        if order["Action"] in {0, 1}:
            pdu.switch(order["ID"], on=order["Action"] == 1)
    outputs = [
        {"ID": n, "Name": f"output_{n}", "State": pdu.told(n, number=True), "Action": 6, "Delay": 5000}
        for n in pdu.outlets
    ]
    agent = {"Model": "NETIO 4All", "Version": "3.3.1", "JSONVer": "2.1", "NumOutputs": len(outputs)}
    return {"Agent": agent, "Outputs": outputs}


def _gude(pdu: VirtualPdu, asked: str, query: _Query, _data: _Data) -> object:
    if asked != "GET /status.json":
        raise NoSuchPathError
    if query.get("cmd") == "1":
        pdu.switch(int(query["p"]), on=query["s"] == "1")
    if not int(query.get("components", "0")) & 1:
        return {}
    return {"outputs": [{"name": f"Power Port {n}", "state": pdu.told(n, number=True)} for n in pdu.outlets]}


def _shelly_gen1(pdu: VirtualPdu, asked: str, query: _Query, _data: _Data) -> object:
    if asked == "GET /shelly":
        return {"type": "SHPLG-S", "mac": "AABBCC000001", "auth": False, "fw": "virtual", "num_outputs": 1}
    outlet = _number(r"(?:GET|POST) /relay/(\d+)", asked)
    if "turn" in query:
        pdu.switch(outlet, on={"on": True, "off": False}[query["turn"]])
    return {"ison": pdu.told(outlet, number=False), "has_timer": False, "source": "http"}


def _shelly_gen2(pdu: VirtualPdu, asked: str, query: _Query, _data: _Data) -> object:
    if asked == "GET /rpc/Shelly.GetDeviceInfo":
        return {"id": "shellyplusplugs-aabbccddeeff", "model": "SNPL-00112EU", "gen": 2, "app": "PlusPlugS"}
    method = re.fullmatch(r"GET /rpc/Switch\.(Set|GetStatus)", asked)
    if method is None:
        raise NoSuchPathError
    outlet = int(query["id"])
    if method[1] == "Set":
        was = pdu.is_on(outlet)
        pdu.switch(outlet, on={"true": True, "false": False}[query["on"]])
        return {"was_on": was}
    return {"id": outlet, "source": "HTTP_in", "output": pdu.told(outlet, number=False)}


def _tinycontrol(pdu: VirtualPdu, asked: str, query: _Query, _data: _Data) -> object:
    if asked == "GET /api/v1/save/":
        for key, value in query.items():
            pdu.switch(_number(r"out(\d+)", key), on={"1": True, "0": False}[value])
        return {}
    if asked != "GET /api/v1/read/status/":
        raise NoSuchPathError
    return {f"out{n}": pdu.told(n, number=True) for n in pdu.outlets}


def _number(pattern: str, text: str) -> int:
    match = re.fullmatch(pattern, text)
    if match is None:
        raise NoSuchPathError
    return int(match[1])


MODELS: dict[str, Callable[[VirtualPdu, str, _Query, _Data], object]] = {
    "netio_json": _netio,
    "gude": _gude,
    "shelly_gen1": _shelly_gen1,
    "shelly_gen2": _shelly_gen2,
    "tinycontrol_tcpdu": _tinycontrol,
}
_OUTLETS = {
    "netio_json": range(1, 5),
    "gude": range(1, 9),
    "shelly_gen1": range(1),
    "shelly_gen2": range(1),
    "tinycontrol_tcpdu": range(1, 7),
}
