"""What went wrong with a Modbus answer, told from the bytes that came: silence, half an answer, another unit's, a checksum, no Modbus at all."""

from dataclasses import dataclass, field

from pymodbus.framer import FramerRTU

_HEAD_TCP = 8
"""Bytes of an answer over TCP up to and with its function code (Modbus Messaging on TCP/IP, 3.1.3: the MBAP header has seven)."""
_SHOWN = 24
"""Bytes of a strange answer that are shown."""
_READS = (1, 2, 3, 4)
_WRITES = (5, 6, 15, 16)


@dataclass(slots=True)
class Heard:
    """What came since the last request, on a connection with RTU frames or with those of TCP."""

    rtu: bool
    unit: int
    data: bytes = field(default=b"", init=False)
    closed: bool = field(default=False, init=False)

    def asked(self) -> None:
        """A request goes out: what came before does not count."""
        self.data, self.closed = b"", False

    def packet(self, sending: bool, data: bytes) -> bytes:
        """All that came in answer so far, as pymodbus's `trace_packet` tells it; what goes out is left alone."""
        if not sending:
            self.data = bytes(data)
        return data

    def connection(self, made: bool) -> None:
        """The connection was made or has ended, as pymodbus's `trace_connect` tells it."""
        self.closed = not made

    def wrong(self) -> str:
        """What is wrong with the answer, in words."""
        if not self.data:
            return "the connection was closed" if self.closed else "silence: not a byte came"
        wrong = self._wrong_rtu() if self.rtu else self._wrong_tcp()
        end = ", and the connection was closed" if self.closed else ""
        more = "..." if len(self.data) > _SHOWN else ""
        return f"{wrong}{end}; {len(self.data)} bytes came: {self.data[:_SHOWN].hex(' ')}{more}"

    def _wrong_rtu(self) -> str:
        whole = _whole_rtu(self.data)
        if whole is None:
            return "no Modbus answer"
        if len(self.data) < whole:
            return f"half an answer, of {whole} bytes"
        if int.from_bytes(self.data[whole - 2 : whole], "big") != FramerRTU.compute_CRC(self.data[: whole - 2]):
            return "a wrong checksum"
        return self._other_unit(self.data[0])

    def _wrong_tcp(self) -> str:
        data = self.data
        if data[2:4].strip(b"\0"):
            return "no Modbus answer"
        whole = 6 + int.from_bytes(data[4:6], "big")
        if len(data) < _HEAD_TCP or len(data) < whole:
            return f"half an answer, of {whole} bytes" if len(data) >= 6 else "half an answer"
        return self._other_unit(data[6])

    def _other_unit(self, unit: int) -> str:
        return (
            f"unit {unit} answered, not {self.unit}" if unit != self.unit else "an answer that is none to the question"
        )


def _whole_rtu(data: bytes) -> int | None:
    """How long the answer is that begins so; None where no answer does (Modbus application protocol 1.1b3, 6 and 7)."""
    if len(data) < 3:
        return 5
    function = data[1]
    if function & 0x80:
        return 5
    if function in _WRITES:
        return 8
    return 5 + data[2] if function in _READS else None
