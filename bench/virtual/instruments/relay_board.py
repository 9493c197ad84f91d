"""A relay board as Waveshare's Modbus TCP ones: eight coils, functions 1, 5 and 15.

Channel 1 (coil 0) is wired into the station's supply: energised, it cuts the mains. The others are not wired.
"""

from bench.virtual.instruments.modbus_server import ModbusInstrument
from bench.virtual.plant.plant import Plant

CHANNELS = 8
MAINS_CUT_COIL = 0


class VirtualRelayBoard(ModbusInstrument):
    """Eight relays."""

    coil_count = CHANNELS

    def __init__(self, name: str, plant: Plant) -> None:
        super().__init__(name)
        self._plant = plant
        self._states = [False] * CHANNELS

    def coils(self) -> list[bool]:
        """State of every relay."""
        return list(self._states)

    def write_coil(self, address: int, value: bool) -> None:
        """Switch one relay."""
        self._states[address] = value
        if address == MAINS_CUT_COIL:
            self._plant.set_mains_cut(cut=value)
