"""Waveshare Modbus relay boards. They answer reads of the whole bank only (labgrid has a driver for this, too)."""

from dataclasses import dataclass
from typing import Annotated

from bench.clock import Clock
from bench.errors import BenchError
from bench.links.modbus import ModbusLink
from bench.registry import Standing, driver
from harness.model.strict import Range
from harness.model.topology import InstrumentEntry


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """`channels`: how many relays the board has."""

    channels: Annotated[int, Range(1, 64)] = 8


@driver(
    "waveshare_relay",
    roles=("relay_board",),
    link="modbus",
    standing=Standing.VIRTUAL,
    source="labgrid, WaveshareModbusTCPCoil (FC 01 for the whole bank, FC 05): read in public code, not in the manual",
    options=RelayOptions,
)
class WaveshareRelay:
    """Relays by channel number from 1; channel n is coil n-1."""

    def __init__(self, entry: InstrumentEntry, link: ModbusLink, clock: Clock, options: RelayOptions) -> None:
        del clock
        self.name = entry.name
        self._link = link
        self._channels = options.channels

    async def identify(self) -> str:
        """Kind and unit: the board has no identity to tell; its coils are read to see that it answers."""
        await self._bank()
        return f"Modbus relay board, {self._channels} channels, unit {self._link.unit}"

    async def switch(self, channel: int, *, on: bool) -> None:
        """Switch one channel and read it back. Raises InstrumentFault; BenchError for a channel it has not."""
        await self._link.write_coil(self._coil(channel), on=on)
        if await self.state(channel) != on:
            raise self._link.fault(f"relay {channel} did not switch {'on' if on else 'off'}", "check its supply")

    async def state(self, channel: int) -> bool:
        """Read one channel. Raises InstrumentFault; BenchError for a channel it has not."""
        coil = self._coil(channel)
        return (await self._bank())[coil]

    async def _bank(self) -> list[bool]:
        return await self._link.read_bits("coil", 0, self._channels)

    def _coil(self, channel: int) -> int:
        if not 1 <= channel <= self._channels:
            raise BenchError(f"{self.name}: no relay {channel}. Cure: give a channel from 1 to {self._channels}")
        return channel - 1

    async def close(self) -> None:
        """Release the link."""
        await self._link.close()
