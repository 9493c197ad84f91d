"""The controller board: what every protocol stack is given to work with, and what it must offer in return."""

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

from bench.virtual.hardware import StationHardware, StationMeterReading
from bench.virtual.stations.clock import StationClock
from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.controller import EvseController
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.link import Link
from bench.virtual.stations.nvram import Nvram
from bench.virtual.stations.random_delay import RandomDelay
from bench.virtual.stations.wrong_register import WrongRegister

BootReason = Literal[
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
]


class Board:
    """One power-up of the station's controller. A new board is made at every power-up; NVRAM, clock and ids stay.

    `evses` maps EVSE ids (from 1) to their controllers. `rng` is seeded; use it for every random choice.
    `reboot(reason)` asks the station to restart its firmware: the stack is powered down, the connection dropped and
    a new stack is powered up after `config.reboot_s` with that reason.
    """

    def __init__(
        self,
        *,
        config: StationConfig,
        hardware: StationHardware,
        nvram: Nvram,
        clock: StationClock,
        faults: ActiveFaults,
        rng: random.Random,
        reboot: Callable[[BootReason], None],
    ) -> None:
        self.config = config
        self.hardware = hardware
        self.nvram = nvram
        self.clock = clock
        self.faults = faults
        self.rng = rng
        self.reboot = reboot
        self.loop = asyncio.get_running_loop()
        self.evses = {
            evse.evse_id: EvseController(
                evse,
                self.loop,
                faults,
                config.max_current_a,
                captive=config.fixed_cable,
                phases=config.phases,
                ventilation=config.ventilation,
                load_monitoring=config.load_monitoring,
            )
            for evse in hardware.evses
        }
        self._meters = {evse.evse_id: evse for evse in hardware.evses}
        self._registers = {evse_id: WrongRegister(evse_id, nvram, clock, faults) for evse_id in self._meters}
        self._uncounted_wh = dict.fromkeys(self._meters, 0.0)
        self._register_offline_wh: dict[int, float] = {}

    def read_meter(self, evse_id: int) -> StationMeterReading:
        """Read the station's own meter of one EVSE. Raises KeyError for an EVSE the station has not."""
        reading = self._registers[evse_id].spoilt(self._meters[evse_id].read_meter())
        shown_wh = self._register_offline_wh.get(evse_id, reading.energy_wh) - self._uncounted_wh[evse_id]
        return replace(reading, energy_wh=shown_wh)

    def connection_is(self, *, up: bool) -> None:
        """The connection to the CSMS came or went: nothing to a good station, whose energy does not depend on it."""
        if self.faults.on("charging_stops_offline"):
            for controller in self.evses.values():
                controller.withhold(on=not up)
        if not up:
            for controller in self.evses.values():
                controller.went_offline()
        if self.faults.on("offline_energy_not_counted"):
            self._count(up=up)

    def _count(self, *, up: bool) -> None:
        for evse_id, meter in self._meters.items():
            energy_wh = meter.read_meter().energy_wh
            if not up:
                self._register_offline_wh.setdefault(evse_id, energy_wh)
            elif evse_id in self._register_offline_wh:
                self._uncounted_wh[evse_id] += energy_wh - self._register_offline_wh.pop(evse_id)

    def delay_changes(self, maximum_s: Callable[[], int], overridden: Callable[[], bool]) -> None:
        """From now on every change of load comes at a random moment, as configured."""
        delay = RandomDelay(maximum_s, overridden, self.rng, self.faults)
        for controller in self.evses.values():
            controller.random_delay = delay

    def message_id(self) -> str:
        """A fresh message id: a version 4 UUID from the seeded generator."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    async def latency(self) -> None:
        """Spend the 5 to 30 ms that firmware takes before it speaks, so that things do not align at one instant."""
        await asyncio.sleep(self.rng.uniform(0.005, 0.030))

    def shut_down(self) -> None:
        """Release all outputs; the controllers fall silent."""
        for controller in self.evses.values():
            controller.shut_down()


class Stack(Protocol):
    """One protocol stack over one board: from power-up to power-down, over any number of connections."""

    subprotocol: str

    def power_up(self, boot_reason: BootReason) -> None:
        """Start the firmware: subscribe to the controllers, restore from NVRAM, start timers. No connection yet.

        The stack exists from the first connection after a power-up (or from the power-up itself when NVRAM knows
        the subprotocol) and works offline between connections.
        """

    async def run(self, link: Link) -> None:
        """Serve one connection until it closes; raises `websockets.exceptions.ConnectionClosed` then.

        The first run after `power_up` begins with a BootNotification; later runs do not, unless none was accepted.
        """

    def power_down(self) -> None:
        """The supply is gone or the firmware restarts: cancel every task and timer of the stack. Nothing is sent."""

    def on_id_token(self, reader: int, token: str) -> None:
        """A token was presented at a reader (0 serves all EVSEs)."""

    def on_button(self, evse_id: int, button: str) -> None:
        """The `stop` button of an EVSE was pressed (the emergency button is the controller's)."""


StackFactory = Callable[[Board], Stack]
