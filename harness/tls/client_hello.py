"""What a TLS client says first, read from the bytes that it sent: a library's server tells little of it.

RFC 5246 7.4.1.2 and RFC 8446 4.1.2 (ClientHello), RFC 6066 3 (server name), RFC 8446 4.2.1 (supported versions).
"""

from dataclasses import dataclass

from harness.tls.names import ALERTS, is_grease, suite_name, version_name

_HANDSHAKE, _ALERT = 22, 21
_CLIENT_HELLO = 1
_SERVER_NAME, _SUPPORTED_VERSIONS = 0, 43
LARGEST = 65536
"""Bytes after which a first message that is still not whole is given up."""


class NotTlsError(ValueError):
    """The bytes are no ClientHello; the text says why."""


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What the client offers, in its own order; values that only exercise servers (GREASE) are left out.

    `versions`: all that it names; older clients name the highest alone. `compression`: it offers more than none.
    """

    versions: tuple[str, ...]
    suites: tuple[str, ...]
    server_name: str = ""
    compression: bool = False


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise NotTlsError(f"it ends after {len(self._data)} bytes where {self._at + size} were announced")
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def block(self, size: int) -> bytes:
        """What a length of `size` bytes announces."""
        return self.take(self.number(size))

    @property
    def more(self) -> bool:
        return self._at < len(self._data)


def looks_like_tls(data: bytes) -> bool:
    """Whether a connection begins as TLS does: a handshake record of version 3.x. WebSocket begins with GET."""
    return data[:1] == b"\x16" and data[1:2] in {b"", b"\x03"}


def client_hello(stream: bytes) -> ClientHello | None:
    """The ClientHello at the start of `stream`; None while it is not whole. Raises NotTlsError for anything else."""
    message = bytearray()
    at = 0
    while at + 5 <= len(stream):
        kind, length = stream[at], int.from_bytes(stream[at + 3 : at + 5], "big")
        if kind != _HANDSHAKE:
            raise NotTlsError(f"record of type {kind} in place of a handshake")
        message += stream[at + 5 : at + 5 + length]
        if len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4], "big"):
            return _parsed(bytes(message))
        at += 5 + length
    if len(stream) > LARGEST:
        raise NotTlsError(f"no whole ClientHello in {LARGEST} bytes")
    return None


def _parsed(message: bytes) -> ClientHello:
    reader = _Reader(message)
    kind = reader.number(1)
    if kind != _CLIENT_HELLO:
        raise NotTlsError(f"handshake message of type {kind} in place of a ClientHello")
    body = _Reader(reader.block(3))
    legacy = body.number(2)
    body.take(32)
    body.block(1)
    suites = _numbers(body.block(2))
    methods = body.block(1)
    versions: tuple[int, ...] = ()
    name = ""
    extensions = _Reader(body.block(2)) if body.more else _Reader(b"")
    while extensions.more:
        number, data = extensions.number(2), extensions.block(2)
        if number == _SERVER_NAME:
            name = _server_name(data)
        elif number == _SUPPORTED_VERSIONS:
            versions = _numbers(_Reader(data).block(1))
    offered = versions or (legacy,)
    return ClientHello(
        versions=tuple(version_name(number) for number in offered),
        suites=tuple(suite_name(number) for number in suites),
        server_name=name,
        compression=any(methods),
    )


def _numbers(data: bytes) -> tuple[int, ...]:
    pairs = (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2))
    return tuple(number for number in pairs if not is_grease(number))


def _server_name(data: bytes) -> str:
    names = _Reader(_Reader(data).block(2))
    while names.more:
        kind, name = names.number(1), names.block(2)
        if kind == 0:
            return name.decode("ascii", errors="replace")
    return ""


def plain_alert(data: bytes) -> str:
    """The alert in the last unencrypted record of `data`, by its name; nothing when there is none."""
    at, found = 0, ""
    while at + 5 <= len(data):
        kind, length = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
        if kind == _ALERT and length == 2 and at + 7 <= len(data):
            found = ALERTS.get(data[at + 6], f"alert {data[at + 6]}")
        at += 5 + length
    return found
