"""Who owes bytes to whom: the account of every TCP connection between two sockets of this process.

Each socket that `bench.virtual.simtime.sockets` counts has an `End` here; the two ends of one connection are
paired by their addresses. From the counts follows what the kernel still has under way, which no poll can tell:
bytes sent and not received, an end closed and not noticed, a client connected and not accepted.

Counters are written by the thread that owns the socket and read by the loop's. A sender counts *before* it sends
and corrects afterwards, so that the account may for an instant hold too much in flight and never too little.
"""

import array
import fcntl
import ipaddress
import select
import socket
import struct
import termios
import weakref
from collections.abc import Iterator

Address = tuple[str, int]
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104
# Above this many bytes a receiver's window may be full, so "all of it is visible" cannot be asked for any more.
_WINDOW_SAFE_BYTES = 32_768
_HANG_UP = select.POLLRDHUP | select.POLLHUP | select.POLLERR
# struct tcp_info of linux/tcp.h: eight octets, four 32-bit words, then tcpi_unacked, which for a listening
# socket is the number of connections waiting in its accept queue.
_TCP_INFO_UNACKED = struct.Struct("=8x16xI")


def plain_address(address: object) -> Address | None:
    """Host and port of an IP socket address, wildcard and IPv4-mapped hosts made comparable; None for others."""
    if not isinstance(address, tuple) or len(address) < 2 or not isinstance(address[0], str):
        return None
    host, port = address[0], int(address[1])
    host = host.removeprefix("::ffff:")
    return _WILDCARDS.get(host, host), port


def is_numeric(host: str) -> bool:
    """Whether `host` is an address already, and needs no look-up."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class Listener:
    """A listening socket of ours and the clients of ours it has not accepted yet."""

    __slots__ = ("_sock", "address", "any_host", "fd", "pending")

    def __init__(self, sock: socket.socket) -> None:
        self.fd = sock.fileno()
        bound = sock.getsockname()
        self.address = plain_address(bound)
        self.any_host = bound[0] in _WILDCARDS
        self.pending: dict[End, None] = {}
        self._sock = weakref.ref(sock)

    def visible(self) -> bool:
        """Whether every connection that is owed stands in the kernel's accept queue."""
        sock = self._sock()
        if sock is None or sock.fileno() < 0:
            return True
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_UNACKED.size)
        (queued,) = _TCP_INFO_UNACKED.unpack(info)
        return int(queued) >= len(self.pending)

    def serves(self, address: Address) -> bool:
        """Whether a client that asks for `address` ends up here."""
        assert self.address is not None
        return self.address == address or (self.any_host and self.address[1] == address[1])

    def describe(self) -> str:
        """One line for the error that names what a loop was waiting for."""
        return f"listener {self.address}: {len(self.pending)} client(s) not accepted"


class End:
    """One end of a TCP connection."""

    __slots__ = (
        "accounted",
        "closed",
        "connecting",
        "eof_seen",
        "fds",
        "finished",
        "listener",
        "local",
        "mate",
        "received",
        "remote",
        "sent",
    )

    def __init__(self, fd: int, local: Address, remote: Address) -> None:
        self.fds = [fd]
        self.local = local
        self.remote = remote
        self.mate: End | None = None
        self.sent = 0
        self.received = 0
        self.finished = False  # will send no more: closed, or shut down for writing
        self.closed = False
        self.eof_seen = False
        self.connecting = False
        self.accounted = True  # False while the descriptor is out of our hands (detached)
        self.listener: Listener | None = None  # where this client waits to be accepted

    @property
    def fd(self) -> int:
        """The descriptor in use, -1 when there is none."""
        return self.fds[-1] if self.fds else -1

    def owed_bytes(self) -> int:
        """Bytes sent to this end and not received by it."""
        return 0 if self.mate is None else self.mate.sent - self.received

    def is_owed(self) -> bool:
        """Whether the kernel will still make this end readable: bytes under way, or an unnoticed end of stream."""
        mate = self.mate
        if mate is None or self.closed or self.eof_seen or not (self.accounted and mate.accounted):
            return False
        return mate.finished or mate.sent > self.received

    def visible(self) -> bool:
        """Whether all that is owed to this end has reached its receive queue (or is too much to fit)."""
        fd = self.fd
        if fd < 0:
            return True
        if self.connecting:
            return bool(_poll(fd, select.POLLOUT))
        if not self.is_owed():
            return True
        hung_up = bool(_poll(fd, select.POLLRDHUP) & _HANG_UP)
        if hung_up:
            return True
        queued = _readable_bytes(fd)
        assert self.mate is not None
        return queued >= _WINDOW_SAFE_BYTES or (not self.mate.finished and queued >= self.owed_bytes())

    def describe(self) -> str:
        """One line for the error that names what a loop was waiting for."""
        name = f"socket {self.local[0]}:{self.local[1]} <- {self.remote[0]}:{self.remote[1]}"
        if self.connecting:
            return f"{name}: connecting"
        if self.is_owed() and self.owed_bytes() <= 0:
            return f"{name}: the peer's close is under way"
        return f"{name}: {self.owed_bytes()} bytes under way"


def _poll(fd: int, events: int) -> int:
    poller = select.poll()
    poller.register(fd, events)
    for _, seen in poller.poll(0):
        return seen
    return 0


