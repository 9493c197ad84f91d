"""Makes a commanded instrument from a table, as the rig would."""

import asyncio
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import registry
from bench.clock import LoopClock
from harness.model.strict import build
from harness.model.topology import InstrumentEntry


@pytest.fixture
async def commanded():
    made = []

    def make(address, verbs, roles=("ev_simulator",), simulated=False, evses=(1,), timeout_s=1.0, **options):
        verbs = {"identify": {"send": "GET /id" if address.startswith("http") else "id"}, **verbs}
        table = {
            "name": "box",
            "roles": list(roles),
            "driver": "commanded",
            "address": address,
            "evses": list(evses),
            "timeout_s": timeout_s,
            "options": {"verbs": verbs, **options},
        }
        entry = build(InstrumentEntry, table, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=simulated)
        made.append(registry.create(entry, address, clock, "bench.toml"))
        return made[-1]

    yield make
    for instrument in made:
        await instrument.close()


class Web:
    """A web server in a thread. `script` maps `METHOD path` to (status, body), or to a callable that gives it."""

    def __init__(self):
        self.script = {"GET /id": (200, "EvSim 1.2")}
        self.heard = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length).decode()
                asked = f"{self.command} {self.path}"
                outer.heard.append((asked, body, dict(self.headers)))
                answer = outer.script.get(asked, (404, "no such path"))
                status, text = answer() if callable(answer) else answer
                data = (text if isinstance(text, str) else json.dumps(text)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def asked(self):
        return [asked for asked, _, _ in self.heard]

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()
