"""How a virtual station fetches and brings files: the standard library's clients, in a thread as the library wants."""

import asyncio
import ftplib
import http.client
import io
import ssl
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, unquote, urlsplit

PROTOCOLS = ("FTP", "FTPS", "HTTP", "HTTPS")
TIMEOUT_S = 20.0


def trusting(roots: Iterable[str]) -> ssl.SSLContext:
    """A context that trusts these roots (PEM) alone; without any, those of the machine."""
    return ssl.create_default_context(cadata="\n".join(roots) or None)


class TransferError(Exception):
    """A file did not come, or did not get there."""


class FileClient:
    """Fetches and brings whole files. `tls` is asked for a context when a URL is one of FTPS or HTTPS."""

    def __init__(self, tls: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._tls = tls

    async def fetch(self, url: str) -> bytes:
        """The file at a URL. Raises TransferError."""
        return await self._in_thread(self._fetch, url)

    async def bring(self, url: str, name: str, content: bytes) -> None:
        """Put a file of this name into the folder at a URL. Raises TransferError."""
        await self._in_thread(lambda place: self._bring(place, name, content), url)

    async def _in_thread(self, work: Callable[[SplitResult], bytes], url: str) -> bytes:
        try:
            place = urlsplit(url)
            if place.scheme.upper() not in PROTOCOLS or not place.hostname:
                raise TransferError(f"{url!r} is no URL of {', '.join(PROTOCOLS)}")
            loop = asyncio.get_running_loop()
            return await asyncio.to_thread(_beside, loop, work, place)
        except (OSError, EOFError, ValueError, ftplib.Error, http.client.HTTPException) as error:
            raise TransferError(str(error) or type(error).__name__) from error

    def _fetch(self, place: SplitResult) -> bytes:
        if place.scheme in {"http", "https"}:
            return self._request(place, "GET", unquote(place.path) or "/", None)
        into = io.BytesIO()
        with self._session(place) as session:
            session.retrbinary(f"RETR {unquote(place.path)}", into.write)
        return into.getvalue()

    def _bring(self, place: SplitResult, name: str, content: bytes) -> bytes:
        path = f"{unquote(place.path).rstrip('/')}/{name}"
        if place.scheme in {"http", "https"}:
            return self._request(place, "PUT", path, content)
        with self._session(place) as session:
            session.storbinary(f"STOR {path}", io.BytesIO(content))
        return b""

    def _request(self, place: SplitResult, method: str, path: str, body: bytes | None) -> bytes:
        host = str(place.hostname)
        client = (
            http.client.HTTPSConnection(host, place.port, timeout=TIMEOUT_S, context=self._tls())
            if place.scheme == "https"
            else http.client.HTTPConnection(host, place.port, timeout=TIMEOUT_S)
        )
        try:
            client.request(method, path, body)
            answer = client.getresponse()
            content = answer.read()
        finally:
            client.close()
        if not 200 <= answer.status < 300:
            raise TransferError(f"the server answered {answer.status} {answer.reason}")
        return content

    def _session(self, place: SplitResult) -> ftplib.FTP:
        """A logged-in session, always passive (security white paper, L01: FTP must be able to be passive)."""
        session = ftplib.FTP_TLS(context=self._tls()) if place.scheme == "ftps" else ftplib.FTP()  # noqa: S321
        session.connect(str(place.hostname), place.port or ftplib.FTP_PORT, timeout=TIMEOUT_S)
        session.login(unquote(place.username or "anonymous"), unquote(place.password or ""))
        if isinstance(session, ftplib.FTP_TLS):
            session.prot_p()
        return session


def _beside(loop: asyncio.AbstractEventLoop, work: Callable[[SplitResult], bytes], place: SplitResult) -> bytes:
    """Have the loop go on at once: on the virtual bench the file server lives on it, too."""
    loop.call_soon_threadsafe(lambda: None)
    return work(place)
