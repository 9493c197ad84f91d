"""A `socket.socket` that keeps the ledger: it counts what is sent and received, and reports who connects, accepts,
listens and closes. To everything else it is the socket it replaces.
"""

import _socket
import socket
from collections.abc import Callable, Iterable
from typing import Any

from bench.virtual.simtime.ledger import LEDGER, End, is_numeric, plain_address

PlainSocket = socket.socket
_ONLY_LOOKS = socket.MSG_PEEK


class _LikePlain(type):
    """Lets sockets made before the replacement, and `ssl`'s own, still pass `isinstance(x, socket.socket)`."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, PlainSocket)


class _Ticket:
    """Tells the ledger when its socket is gone, also when nobody closed it."""

    __slots__ = ("_end", "_fd")

    def __init__(self, end: End | None, fd: int) -> None:
        self._end = end
        self._fd = fd

    def cancel(self) -> None:
        self._fd = -1

    def give_back(self) -> None:
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        if self._end is None:
            LEDGER.stopped_listening(fd)
        else:
            LEDGER.released(self._end, fd)

    def __del__(self) -> None:
        self.give_back()


def _length(data: Any) -> int:
    return memoryview(data).nbytes


class CountedSocket(PlainSocket, metaclass=_LikePlain):
    """The socket class that `install()` puts in place of `socket.socket`."""

    __slots__ = ("_end", "_ticket")

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:  # noqa: A002
        self._end: End | None = None
        self._ticket: _Ticket | None = None
        super().__init__(family, type, proto, fileno)
        if fileno is not None:
            self._adopt()

    # -- being opened and closed -------------------------------------------------------------------------

    def _is_tcp(self) -> bool:
        return self.family in {socket.AF_INET, socket.AF_INET6} and self.type == socket.SOCK_STREAM

    def _adopt(self) -> None:
        if not self._is_tcp():
            return
        if self.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            self._enter_listener()
            return
        try:
            local, remote = plain_address(self.getsockname()), plain_address(self.getpeername())
        except OSError:  # not connected (any more)
            return
        if local and remote:
            self._hold_end(LEDGER.opened(self.fileno(), local, remote))

    def _hold_end(self, end: End) -> None:
        if self._end is end:
            return
        self._end = end
        self._ticket = _Ticket(end, self.fileno())

    def _enter_listener(self) -> None:
        LEDGER.listening(self)
        self._ticket = _Ticket(None, self.fileno())

    def listen(self, *args: Any) -> None:
        super().listen(*args)
        if self._ticket is None and self._is_tcp():
            self._enter_listener()

    def accept(self) -> tuple[socket.socket, Any]:
        fd, address = self._accept()  # type: ignore[attr-defined]
        conn = CountedSocket(self.family, self.type, self.proto, fileno=fd)
        if socket.getdefaulttimeout() is None and self.gettimeout():
            conn.setblocking(True)
        conn.enter_accepted(address)
        return conn, address

    def enter_accepted(self, client: Any) -> None:
        """Enter this new socket as the server's end of a connection from address `client`, which may be gone again."""
        local, remote = plain_address(self.getsockname()), plain_address(client)
        if local and remote and self._is_tcp():
            self._hold_end(LEDGER.accepted(self.fileno(), local, remote))

    def connect(self, address: Any, /) -> None:
        error = self._connect(address)
        if error is not None:
            raise error

    def connect_ex(self, address: Any, /) -> int:
        error = self._connect(address)
        return 0 if error is None else (error.errno or 0)

    def _connect(self, address: Any) -> OSError | None:
        if not self._is_tcp():
            return _attempt(self, address)
        if self._end is not None:  # asked again, for the outcome of the first call
            return _attempt(self, address)
        address = self._resolved(address)
        error = _attempt(self, address)
        if error is None or isinstance(error, BlockingIOError):
            local, remote = plain_address(self.getsockname()), plain_address(address)
            if local and remote:
                self._hold_end(LEDGER.connecting(self.fileno(), local, remote))
                # Nagle's algorithm holds a second small write back for up to 44 ms of wall time.
                self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return error

    def _resolved(self, address: Any) -> Any:
        host = address[0]
        if not isinstance(host, str) or not host or is_numeric(host):
            return address
        return socket.getaddrinfo(host, address[1], self.family, self.type)[0][4]

    def getsockopt(self, *args: Any) -> Any:
        value = super().getsockopt(*args)
        if value and self._end is not None and args[:2] == (socket.SOL_SOCKET, socket.SO_ERROR):
            LEDGER.connect_failed(self._end)
        return value

    def shutdown(self, how: int, /) -> None:
        super().shutdown(how)
        if self._end is not None and how in {socket.SHUT_WR, socket.SHUT_RDWR}:
            self._end.finished = True
            if self._end.mate is not None:
                LEDGER.touched(self._end.mate)

    def _real_close(self, *args: Any) -> None:
        if self._ticket is not None:
            self._ticket.give_back()
        super()._real_close(*args)  # type: ignore[misc]

    def detach(self) -> int:
        if self._ticket is not None and self._end is not None:
            LEDGER.detached(self._end, self.fileno())
            self._ticket.cancel()
        elif self._ticket is not None:
            self._ticket.give_back()
        return super().detach()

    # -- sending -----------------------------------------------------------------------------------------

    def _counted(self, end: End, size: int, call: Callable[..., int], *args: Any) -> int:
        end.sent += size
        mate = end.mate
        if mate is not None:
            LEDGER.touched(mate)
        done = 0
        try:
            done = call(*args)
        except ConnectionError:
            end.eof_seen = True  # the connection is lost, and its owner has been told
            raise
        finally:
            end.sent -= size - done
        return done

    def send(self, data: Any, flags: int = 0, /) -> int:
        if self._end is None:
            return super().send(data, flags)
        return self._counted(self._end, _length(data), super().send, data, flags)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        if self._end is None:
            super().sendall(data, flags)
            return
        view = memoryview(data).cast("B")
        while view:
            view = view[self.send(view, flags) :]

    def sendmsg(self, buffers: Iterable[Any], *args: Any) -> int:
        if self._end is None:
            return super().sendmsg(buffers, *args)
        parts = list(buffers)
        return self._counted(self._end, sum(map(_length, parts)), super().sendmsg, parts, *args)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        # os.sendfile() would go past the count
        return int(self._sendfile_use_send(file, offset, count))  # type: ignore[attr-defined]

    # -- receiving ---------------------------------------------------------------------------------------

    def _took(self, end: End, size: int, wanted: int, flags: int) -> None:
        if flags & _ONLY_LOOKS:
            return
        end.received += size
        if size == 0 and wanted:
            end.eof_seen = True
        mate = end.mate
        if mate is not None and mate.accounted and end.accounted and end.received > mate.sent:
            msg = (
                f"{end.describe()}: received {end.received} bytes of {mate.sent} sent. Something wrote to the peer's "
                "descriptor past its socket object (os.write, os.sendfile); simulated time cannot be trusted."
            )
            raise RuntimeError(msg)

    def _lost(self) -> None:
        if self._end is not None:
            self._end.eof_seen = True

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        try:
            data = super().recv(bufsize, flags)
        except ConnectionError:
            self._lost()
            raise
        if self._end is not None:
            self._took(self._end, len(data), bufsize, flags)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        try:
            size = super().recv_into(buffer, nbytes, flags)
        except ConnectionError:
            self._lost()
            raise
        if self._end is not None:
            self._took(self._end, size, nbytes or _length(buffer), flags)
        return size

    def recvfrom(self, bufsize: int, flags: int = 0, /) -> tuple[bytes, Any]:
        if self._end is None:
            return super().recvfrom(bufsize, flags)
        return self.recv(bufsize, flags), None

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
        if self._end is None:
            return super().recvfrom_into(buffer, nbytes, flags)
        return self.recv_into(buffer, nbytes, flags), None

    def recvmsg(self, bufsize: int, ancbufsize: int = 0, flags: int = 0, /) -> Any:
        result = super().recvmsg(bufsize, ancbufsize, flags)
        if self._end is not None:
            self._took(self._end, len(result[0]), bufsize, flags)
        return result

    def recvmsg_into(self, buffers: Iterable[Any], ancbufsize: int = 0, flags: int = 0, /) -> Any:
        parts = list(buffers)
        result = super().recvmsg_into(parts, ancbufsize, flags)
        if self._end is not None:
            self._took(self._end, result[0], sum(map(_length, parts)), flags)
        return result


def _attempt(sock: socket.socket, address: Any) -> OSError | None:
    try:
        _socket.socket.connect(sock, address)
    except OSError as error:
        return error
    return None


def install_sockets() -> None:
    """Put the counting class in place of `socket.socket`."""
    socket.socket = CountedSocket  # type: ignore[misc]


def uninstall_sockets() -> None:
    """Put the plain class back; sockets made meanwhile go on counting."""
    socket.socket = PlainSocket  # type: ignore[misc]
