"""Instruments that take commands: programs of this machine, web servers, lines on a socket. The address says which."""

from bench.errors import BenchError
from bench.links.command.http import HttpLink
from bench.links.command.link import Answer, CommandLink, Request, Sending
from bench.links.command.shell import ShellLink
from bench.links.command.tcp_line import TcpLineLink

__all__ = ["Answer", "CommandLink", "Request", "Sending", "open_link"]

_SCHEMES: dict[str, type[HttpLink | ShellLink | TcpLineLink]] = {
    "shell:": ShellLink,
    "http://": HttpLink,
    "https://": HttpLink,
    "tcp://": TcpLineLink,
}


def open_link(instrument: str, address: str, timeout_s: float) -> CommandLink:
    """The link that an address asks for; nothing is sent yet. Raises BenchError for an address of none of them."""
    for scheme, made in _SCHEMES.items():
        if address.startswith(scheme):
            return made(instrument, address, timeout_s)
    forms = "shell:COMMAND, http://host:port, https://host:port or tcp://host:port"
    raise BenchError(f"{instrument}: address {address!r} takes no commands. Cure: write {forms}")
