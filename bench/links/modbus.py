"""Modbus over pymodbus: TCP, and RTU frames over TCP.

Addresses: `modbus+tcp://host:port/unit` and `modbus+rtu-tcp://host:port/unit`.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from bench.errors import BenchError
from bench.links.link import Link

T = TypeVar("T")

RegisterTable = Literal["input", "holding"]
BitTable = Literal["coil", "discrete"]

_ADDRESS = re.compile(r"modbus\+(?P<kind>tcp|rtu-tcp)://(?P<host>[^/:]+):(?P<port>\d{1,5})/(?P<unit>\d{1,3})")
_FRAMERS = {"tcp": FramerType.SOCKET, "rtu-tcp": FramerType.RTU}
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
        match = _ADDRESS.fullmatch(address)
        if match is None or int(match["port"]) > 65535 or int(match["unit"]) > 255:
            cure = "write modbus+tcp://host:port/unit or modbus+rtu-tcp://host:port/unit"
            raise BenchError(f"{instrument}: address {address!r} is not a Modbus address. Cure: {cure}")
        super().__init__(instrument, address, timeout_s)
        self.unit = int(match["unit"])
        self._client = AsyncModbusTcpClient(
            match["host"],
            port=int(match["port"]),
            framer=_FRAMERS[match["kind"]],
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
        )

    async def read_registers(self, table: RegisterTable, address: int, count: int) -> list[int]:
        """Read `count` registers from `address` (0-based) in one request. Raises InstrumentFault."""
        client = self._client
        method = client.read_input_registers if table == "input" else client.read_holding_registers

        async def job() -> list[int]:
            what = f"{count} {table} registers from {address}"
            answer = await self._request(lambda: method(address, count=count, device_id=self.unit), what)
            return self._complete(list(answer.registers), count, what)

        return await self.exchange(job)

    async def read_bits(self, table: BitTable, address: int, count: int) -> list[bool]:
        """Read `count` bits from `address` (0-based) in one request. Raises InstrumentFault."""
        client = self._client
        method = client.read_coils if table == "coil" else client.read_discrete_inputs

        async def job() -> list[bool]:
            what = f"{count} {table} bits from {address}"
            answer = await self._request(lambda: method(address, count=count, device_id=self.unit), what)
            # Bits arrive in whole bytes: what is beyond `count` is padding.
            return self._complete(list(answer.bits)[:count], count, what)

        return await self.exchange(job)

    async def write_coil(self, address: int, *, on: bool) -> None:
        """Write one coil. Raises InstrumentFault."""
        request = lambda: self._client.write_coil(address, on, device_id=self.unit)  # noqa: E731
        await self.exchange(lambda: self._request(request, f"writing coil {address}"))

    async def write_registers(self, address: int, values: list[int]) -> None:
        """Write holding registers in one request. Raises InstrumentFault."""
        request = lambda: self._client.write_registers(address, values, device_id=self.unit)  # noqa: E731
        await self.exchange(lambda: self._request(request, f"writing {len(values)} registers from {address}"))

    async def _request(self, request: Callable[[], Awaitable[ModbusPDU]], what: str) -> ModbusPDU:
        try:
            if not self._client.connected and not await self._client.connect():
                raise self.fault("no connection", "check address, cable and power, and the unit's free connections")
            answer = await request()
        except ModbusException as error:
            await self.drop()
            detail = str(error).removeprefix("Modbus Error: ")
            cure = "check the unit id, the framing (tcp or rtu-tcp) and the wiring of its bus"
            raise self.fault(f"{what}: no good answer within {self.timeout_s:g} s ({detail})", cure) from None
        except OSError as error:
            await self.drop()
            raise self.fault(f"{what}: {error}", "check address, cable and power") from None
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            meaning = _EXCEPTIONS.get(code, "unknown exception")
            cure = "check the register file against the model, and the unit id"
            raise self.fault(f"{what}: refused with exception {code} ({meaning})", cure)
        return answer

    def _complete(self, values: list[T], count: int, what: str) -> list[T]:
        if len(values) != count:
            raise self.fault(f"{what}: answered {len(values)}", "check the register file against the model")
        return values

    async def drop(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._client.close()
