"""Modbus instruments (TCP, or RTU frames over TCP) on pymodbus's own server, with registers computed at each request.

pymodbus 3.16.1 hands a request to `action` with the function code alone, calls it twice for single writes and mixes
up transactions when it awaits: so the action here looks at the function code, may be repeated, and never awaits.
"""

from abc import ABC
from typing import Literal

from pymodbus import FramerType
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.virtual.instruments.server import GARBAGE, Misbehaviour, cannot_listen

COIL_FUNCTIONS = frozenset({1, 5, 15})
HOLDING_FUNCTIONS = frozenset({3, 6, 16})
INPUT_FUNCTION = 4
UNIT_ID = 1

Framing = Literal["tcp", "rtu"]
_FRAMERS = {"tcp": FramerType.SOCKET, "rtu": FramerType.RTU}


class IllegalAddressError(Exception):
    """A write to an address that takes none, or a read that this device does not answer."""


class ModbusInstrument(ABC):  # noqa: B024 - a device has only the tables that it overrides
    """One device, unit 1. A table with no entries answers exception 2 (illegal data address).

    `write_coil` and `write_holding` raise ValueError for a value that is refused (exception 3) and
    IllegalAddressError for a read-only address (exception 2).
    """

    coil_count = 0
    holding_count = 0
    input_count = 0
    framing: Framing = "tcp"

    def __init__(self, name: str) -> None:
        self.name = name
        self.misbehaviour: Misbehaviour = "none"
        self._server: ModbusTcpServer | None = None
        self._address: tuple[str, int] = ("", 0)

    def coils(self) -> list[bool]:
        """All coils."""
        return []

    def write_coil(self, address: int, value: bool) -> None:
        """Write one coil."""
        raise IllegalAddressError(address, value)

    def holding_registers(self) -> list[int]:
        """All holding registers."""
        return []

    def write_holding(self, address: int, value: int) -> None:
        """Write one holding register."""
        raise IllegalAddressError(address, value)

    def input_registers(self) -> list[int]:
        """All input registers."""
        return []

    def read_registers(self, table: Literal["input", "holding"], address: int, count: int) -> list[int]:
        """The registers that a request asks for; for a device whose tables are long. Raises as the writes do."""
        whole = self.input_registers() if table == "input" else self.holding_registers()
        return whole[address : address + count]

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port.

        Raises:
            BenchError: the port is taken or not allowed.
        """
        server = ModbusTcpServer(
            self._device(), framer=_FRAMERS[self.framing], address=(host, port), trace_packet=self._trace_packet
        )
        try:
            await server.serve_forever(background=True)
        except RuntimeError:
            raise cannot_listen(self.name, host, port) from None
        self._server = server
        self._address = server.transport.sockets[0].getsockname()[:2]  # type: ignore[attr-defined] # it is an asyncio.Server
        return self._address[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.shutdown()  # type: ignore[no-untyped-call]

    async def misbehave(self, kind: Misbehaviour) -> None:
        """Fail in this way from now on; `none` is well again."""
        self.misbehaviour = kind
        if kind == "closed":
            await self.stop()
        elif self._server is None:
            await self.start(*self._address)

    def _device(self) -> SimDevice:
        def registers(count: int) -> list[SimData]:
            kind = DataType.REGISTERS if count else DataType.INVALID
            return [SimData(0, count=max(count, 1), values=0, datatype=kind)]

        def bits(count: int) -> list[SimData]:
            return [SimData(0, values=[False] * max(count, 1), datatype=DataType.BITS)]

        tables = (bits(self.coil_count), bits(0), registers(self.holding_count), registers(self.input_count))
        return SimDevice(id=UNIT_ID, simdata=tables, action=self._action)

    async def _action(
        self,
        function_code: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        try:
            if values is not None:
                self._write(function_code, address, values)
            if function_code in COIL_FUNCTIONS:
                self._refresh_coils(address, registers)
            else:
                registers[address - start : address - start + count] = self._current(function_code, address, count)
        except ValueError:
            return ExcCodes.ILLEGAL_VALUE
        except IllegalAddressError:
            return ExcCodes.ILLEGAL_ADDRESS
        return None

    def _write(self, function_code: int, address: int, values: list[int] | list[bool]) -> None:
        if function_code in COIL_FUNCTIONS:
            if address + len(values) > self.coil_count:
                raise IllegalAddressError(address)
            for offset, value in enumerate(values):
                self.write_coil(address + offset, bool(value))
        else:
            for offset, value in enumerate(values):
                self.write_holding(address + offset, int(value))

    def _refresh_coils(self, address: int, registers: list[int]) -> None:
        if address >= self.coil_count:
            raise IllegalAddressError(address)
        current = _packed(self.coils())
        registers[: len(current)] = current

    def _current(self, function_code: int, address: int, count: int) -> list[int]:
        if function_code in HOLDING_FUNCTIONS:
            return self.read_registers("holding", address, count)
        if function_code == INPUT_FUNCTION:
            return self.read_registers("input", address, count)
        raise IllegalAddressError(address)

    def _trace_packet(self, sending: bool, data: bytes) -> bytes:
        if not sending or self.misbehaviour not in {"silent", "garbage"}:
            return data
        return b"" if self.misbehaviour == "silent" else GARBAGE


def _packed(bits: list[bool]) -> list[int]:
    """Coils as pymodbus keeps them: sixteen to a register, the first in the lowest bit."""
    words = [0] * ((len(bits) + 15) // 16)
    for index, bit in enumerate(bits):
        words[index // 16] |= int(bit) << (index % 16)
    return words