def _readable_bytes(fd: int) -> int:
    count = array.array("i", [0])
    try:
        fcntl.ioctl(fd, termios.FIONREAD, count, True)
    except OSError:  # closed by another thread in this instant
        return _WINDOW_SAFE_BYTES
    return count[0]


class Ledger:
    """All ends and listeners of the process, and those of them that somebody has just written to."""

    def __init__(self) -> None:
        self._ends: dict[tuple[Address, Address], End] = {}
        self._by_fd: dict[int, End] = {}
        self._listeners: dict[int, Listener] = {}
        self.owed: dict[End, None] = {}
        self.unsettled: dict[End | Listener, None] = {}

    # -- what the sockets report -------------------------------------------------------------------------

    def opened(self, fd: int, local: Address, remote: Address) -> End:
        """Enter one end, or hand out the one that is known for these addresses (`dup`, a detached descriptor)."""
        known = self._ends.get((local, remote))
        if known is not None and not known.closed:
            known.accounted = True
            if fd not in known.fds:
                known.fds.append(fd)
            self._by_fd[fd] = known
            return known
        end = End(fd, local, remote)
        self._ends[local, remote] = end
        self._by_fd[fd] = end
        mate = self._ends.get((remote, local))
        if mate is not None and mate is not end:
            self._pair(end, mate)
        return end

    def _pair(self, end: End, mate: End) -> None:
        end.mate, mate.mate = mate, end
        if mate.closed:  # it waited in the accept queue, and was closed there
            self._ends.pop((mate.local, mate.remote), None)
        self.touched(end)
        self.touched(mate)

    def connecting(self, fd: int, local: Address, remote: Address) -> End:
        """Enter a client that has just asked for a connection."""
        end = self.opened(fd, local, remote)
        end.connecting = True
        listener = self._listener_at(remote)
        if listener is not None and end.mate is None:
            end.listener = listener
            listener.pending[end] = None
            self.unsettled[listener] = None
        self.unsettled[end] = None
        return end

    def accepted(self, fd: int, local: Address, remote: Address) -> End:
        """Enter the server's end of a connection; the client it belongs to no longer waits."""
        end = self.opened(fd, local, remote)
        client = end.mate
        if client is not None:
            self._no_longer_waits(client)
        return end

    def listening(self, sock: socket.socket) -> None:
        """Enter a listening socket."""
        self._listeners.setdefault(sock.fileno(), Listener(sock))

    def touched(self, end: End) -> None:
        """Note that something may now be under way to `end`."""
        self.owed[end] = None
        self.unsettled[end] = None

    def connect_failed(self, end: End) -> None:
        """Note that the connection `end` asked for was refused."""
        end.connecting = False
        end.eof_seen = True
        self._no_longer_waits(end)

    def released(self, end: End, fd: int) -> None:
        """Note that `fd` is about to be closed; with its last descriptor the end itself is."""
        if end.connecting and not _poll(fd, select.POLLOUT):
            self._no_longer_waits(end)  # never established, so no listener will see it
        if fd in end.fds:
            end.fds.remove(fd)
        if self._by_fd.get(fd) is end:
            del self._by_fd[fd]
        if end.fds or end.closed:
            return
        end.closed = end.finished = True
        self.owed.pop(end, None)
        self.unsettled.pop(end, None)
        if end.mate is not None and not end.mate.closed:
            self.touched(end.mate)
        if end.listener is None:  # else its mate will be found under this key when it is accepted
            self._ends.pop((end.local, end.remote), None)

    def detached(self, end: End, fd: int) -> None:
        """Note that `fd` lives on outside any socket object: nothing can be said of the connection meanwhile."""
        end.accounted = False
        if self._by_fd.get(fd) is end:
            del self._by_fd[fd]

    def stopped_listening(self, fd: int) -> None:
        """Note that a listener was closed: the kernel resets every client that it had not accepted."""
        listener = self._listeners.pop(fd, None)
        if listener is None:
            return
        self.unsettled.pop(listener, None)
        for client in listener.pending:
            client.listener = None
            gone = End(-1, client.remote, client.local)
            gone.closed = gone.finished = True
            client.mate = gone
            if client.closed:
                self._ends.pop((client.local, client.remote), None)
            else:
                self.touched(client)

    def _no_longer_waits(self, client: End) -> None:
        listener, client.listener = client.listener, None
        if listener is not None:
            listener.pending.pop(client, None)

    def _listener_at(self, address: Address) -> Listener | None:
        return next((each for each in self._listeners.values() if each.serves(address)), None)

    # -- what a loop asks --------------------------------------------------------------------------------

    def end_of(self, fd: int) -> End | None:
        """The end that uses descriptor `fd`."""
        return self._by_fd.get(fd)

    def settle(self) -> bool:
        """Strike off whatever has become visible; True when nothing is left that has not."""
        for item in list(self.unsettled):
            if item.visible():
                self.unsettled.pop(item, None)
                if isinstance(item, End):
                    item.connecting = False
        return not self.unsettled

    def receivers(self) -> Iterator[End]:
        """The open ends that are owed something."""
        for end in list(self.owed):
            if not end.is_owed():
                self.owed.pop(end, None)
                if end.is_owed():  # a sender in another thread came in between
                    self.owed[end] = None
                continue
            yield end

    def waited_on(self) -> Iterator[Listener]:
        """The listeners that have clients to accept."""
        return (each for each in list(self._listeners.values()) if each.pending)


LEDGER = Ledger()
