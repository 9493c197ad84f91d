"""Lines on a TCP socket: one asked, one answered. Address: `tcp://host:port`."""

from bench.errors import BenchError
from bench.links.command.link import Answer, CommandLink, Request, Sending
from bench.links.command.template import Values, fill
from bench.links.line import LineLink


class TcpLineLink(LineLink, CommandLink):
    """The line link, speaking in templates. It runs on simulated time too: bytes on a socket are counted."""

    wall_clock_only = False

    def render(self, sending: Sending, values: Values) -> Request:
        """The line. Raises BenchError for what is more than one."""
        extra = sending.beyond_send()
        if extra:
            raise BenchError(f"{extra} is for HTTP. Cure: leave it out, a line is all that is sent")
        line = fill(sending.send, values)
        if "\n" in line or "\r" in line:
            raise BenchError(f"send = {sending.send!r} is more than one line. Cure: use `then` for further lines")
        return Request(fill(sending.send, values.shown()), line=line)

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Send the line and wait for the one that answers it. Raises InstrumentFault."""
        return Answer(await self.query(request.line, timeout_s, request.shown))
