"""Requests to a web server, each on a connection of its own. Address: `http://host:port` or `https://host:port/base`.

http.client of the standard library in a thread (docs/decisions/0012-http-from-the-standard-library.md). Redirects are
not followed and no proxy is used: what the bench file says is what is asked. Certificates of https are verified.
"""

import asyncio
import contextlib
import http.client
import json
import re
import socket
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from bench.errors import BenchError
from bench.links.command.link import LONGEST, Answer, CommandLink, Request, Sending
from bench.links.command.template import Values, fill, fill_data

_SEND = re.compile(r"(?P<method>GET|POST|PUT|PATCH|DELETE) (?P<path>/\S*)")
_PATIENCE_S = 0.5  # for a thread whose socket was shut to notice it


class HttpLink(CommandLink):
    """A web server that stands for an instrument."""

    code_means = "HTTP status"
    good_codes = range(200, 300)

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        super().__init__(instrument, address, timeout_s)
        try:
            parts = urlsplit(address)
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            parts, self._host, self._port = urlsplit(""), "", None
        if (
            parts.scheme not in {"http", "https"}
            or not self._host
            or parts.netloc.endswith(":")
            or parts.query
            or parts.fragment
            or parts.username
        ):
            cure = "write http://host:port or https://host:port, then at most a path; credentials belong in headers"
            raise BenchError(f"{instrument}: address {address!r} is not one of a web server. Cure: {cure}")
        self._secure = parts.scheme == "https"
        self._base = parts.path.rstrip("/")

    def render(self, sending: Sending, values: Values) -> Request:
        """Method, path and body; values are quoted in the path and keep their types in `json`. Raises BenchError."""
        match = _SEND.fullmatch(sending.send)
        if match is None:
            cure = "write e.g. POST /plug: GET, POST, PUT, PATCH or DELETE, a space, and a path without spaces"
            raise BenchError(f"send = {sending.send!r} is no request. Cure: {cure}")
        if sending.json is not None and sending.body:
            raise BenchError("json and body are both given. Cure: keep one of them")
        path = self._base + fill(match["path"], values, _quoted)
        text, shown = _body(sending, values), _body(sending, values.shown())
        kind = {"Content-Type": "application/json" if sending.json is not None else "text/plain; charset=utf-8"}
        headers = {**({} if text is None else kind), **_headers(sending, values)}
        origin = self.address.removesuffix("/").removesuffix(self._base)
        seen = f"{match['method']} {origin}{self._base}{fill(match['path'], values.shown(), _quoted)}"
        body = None if text is None else text.encode()
        return Request(
            seen if shown is None else f"{seen} {shown}", method=match["method"], path=path, headers=headers, body=body
        )

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Send, and read the whole answer. Raises InstrumentFault when there is none in time, or none that is HTTP and text."""
        return await self.exchange(lambda: self._asked(request, timeout_s))

    async def _asked(self, request: Request, timeout_s: float) -> Answer:
        made = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = made(self._host, self._port, timeout=timeout_s)
        work = asyncio.ensure_future(asyncio.to_thread(_talk, connection, request))
        work.add_done_callback(_retrieve)
        done, _ = await asyncio.wait({work}, timeout=timeout_s)
        if not done:
            _shut(connection)
            await asyncio.wait({work}, timeout=_PATIENCE_S)
            raise self._late(request, timeout_s)
        try:
            status, data, charset = work.result()
        except TimeoutError:
            raise self._late(request, timeout_s) from None
        except (http.client.HTTPException, OSError) as error:
            raise self.fault(f"{request.shown}: {_why(error)}", _cure(error)) from None
        if len(data) > LONGEST:
            raise self.fault(f"{request.shown} was answered with more than {LONGEST} bytes", "check the path")
        try:
            return Answer(data.decode(charset).rstrip("\r\n"), status)
        except (UnicodeDecodeError, LookupError):
            raise self.fault(
                f"{request.shown} was answered with bytes that are no {charset} text", "check it"
            ) from None

    def _late(self, request: Request, timeout_s: float) -> BenchError:
        cure = "check that it is on and not busy; give the verb a longer timeout_s if it needs it"
        return self.fault(f"{request.shown} was not answered within {timeout_s:g} s", cure)

    async def drop(self) -> None:
        """Nothing stays open between two requests."""


def _talk(connection: http.client.HTTPConnection, request: Request) -> tuple[int, bytes, str]:
    """One request and its answer; runs in a thread."""
    try:
        connection.request(request.method, request.path, request.body, {"Connection": "close", **request.headers})
        with (
            connection.getresponse() as response
        ):  # closed here: it holds the socket after the connection has let go of it
            data = response.read(LONGEST + 1)
            if response.length and len(data) <= LONGEST:  # read() with an amount does not tell by itself
                raise http.client.IncompleteRead(data, response.length)
            return response.status, data, response.headers.get_content_charset("utf-8")
    finally:
        connection.close()


def _shut(connection: http.client.HTTPConnection) -> None:
    """Make a thread that waits for this connection end at once."""
    sock: socket.socket | None = connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _retrieve(work: "asyncio.Future[tuple[int, bytes, str]]") -> None:
    # Nobody may be left to take the exception of a thread that was given up.
    if not work.cancelled():
        work.exception()


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _body(sending: Sending, values: Values) -> str | None:
    if sending.json is not None:
        return json.dumps(fill_data(sending.json, values), ensure_ascii=False)
    return fill(sending.body, values) if sending.body else None


def _headers(sending: Sending, values: Values) -> Mapping[str, str]:
    headers = {name: fill(value, values) for name, value in sending.headers.items()}
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or not value.isascii() or not value.isprintable():
            raise BenchError(f"header {name!r} cannot be sent. Cure: use letters, digits and -, and a value in ASCII")
    return headers


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection was closed before the answer was complete"
    if isinstance(error, http.client.HTTPException):
        return f"the answer is no HTTP ({type(error).__name__}: {str(error).strip()[:80]!r})"
    assert isinstance(error, OSError)
    return f"the connection failed: {getattr(error, 'verify_message', '') or error.strerror or error}"


def _cure(error: Exception) -> str:
    if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
        return "check that the address and port are those of its web server"
    if getattr(error, "verify_message", ""):
        return (
            "let it show a certificate that this machine trusts (SSL_CERT_FILE names further authorities), or use http"
        )
    return "check address, port, cable and power"
