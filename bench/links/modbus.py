"""Modbus over pymodbus: TCP, RTU frames over TCP, and RTU over a serial line.

Addresses: `modbus+tcp://host:port/unit`, `modbus+rtu-tcp://host:port/unit`, `modbus+rtu:///dev/ttyUSB0/unit?line=9600-8N1`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal, TypeVar

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from bench.errors import BenchError
from bench.links.link import Link
from bench.links.modbus_heard import Heard
from bench.links.modbus_serial import LineSettingsError, SerialLine, attach

T = TypeVar("T")

RegisterTable = Literal["input", "holding"]
BitTable = Literal["coil", "discrete"]

_ADDRESS = re.compile(r"modbus\+(?P<kind>tcp|rtu-tcp)://(?P<host>[^/:]+):(?P<port>\d{1,5})/(?P<unit>\d{1,3})")
_SERIAL = re.compile(r"modbus\+rtu://(?P<device>/[^?]+)/(?P<unit>\d{1,3})\?line=(?P<line>[^?&]+)")
_CURE = (
    "write modbus+tcp://host:port/unit or modbus+rtu-tcp://host:port/unit, "
    "or modbus+rtu:///dev/ttyUSB0/unit?line=9600-8N1 for a serial line"
)
_FRAMERS = {"tcp": FramerType.SOCKET, "rtu-tcp": FramerType.RTU}
_FUNCTION = 0x7F  # the eighth bit says that the answer is an exception
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    6: "server device busy",
    10: "gateway path unavailable",
    11: "gateway target device failed to respond",
}


class ModbusLink(Link):
    """One Modbus unit behind one connection. Nothing is retried here: a failed exchange is a fault at once."""

    def __init__(self, instrument: str, address: str, timeout_s: float) -> None:
        super().__init__(instrument, address, timeout_s)
        serial = _SERIAL.fullmatch(address)
        match = serial or _ADDRESS.fullmatch(address)
        if match is None or int(match["unit"]) > 255 or (serial is None and int(match["port"]) > 65535):
            raise BenchError(f"{instrument}: address {address!r} is not a Modbus address. Cure: {_CURE}")
        self.unit = int(match["unit"])
        self._line = self._serial_line(serial) if serial else None
        self._suspect = False
        """Whether an answer may still be under way on the serial line, where no connection ends with its question."""
        framer = FramerType.RTU if serial else _FRAMERS[match["kind"]]
        self._heard = Heard(framer is FramerType.RTU, self.unit)
        self._client = AsyncModbusTcpClient(
            match["device"] if serial else match["host"],
            port=0 if serial else int(match["port"]),
            framer=framer,
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._heard.packet,
            trace_connect=self._heard.connection,
        )

    def _serial_line(self, match: re.Match[str]) -> SerialLine:
        try:
            return SerialLine(match["device"], match["line"])
        except LineSettingsError as error:
            cure = "write baud rate, bits, parity (N, E, O) and stop bits, e.g. line=9600-8N1"
            raise BenchError(f"{self.instrument}: address {self.address!r}: {error}. Cure: {cure}") from None

    async def read_registers(self, table: RegisterTable, address: int, count: int) -> list[int]:
        """Read `count` registers from `address` (0-based) in one request. Raises InstrumentFault."""
        client = self._client
        method = client.read_input_registers if table == "input" else client.read_holding_registers
        function = 4 if table == "input" else 3

        async def job() -> list[int]:
            what = f"{count} {table} registers from {address}"
            answer = await self._request(lambda: method(address, count=count, device_id=self.unit), what, function)
            return await self._complete(list(answer.registers), count, what)

        return await self.exchange(job)

    async def read_bits(self, table: BitTable, address: int, count: int) -> list[bool]:
        """Read `count` bits from `address` (0-based) in one request. Raises InstrumentFault."""
        client = self._client
        method = client.read_coils if table == "coil" else client.read_discrete_inputs
        function = 1 if table == "coil" else 2

        async def job() -> list[bool]:
            what = f"{count} {table} bits from {address}"
            answer = await self._request(lambda: method(address, count=count, device_id=self.unit), what, function)
            # Bits arrive in whole bytes: what is beyond `count` is padding.
            return await self._complete(list(answer.bits)[:count], count, what)

        return await self.exchange(job)

    async def write_coil(self, address: int, *, on: bool) -> None:
        """Write one coil. Raises InstrumentFault."""
        request = lambda: self._client.write_coil(address, on, device_id=self.unit)  # noqa: E731
        await self.exchange(lambda: self._request(request, f"writing coil {address}", 5))

    async def write_registers(self, address: int, values: list[int]) -> None:
        """Write holding registers in one request. Raises InstrumentFault."""
        request = lambda: self._client.write_registers(address, values, device_id=self.unit)  # noqa: E731
        await self.exchange(lambda: self._request(request, f"writing {len(values)} registers from {address}", 16))

    async def _request(self, request: Callable[[], Awaitable[ModbusPDU]], what: str, function: int) -> ModbusPDU:
        try:
            await self._connect()
            self._suspect = True
            self._heard.asked()
            answer = await request()
            self._suspect = False
        except ModbusException:
            wrong = self._heard.wrong()
            await self.drop()
            cure = "check the unit id, the framing (tcp, rtu-tcp or the settings of the line) and the wiring of its bus"
            raise self.fault(f"{what}: no good answer within {self.timeout_s:g} s ({wrong})", cure) from None
        except OSError as error:
            await self.drop()
            raise self.fault(f"{what}: {error}", "check address, cable and power") from None
        if answer.function_code & _FUNCTION != function:
            self._suspect = True
            await self.drop()  # pymodbus takes the answer to any function for the one it waits for
            told = answer.function_code & _FUNCTION
            raise self.fault(f"{what}: answered function {told}, not {function}", "check who else speaks on its bus")
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            meaning = _EXCEPTIONS.get(code, "unknown exception")
            cure = "check the register file against the model, and the unit id"
            raise self.fault(f"{what}: refused with exception {code} ({meaning})", cure)
        return answer

    async def _connect(self) -> None:
        """Open the connection unless it is open. Raises InstrumentFault and OSError."""
        if self._client.connected:
            return
        if self._line is None:
            if not await self._client.connect():
                raise self.fault("no connection", "check address, cable and power, and the unit's free connections")
            return
        if self._suspect:  # an answer that comes within a second time-out is let pass before the port opens again
            await asyncio.sleep(self.timeout_s)
        # pymodbus's own serial client needs pyserial; all that its TCP client wants of the way there is a transport.
        fd, context = self._line.open(), self._client.ctx
        context.call_create = partial(attach, fd, self._line.gap_s, context.handle_new_connection)
        await self._client.connect()

    async def _complete(self, values: list[T], count: int, what: str) -> list[T]:
        if len(values) != count:
            self._suspect = True
            await self.drop()  # it may be the answer to an earlier question
            raise self.fault(f"{what}: answered {len(values)}", "check the register file against the model")
        return values

    async def drop(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._client.close()
