"""Modbus RTU over a serial line, played by a pair of pseudo-terminals."""

import asyncio
import os
import pty
import re
import struct
import termios
import tty

import pytest

from bench.errors import BenchError, InstrumentFault
from bench.links.modbus import ModbusLink
from bench.links.modbus_serial import LineSettingsError, SerialLine

TIMEOUT_S = 0.3


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def framed(body):
    return body + crc16(body)


def registers_answer(*values):
    return lambda request: framed(bytes([1, request[1], 2 * len(values)]) + struct.pack(f">{len(values)}H", *values))


class SerialUnit:
    """A unit at the other end of the line: `answers` (functions of the request's frame) in turn, the last one stays."""

    def __init__(self, *answers, line="9600-8N1"):
        self.answers = list(answers)
        self.requests = []
        self.line = line
        self.late = []
        self.asked = asyncio.Event()

    async def __aenter__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.master)
        self.path = os.ttyname(self.slave)
        asyncio.get_running_loop().add_reader(self.master, self.hear)
        self.link = ModbusLink("meter_1", f"modbus+rtu://{self.path}/1?line={self.line}", TIMEOUT_S)
        return self

    async def __aexit__(self, *exc):
        await self.link.close()
        self.unplug()
        for handle in self.late:
            handle.cancel()

    def unplug(self):
        if self.master is not None:
            asyncio.get_running_loop().remove_reader(self.master)
            os.close(self.master)
            os.close(self.slave)
            self.master = None

    def hear(self):
        request = os.read(self.master, 300)
        assert crc16(request[:-2]) == request[-2:]
        self.requests.append(request[1:-2].hex())
        self.asked.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        told = answer(request)
        if isinstance(told, tuple):
            delay_s, frame = told
            self.late.append(asyncio.get_running_loop().call_later(delay_s, os.write, self.master, frame))
        elif told is not None:
            os.write(self.master, told)


async def test_registers_are_read_over_a_serial_line():
    async with SerialUnit(registers_answer(0x4366, 0x8000)) as unit:
        assert await unit.link.read_registers("input", 72, 2) == [0x4366, 0x8000]
        assert await unit.link.read_registers("holding", 1, 2) == [0x4366, 0x8000]
        assert unit.requests == ["0400480002", "0300010002"]


@pytest.mark.parametrize("line", ["19200-8E1", "38400-8N2", "9600-8O1"])
async def test_the_line_is_set_as_the_address_says(line):
    async with SerialUnit(registers_answer(7), line=line) as unit:
        assert await unit.link.read_registers("input", 0, 1) == [7]
        _, _, control, local, _, out_speed, _ = termios.tcgetattr(unit.slave)
        assert out_speed == vars(termios)[f"B{line.partition('-')[0]}"]
        assert not local & (termios.ICANON | termios.ECHO)
        assert bool(control & termios.CSTOPB) == line.endswith("2")
        assert bool(control & termios.PARODD) == ("O" in line)


async def test_an_answer_in_pieces_is_one_answer():
    async with SerialUnit(lambda request: None, registers_answer(3)) as unit:
        task = asyncio.ensure_future(unit.link.read_registers("input", 0, 1))
        await asyncio.wait_for(unit.asked.wait(), 1.0)
        for byte in framed(bytes([1, 4, 2, 0, 9])):
            os.write(unit.master, bytes([byte]))
            await asyncio.sleep(0.002)
        assert await task == [9]


TOLD = {
    "silent": "silence",
    "garbage": "no Modbus answer|wrong checksum",
    "half an answer": "half an answer, of 7 bytes; 4 bytes came",
    "wrong checksum": "a wrong checksum",
    "another unit": "unit 9 answered, not 1",
    "an answer to another function": "answered function 3, not 4",
    "too many registers": "answered 2",
    "an exception": r"refused with exception 2 \(illegal data address\)",
}

