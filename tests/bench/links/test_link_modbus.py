import asyncio
import struct

import pytest

from bench.errors import BenchError, InstrumentFault
from bench.links.modbus import ModbusLink
from bench.links.modbus_values import decode, words


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def registers_answer(*values):
    return lambda pdu: bytes([pdu[0], 2 * len(values)]) + struct.pack(f">{len(values)}H", *values)


class Unit:
    """A Modbus unit that is told what to do with each request: `answers` takes them in turn, the last one stays."""

    def __init__(self, *answers, rtu=False):
        self.answers = list(answers)
        self.rtu = rtu
        self.requests = []
        self.connections = 0

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        kind = "rtu-tcp" if self.rtu else "tcp"
        self.link = ModbusLink("meter_1", f"modbus+{kind}://127.0.0.1:{port}/1", 0.15)
        return self

    async def __aexit__(self, *exc):
        await self.link.close()
        self.server.close()
        await self.server.wait_closed()

    async def serve(self, reader, writer):
        self.connections += 1
        while data := await reader.read(300):
            head, pdu = (data[:1], data[1:-2]) if self.rtu else (data[:7], data[7:])
            self.requests.append(pdu.hex())
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            result = answer(pdu)
            if asyncio.iscoroutine(result):
                result = await result
            if result is None:
                continue
            if result is ConnectionResetError:
                break
            writer.write(self.frame(head, result))
            if isinstance(result, tuple) and result[1:] == (ConnectionResetError,):
                await writer.drain()
                break
        writer.transport.abort()

    def frame(self, head, pdu):
        if isinstance(pdu, tuple):  # a whole frame, as it is
            return pdu[0]
        if self.rtu:
            return head + pdu + crc16(head + pdu)
        return head[:4] + struct.pack(">H", len(pdu) + 1) + head[6:7] + pdu


BOTH = pytest.mark.parametrize("rtu", [False, True], ids=["tcp", "rtu over tcp"])


@BOTH
async def test_registers_are_read_in_one_request(rtu):
    async with Unit(registers_answer(0x4366, 0x8000), rtu=rtu) as unit:
        registers = await unit.link.read_registers("input", 72, 2)
        assert unit.requests == ["0400480002"]
        assert decode(registers, "float32", "big") == 230.5


@BOTH
async def test_coils_are_written_and_read(rtu):
    async with Unit(lambda pdu: pdu, lambda pdu: bytes([1, 1, 0b101]), rtu=rtu) as unit:
        await unit.link.write_coil(2, on=True)
        assert await unit.link.read_bits("coil", 0, 3) == [True, False, True]
        assert unit.requests == ["050002ff00", "0100000003"]


@BOTH
async def test_registers_are_written_in_one_request(rtu):
    async with Unit(lambda pdu: pdu[:5], rtu=rtu) as unit:
        await unit.link.write_registers(0, [160, 3])
        assert unit.requests == ["10000000020400a00003"]


@BOTH
async def test_silence_is_a_named_fault_and_the_next_request_opens_anew(rtu):
    async with Unit(lambda pdu: None, registers_answer(7), rtu=rtu) as unit:
        with pytest.raises(
            InstrumentFault,
            match=r"meter_1 at modbus.*1 input registers from 5: no good answer.*silence: not a byte came",
        ):
            await unit.link.read_registers("input", 5, 1)
        assert len(unit.requests) == 1  # nothing is retried
        assert await unit.link.read_registers("input", 6, 1) == [7]
        assert unit.connections == 2


@BOTH
async def test_a_late_answer_is_never_given_to_the_next_request(rtu):
    async def late(pdu):
        await asyncio.sleep(0.25)
        return registers_answer(999)(pdu)

    async with Unit(late, registers_answer(2), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault):
            await unit.link.read_registers("input", 1, 1)
        await asyncio.sleep(0.15)
        assert await unit.link.read_registers("input", 2, 1) == [2]


@BOTH
async def test_a_connection_closed_in_place_of_an_answer_is_a_named_fault(rtu):
    async with Unit(lambda pdu: ConnectionResetError, registers_answer(2), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match=r"the connection was closed.*Cure: check"):
            await unit.link.read_registers("input", 1, 1)
        assert await unit.link.read_registers("input", 1, 1) == [2]


HALVES = {False: b"\x00\x01\x00\x00\x00\x07\x01\x04", True: b"\x01\x04\x04\x43"}
GARBAGE = b"HTTP/1.1 400 Bad Request\r\n\r\n"


@BOTH
async def test_half_an_answer_is_a_named_fault(rtu):
    async with Unit(lambda pdu: (HALVES[rtu],), registers_answer(2), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match=r"half an answer, of \d+ bytes; [48] bytes came: [01 04]+"):
            await unit.link.read_registers("input", 1, 2)
        assert await unit.link.read_registers("input", 1, 1) == [2]


