"""What a foreign station does with frames, answers, closes and connections that no proper CSMS makes.

Run by hand, with the peer installed (`make conformance-peer` installs it); no run and no CI job uses it, and it judges
nothing. What the clauses say of what it shows: docs/explanation/foreign-stations.md.

    .venv/bin/python peers/probe.py em-ocpp-chargepoint-simulator [WORD]

Every probe (with WORD: those with it in their name) has a station program of its own, which is ended after it. Printed
for each: what the station sent and did from the probe on, and whether it still answers GetConfiguration afterwards.
"""

import asyncio
import json
import sys
import tempfile
import tomllib
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from bench.links.process import ProcessLink

HERE = Path(__file__).resolve().parent
AT_ONCE = 3
ANSWER_S = 2.0
RETRY_S = 15.0
Act = Callable[["Csms"], Awaitable[None]]


class Csms:
    """Answers like a proper CSMS until a probe has it do otherwise; what the station does is kept in `seen`."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, str]] = []
        self.answers: dict[str, Callable[[str], list[str]]] = {}
        self.status = 101
        self.subprotocol: str | None = "ocpp1.6"
        self.connection: ServerConnection | None = None
        self.answered: set[str] = set()
        self._since = 0.0

    def note(self, what: str) -> None:
        """Keep what was seen, with its time since the probe began."""
        self.seen.append((asyncio.get_running_loop().time() - self._since, what))

    def begin(self) -> None:
        """Forget what was seen; the probe begins."""
        self.seen.clear()
        self._since = asyncio.get_running_loop().time()

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        """For websockets: refuses the handshake while `status` is another than 101."""
        del request
        if self.status == 101:
            return None
        self.note(f"refused with {self.status}")
        return connection.respond(self.status, "refused by the probe\n")

    def select(self, connection: ServerConnection, offered: Iterable[str]) -> Subprotocol | None:
        """For websockets: `subprotocol`, whatever is offered."""
        del connection, offered
        return None if self.subprotocol is None else Subprotocol(self.subprotocol)

    async def serve(self, connection: ServerConnection) -> None:
        """For websockets: one connection of the station."""
        self.note("connects")
        self.connection = connection
        try:
            async for raw in connection:
                await self._take(raw)
        except ConnectionClosed:
            pass
        received = connection.protocol.close_rcvd
        self.note(f"closes with {received.code}" if received else "connection ends without a close")
        if self.connection is connection:
            self.connection = None

    async def _take(self, raw: str | bytes) -> None:
        frame = json.loads(raw)
        if frame[0] == 2:
            self.note(f"CALL {frame[2]}")
            answer = self.answers.get(frame[2])
            for text in answer(frame[1]) if answer else [json.dumps([3, frame[1], _result(frame[2])])]:
                await self.send(text)
        elif frame[0] == 3:
            self.answered.add(frame[1])
            self.note(f"CALLRESULT {frame[2].get('status', '') if isinstance(frame[2], dict) else frame[2]}".rstrip())
        else:
            self.answered.add(frame[1])
            self.note(f"CALLERROR {frame[2]}")

    async def send(self, text: str | list[str]) -> None:
        """Send as it is; a list goes as one message in fragments. Does nothing without a connection."""
        if self.connection is not None:
            with suppress(ConnectionClosed):
                await self.connection.send(text)

    async def there(self, seconds: float) -> bool:
        """Whether the station is connected, or comes within `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.connection is None:  # noqa: ASYNC110 - a tool for the hand; nobody signals
                    await asyncio.sleep(0.05)
        return self.connection is not None

    async def alive(self) -> str:
        """Whether the station answers a proper CALL now."""
        if not await self.there(0.1):
            return "is away"
        await self.send('[2,"alive","GetConfiguration",{}]')
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                while "alive" not in self.answered:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        return "answers" if "alive" in self.answered else "deaf"


def _result(action: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    results: dict[str, dict[str, Any]] = {
        "BootNotification": {"status": "Accepted", "currentTime": now, "interval": 300},
        "Heartbeat": {"currentTime": now},
        "Authorize": {"idTagInfo": {"status": "Accepted"}},
        "StartTransaction": {"idTagInfo": {"status": "Accepted"}, "transactionId": 1},
    }
    return results.get(action, {})


@dataclass(frozen=True, slots=True)
class Probe:
    """`before` is done before the station is started, `act` once it is booted (with `before`: at once); then the station
    is watched for `watch_s`."""

    name: str
    clause: str
    act: Act
    watch_s: float = ANSWER_S
    before: Callable[[Csms], None] | None = None


def _sends(*texts: str | list[str]) -> Act:
    async def act(csms: Csms) -> None:
        for text in texts:
            await csms.send(text)

    return act


def _when_it_beats(answer: Callable[[str], list[str]]) -> Act:
    async def act(csms: Csms) -> None:
        csms.answers["Heartbeat"] = answer
        await csms.send('[2,"t1","TriggerMessage",{"requestedMessage":"Heartbeat"}]')

    return act


def _closes(code: int) -> Act:
    async def act(csms: Csms) -> None:
        if csms.connection is not None:
            await csms.connection.close(code)

    return act


async def _aborts(csms: Csms) -> None:
    if csms.connection is not None:
        csms.connection.transport.abort()


async def _bad_utf8(csms: Csms) -> None:
    if csms.connection is not None:
        await csms.connection.send(b'[2,"p1","GetConfiguration",{"key":["\xff"]}]', text=True)


async def _pings(csms: Csms) -> None:
    if csms.connection is not None:
        await (await csms.connection.ping())
        csms.note("pong")


async def _closes_then_refuses(csms: Csms) -> None:
    csms.status = 503
    await _closes(1001)(csms)
    await asyncio.sleep(8)
    csms.status = 101


async def _relents(csms: Csms) -> None:
    await asyncio.sleep(8)
    csms.status, csms.subprotocol = 101, "ocpp1.6"
    csms.note("(from here on it is let in)")


async def _nonsense_then_close(csms: Csms) -> None:
    await csms.send("hello")
    await _closes(1001)(csms)


async def _nonsense_while_it_beats(csms: Csms) -> None:
    await csms.send('[2,"h1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"1"}]')
    await asyncio.sleep(1.5)
    await csms.send("hello")
    csms.begin()


def _refuses(csms: Csms) -> None:
    csms.status = 404


def _speaks_nothing(csms: Csms) -> None:
    csms.subprotocol = None


def _speaks_another(csms: Csms) -> None:
    csms.subprotocol = "ocpp2.0.1"


GET = '[2,"p1","GetConfiguration",{}]'
BIG = json.dumps([2, "p1", "GetConfiguration", {"key": ["k" * 50] * 20_000}])
LONG_ID = json.dumps([2, "x" * 37, "GetConfiguration", {}])
J = "OCPP-J 1.6"
PROBES = (
    Probe("CALL of an action that does not exist", f"{J}, 4.2.3", _sends('[2,"p1","NoSuchAction",{}]')),
    Probe("CALL UnlockConnector", f"{J}, 4.2.3", _sends('[2,"p1","UnlockConnector",{"connectorId":1}]')),
    Probe("CALL GetConfiguration in lower case", f"{J}, 4.2.1", _sends('[2,"p1","getconfiguration",{}]')),
    Probe("CALL without mandatory fields", f"{J}, 4.2.3", _sends('[2,"p1","ChangeConfiguration",{}]')),
    Probe(
        "CALL with a field of a wrong type", f"{J}, 4.2.3", _sends('[2,"p1","ChangeConfiguration",{"key":5,"value":1}]')
    ),
    Probe("CALL with payload null", f"{J}, 4.2.1", _sends('[2,"p1","GetConfiguration",null]')),
    Probe("CALL without payload", f"{J}, 4.2.1", _sends('[2,"p1","GetConfiguration"]')),
    Probe("CALL with a fifth element", f"{J}, 4.2.1", _sends('[2,"p1","GetConfiguration",{},{}]')),
    Probe("CALL with an id of 37 characters", f"{J}, 4.1.4", _sends(LONG_ID)),
    Probe("CALL with a number as id", f"{J}, 4.1.4", _sends('[2,7,"GetConfiguration",{}]')),
    Probe("CALL twice with the same id", f"{J}, 4.1.4", _sends(GET, GET)),
    Probe("two CALLs at once", f"{J}, 4.1.1", _sends(GET, '[2,"p2","GetConfiguration",{}]')),
    Probe("CALL of 1 MB", f"{J}, 4.2.1", _sends(BIG)),
    Probe("CALL in three fragments", "RFC 6455, 5.4", _sends([GET[:5], GET[5:20], GET[20:]])),
    Probe("text that is no JSON", f"{J}, 4.1.2", _sends("hello")),
    Probe("JSON that is cut", f"{J}, 4.1.2", _sends('[2,"p1","GetConf')),
    Probe("JSON that is no array", f"{J}, 4.2", _sends('{"messageTypeId":2}')),
    Probe("JSON null", f"{J}, 4.2", _sends("null")),
    Probe("an empty array", f"{J}, 4.2", _sends("[]")),
    Probe("message type 9", f"{J}, 4.1.3", _sends('[9,"p1","GetConfiguration",{}]')),
    Probe("text that is not UTF-8", "RFC 6455, 8.1", _bad_utf8, watch_s=RETRY_S),
    Probe("ping", "RFC 6455, 5.5.2", _pings),
    Probe("CALLRESULT that nobody waits for", f"{J}, 4.1.4", _sends('[3,"nobody",{}]')),
    Probe("CALLERROR that nobody waits for", f"{J}, 4.1.4", _sends('[4,"nobody","GenericError","",{}]')),
    Probe(
        "its CALL is answered by a CALLERROR",
        f"{J}, 4.2.3",
        _when_it_beats(lambda it: [f'[4,"{it}","InternalError","",{{}}]']),
    ),
    Probe(
        "its CALL is answered twice",
        f"{J}, 4.1.4",
        _when_it_beats(lambda it: [json.dumps([3, it, _result("Heartbeat")])] * 2),
    ),
    Probe("its CALL is never answered", f"{J}, 4.1.1", _when_it_beats(lambda _: []), watch_s=20.0),
    Probe("close 1000", f"{J}, 5.4", _closes(1000), watch_s=RETRY_S),
    Probe("close 1001", f"{J}, 5.4", _closes(1001), watch_s=RETRY_S),
    Probe("close 1011", f"{J}, 5.4", _closes(1011), watch_s=RETRY_S),
    Probe("close 4000", f"{J}, 5.4", _closes(4000), watch_s=RETRY_S),
    Probe("connection reset", f"{J}, 5.4", _aborts, watch_s=RETRY_S),
    Probe("close 1001, then 503 for 8 s", f"{J}, 5.4", _closes_then_refuses, watch_s=RETRY_S),
    Probe("text that is no JSON, then close 1001", f"{J}, 5.4", _nonsense_then_close, watch_s=45.0),
    Probe("text that is no JSON, while it beats every second", f"{J}, 4.1.2", _nonsense_while_it_beats, watch_s=20.0),
    Probe("404 at its start, for 8 s", f"{J} errata, 3.4", _relents, watch_s=RETRY_S, before=_refuses),
    Probe("no subprotocol at its start, for 8 s", f"{J}, 3.2", _relents, watch_s=RETRY_S, before=_speaks_nothing),
    Probe("another subprotocol at its start, for 8 s", f"{J}, 3.2", _relents, watch_s=RETRY_S, before=_speaks_another),
)


def _link(peer: str, url: str, directory: str) -> ProcessLink:
    """The station program as the peer's bench file describes it."""
    with (HERE.parent / "bench" / "topologies" / f"peer-{peer}.toml").open("rb") as file:
        instrument = tomllib.load(file)["instrument"][0]
    address = instrument["address"]
    for name, value in {"csms_url": url, "identity": "PROBED", "run_directory": directory}.items():
        address = address.replace(f"{{{name}}}", value)
    link = ProcessLink(peer, address, 10.0)
    where = HERE.parent / instrument["options"]["working_directory"]
    link.configure(directory=where, variables={}, log=None, farewell=b"", ready=instrument["options"]["ready"])
    return link


async def _hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take whatever is sent, and say nothing."""
    with suppress(OSError):
        while await reader.read(65536):
            pass
    writer.close()


async def half_open(peer: str) -> str:
    """A CSMS that accepts the TCP connection and never answers the handshake: what the station does in 40 s."""
    loop, opened, ended = asyncio.get_running_loop(), [], []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(loop.time())
        await _hold(reader, writer)
        ended.append(loop.time())

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as directory:
        link = _link(peer, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", directory)
        try:
            await link.start()
            await asyncio.sleep(40)
            given_up = (
                f"gives up after {ended[0] - opened[0]:.0f} s" if ended else "still waits for the handshake after 40 s"
            )
            return f"{len(opened)} connection{'s' if len(opened) != 1 else ''}; {given_up}"
        finally:
            await link.close()
            server.close()


async def watch(peer: str, probe: Probe) -> tuple[str, str]:
    """Run one probe on a station of its own: what was seen, and how the station is afterwards."""
    csms = Csms()
    if probe.before is not None:
        probe.before(csms)
    async with AsyncExitStack() as held:
        server = await held.enter_async_context(
            serve(
                csms.serve,
                "127.0.0.1",
                0,
                process_request=csms.check,
                select_subprotocol=csms.select,
                ping_interval=None,
                max_size=None,
                close_timeout=1,
            )
        )
        directory = held.enter_context(tempfile.TemporaryDirectory())
        link = _link(peer, f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", directory)
        held.push_async_callback(link.close)
        csms.begin()
        await link.start()
        if probe.before is None:
            if not await link.wait_ready(30):
                return "it did not boot", "-"
            await link.wait_quiet(0.5, 10)
            csms.begin()
        await probe.act(csms)
        await asyncio.sleep(probe.watch_s)
        seen = list(csms.seen)
        after = await csms.alive()
        return _told(seen), after if link.running else "has ended"


def _told(seen: list[tuple[float, str]]) -> str:
    """Each thing once, in the order of its first time."""
    texts = []
    for what in dict.fromkeys(text for _, text in seen):
        times = [at for at, text in seen if text == what]
        span = f"{times[0]:.1f} s" if len(times) == 1 else f"{len(times)}x, {times[0]:.1f} to {times[-1]:.1f} s"
        texts.append(f"{what} ({span})")
    return "; ".join(texts) or "nothing"


async def main(peer: str, word: str) -> None:
    """Run the probes, a few at a time, and print them in their order."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(probe: Probe) -> tuple[str, str]:
        async with turn:
            return await watch(peer, probe)

    chosen = [probe for probe in PROBES if word in probe.name]
    tasks = [asyncio.create_task(one(probe)) for probe in chosen]
    for probe, task in zip(chosen, tasks, strict=True):
        seen, after = await task
        _print(f"{probe.name} ({probe.clause})\n    {seen}\n    afterwards: {after}")
    if word in "half-open handshake":
        _print(f"half-open handshake\n    {await half_open(peer)}")


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3} or not (HERE / sys.argv[1] / "node_modules").is_dir():
        sys.exit(f"{__doc__}\nName an installed peer (a directory of {HERE.name}/ with node_modules).")
    asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else ""))