FAULTS = {
    "silent": lambda request: None,
    "garbage": lambda request: b"\x00\xffu#!\x80\n",
    "half an answer": lambda request: registers_answer(5)(request)[:4],
    "wrong checksum": lambda request: b"\x01\x04\x02\x00\x07\x00\x00",
    "another unit": lambda request: framed(b"\x09\x04\x02\x00\x07"),
    "an answer to another function": lambda request: framed(b"\x01\x03\x02\x00\x07"),
    "too many registers": registers_answer(1, 2),
    "an exception": lambda request: framed(bytes([1, 0x84, 2])),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_named_and_the_next_answer_is_taken(fault):
    async with SerialUnit(FAULTS[fault], registers_answer(2)) as unit:
        with pytest.raises(
            InstrumentFault, match=rf"meter_1 at modbus\+rtu://.*1 input registers from 5.*({TOLD[fault]}).*Cure: check"
        ):
            await unit.link.read_registers("input", 5, 1)
        assert len(unit.requests) == 1  # nothing is retried
        assert await unit.link.read_registers("input", 6, 1) == [2]


@pytest.mark.parametrize("delay_s", [1.2 * TIMEOUT_S, 1.7 * TIMEOUT_S])
async def test_a_late_answer_is_never_given_to_the_next_request(delay_s):
    late = lambda request: (delay_s, registers_answer(999)(request))  # noqa: E731
    async with SerialUnit(late, registers_answer(2)) as unit:
        with pytest.raises(InstrumentFault, match=r"no good answer within 0\.3 s"):
            await unit.link.read_registers("input", 1, 1)
        assert await unit.link.read_registers("input", 2, 1) == [2]


async def test_a_line_that_is_pulled_out_and_put_in_again():
    async with SerialUnit(registers_answer(1)) as unit:
        assert await unit.link.read_registers("input", 0, 1) == [1]
        unit.unplug()
        for _ in range(2):
            with pytest.raises(InstrumentFault, match=r"meter_1 at .*Cure: check"):
                await unit.link.read_registers("input", 0, 1)


async def test_a_port_that_does_not_exist_is_a_named_fault():
    link = ModbusLink("meter_1", "modbus+rtu:///dev/no-such-port/1?line=9600-8N1", 0.2)
    with pytest.raises(InstrumentFault, match=r"No such file or directory.*Cure: check address, cable and power"):
        await link.read_registers("input", 0, 1)
    await link.close()


async def test_a_port_in_use_is_a_named_fault():
    async with SerialUnit(registers_answer(1)) as unit:
        await unit.link.read_registers("input", 0, 1)
        second = ModbusLink("meter_2", f"modbus+rtu://{unit.path}/2?line=9600-8N1", 0.2)
        with pytest.raises(InstrumentFault, match=r"meter_2 at .*temporarily unavailable"):
            await second.read_registers("input", 0, 1)
        await second.close()


async def test_what_is_no_terminal_is_a_named_fault(tmp_path):
    file = tmp_path / "tty"
    file.write_text("")
    link = ModbusLink("meter_1", f"modbus+rtu://{file}/1?line=9600-8N1", 0.2)
    with pytest.raises(InstrumentFault, match="Inappropriate ioctl"):
        await link.read_registers("input", 0, 1)
    await link.close()


@pytest.mark.parametrize("line", ["9600", "9601-8N1", "9600-9N1", "9600-8X1", "9600-8N3", "fast-8N1"])
def test_settings_that_no_line_has_are_refused(line):
    with pytest.raises(LineSettingsError):
        SerialLine("/dev/ttyUSB0", line)
    with pytest.raises(BenchError, match=re.escape(line) + ".*Cure: write baud rate.*line=9600-8N1"):
        ModbusLink("meter_1", f"modbus+rtu:///dev/ttyUSB0/1?line={line}", 1)


@pytest.mark.parametrize(
    "address", ["modbus+rtu:///dev/ttyUSB0/1", "modbus+rtu:///dev/ttyUSB0/300?line=9600-8N1", "/dev/ttyUSB0"]
)
def test_a_wrong_address_names_the_right_form(address):
    with pytest.raises(BenchError, match=r"is not a Modbus address.*modbus\+rtu:///dev/ttyUSB0/unit\?line=9600-8N1"):
        ModbusLink("meter_1", address, 1)


def test_the_gap_before_a_frame_is_three_and_a_half_characters():
    assert SerialLine("/dev/x", "9600-8N1").gap_s == pytest.approx(0.00401, abs=1e-5)
    assert SerialLine("/dev/x", "115200-8N1").gap_s == 0.00175