@BOTH
async def test_a_connection_closed_in_mid_answer_is_a_named_fault(rtu):
    async with Unit(lambda pdu: (HALVES[rtu], ConnectionResetError), registers_answer(2), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match=r"meter_1 at .*half an answer.*closed; [48] bytes came.*Cure: check"):
            await unit.link.read_registers("input", 1, 2)
        assert await unit.link.read_registers("input", 1, 1) == [2]


@BOTH
async def test_garbage_is_a_named_fault(rtu):
    async with Unit(lambda pdu: (GARBAGE,), registers_answer(2), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match="no Modbus answer; 28 bytes came: 48 54 54 50"):
            await unit.link.read_registers("input", 1, 2)
        assert await unit.link.read_registers("input", 1, 1) == [2]


async def test_a_wrong_checksum_is_a_named_fault():
    async with Unit(lambda pdu: (b"\x01\x04\x02\x00\x07\x00\x00",), registers_answer(2), rtu=True) as unit:
        with pytest.raises(InstrumentFault, match="a wrong checksum; 7 bytes came: 01 04 02 00 07 00 00"):
            await unit.link.read_registers("input", 1, 1)
        assert await unit.link.read_registers("input", 1, 1) == [2]


@BOTH
async def test_the_answer_of_another_unit_is_a_named_fault(rtu):
    body = b"\x09\x04\x02\x00\x07"
    frame = body + crc16(body) if rtu else b"\x00\x01\x00\x00\x00\x05" + body
    async with Unit(lambda pdu: (frame,), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match=r"unit 9 answered, not 1.*check the unit id"):
            await unit.link.read_registers("input", 1, 1)


@BOTH
async def test_an_exception_answer_is_told_in_words(rtu):
    async with Unit(lambda pdu: bytes([pdu[0] | 0x80, 2]), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match=r"refused with exception 2 \(illegal data address\)"):
            await unit.link.read_registers("holding", 9, 1)


@BOTH
async def test_an_answer_to_another_function_is_a_named_fault_and_its_connection_is_given_up(rtu):
    async with Unit(lambda pdu: bytes([3, 2, 0, 9]), registers_answer(2), rtu=rtu) as unit:
        with pytest.raises(InstrumentFault, match="1 input registers from 1: answered function 3, not 4"):
            await unit.link.read_registers("input", 1, 1)
        assert await unit.link.read_registers("input", 1, 1) == [2]
        assert unit.connections == 2


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (1, "illegal function"),
        (4, "server device failure"),
        (6, "server device busy"),
        (11, "gateway target device failed to respond"),
        (99, "unknown exception"),
    ],
)
async def test_exceptions_have_names(code, meaning):
    async with Unit(lambda pdu: bytes([pdu[0] | 0x80, code])) as unit:
        with pytest.raises(InstrumentFault, match=rf"refused with exception {code} \({meaning}\)"):
            await unit.link.read_registers("input", 1, 1)


async def test_too_few_registers_are_a_named_fault():
    async with Unit(registers_answer(1)) as unit:
        with pytest.raises(InstrumentFault, match="2 holding registers from 0: answered 1"):
            await unit.link.read_registers("holding", 0, 2)


async def test_a_refused_port_is_a_named_fault(refused_port):
    link = ModbusLink("meter_1", f"modbus+tcp://127.0.0.1:{refused_port}/1", 0.2)
    with pytest.raises(InstrumentFault, match="no connection"):
        await link.read_registers("input", 0, 1)
    await link.close()


async def test_answers_do_not_mix_when_many_ask():
    async with Unit(lambda pdu: registers_answer(pdu[2])(pdu), rtu=True) as unit:
        got = await asyncio.gather(*(unit.link.read_registers("input", n, 1) for n in range(40)))
        assert got == [[n] for n in range(40)]
        assert unit.connections == 1


@pytest.mark.parametrize(
    ("kind", "order", "registers", "value"),
    [
        ("uint16", "big", [65535], 65535),
        ("int16", "big", [65535], -1),
        ("int32", "big", [0xFFFF, 0xFFFE], -2),
        ("uint32", "little", [0x0002, 0x0001], 65538),
        ("float32", "little", [0x8000, 0x4366], 230.5),
        ("uint64", "big", [0, 0, 1, 0], 65536),
        ("float64", "big", [0x3FF8, 0, 0, 0], 1.5),
    ],
)
def test_types_and_word_orders(kind, order, registers, value):
    assert words(kind) == len(registers)
    assert decode(registers, kind, order) == value


@pytest.mark.parametrize("address", ["modbus+tcp://h:502", "modbus://h:502/1", "modbus+tcp://h:502/300", "h"])
def test_a_wrong_address_names_the_right_form(address):
    with pytest.raises(BenchError, match=r"Cure: write modbus\+tcp://host:port/unit"):
        ModbusLink("meter_1", address, 1)
