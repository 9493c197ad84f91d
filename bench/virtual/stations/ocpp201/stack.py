"""The OCPP 2.0.1 stack: the parts put together over one board, for one power-up."""

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta

from bench.virtual.hardware import Signal
from bench.virtual.stations.awaited_driver import AwaitedDrivers
from bench.virtual.stations.board import Board, BootReason
from bench.virtual.stations.faults_remote import LOOP_S
from bench.virtual.stations.link import Link
from bench.virtual.stations.ocpp201.charging import Charging
from bench.virtual.stations.ocpp201.doubles import agreeing, refusing
from bench.virtual.stations.ocpp201.driver_desk import DriverDesk
from bench.virtual.stations.ocpp201.endpoint import Endpoint, Handler
from bench.virtual.stations.ocpp201.firmware import Firmware
from bench.virtual.stations.ocpp201.firmware_update import FirmwareUpdate
from bench.virtual.stations.ocpp201.profile_reports import ProfileReports
from bench.virtual.stations.ocpp201.provisioning import Provisioning, tell_meter_values
from bench.virtual.stations.ocpp201.registration import Registration
from bench.virtual.stations.power_rules import Event

ALIGNED_MARGIN_S = 0.5
ALIGNED_LAG_S = 0.001
"""Clock-aligned readings are taken this much after the instant, so that rounding never dates them before it."""


class Stack201:
    """Implements `board.Stack` for subprotocol `ocpp2.0.1`."""

    subprotocol = "ocpp2.0.1"

    def __init__(self, board: Board) -> None:
        self._board = board
        self._firmware = Firmware(board)
        self._desk = DriverDesk(self._firmware)
        self._handlers = self._make_handlers()
        self._registration: Registration | None = None
        self._aligned: asyncio.TimerHandle | None = None
        self._alive = False
        self._awaited = AwaitedDrivers(board)

    def power_up(self, boot_reason: BootReason) -> None:
        """Begin to work, offline at first."""
        firmware = self._firmware
        self._alive = True
        self._registration = Registration(firmware, boot_reason)
        firmware.take_up_interrupted(boot_reason)
        firmware.aligned_interval_set = self._arm_aligned
        for evse_id, controller in self._board.evses.items():
            controller.on_event(self._listener(evse_id))
            if controller.plugged:
                self._on_event(evse_id, "plugged")
        for hardware in self._board.hardware.evses:
            hardware.on_change(self._contactor_listener(hardware.evse_id))
        self._arm_aligned()

    async def run(self, link: Link) -> None:
        """Serve one connection."""
        assert self._registration is not None
        firmware, registration = self._firmware, self._registration
        endpoint = Endpoint(self._board, link, self._handlers, registration.gate)
        firmware.endpoint = endpoint
        talk = self._board.loop.create_task(registration.converse(endpoint))
        try:
            await endpoint.serve()
        finally:
            firmware.endpoint = None
            registration.disconnected()
            talk.cancel()
            await asyncio.gather(talk, return_exceptions=True)

    def power_down(self) -> None:
        """Stop everything at once."""
        self._alive = False
        waiting = (one for one in self._firmware.sessions.values() if one.authorization is not None)
        self._awaited.power_down(one.evse_id for one in waiting if not one.connected)
        self._firmware.shut_down()
        if self._aligned is not None:
            self._aligned.cancel()

    def on_id_token(self, reader: int, token: str) -> None:
        """A token was presented."""
        if self._alive and not self._inert():
            self._firmware.spawn(self._desk.present(reader, token))

    def on_button(self, evse_id: int, button: str) -> None:
        """The stop button ends the transaction as its driver (E07.FR.05)."""
        session = self._firmware.sessions[evse_id]
        if self._alive and button == "stop" and session.authorization is not None and not session.ending:
            session.end_authorization("StopAuthorized", "Local")

    def _make_handlers(self) -> dict[str, Handler]:
        faults = self._board.faults
        if faults.on("accepts_and_does_nothing"):
            return agreeing()
        if faults.on("rejects_everything"):
            return refusing()
        firmware = self._firmware
        update = FirmwareUpdate(firmware)
        own = firmware.certificates.handlers() | update.handlers() | ProfileReports(firmware).handlers()
        return Provisioning(firmware, update).handlers() | Charging(firmware, self._desk).handlers() | own

    def _inert(self) -> bool:
        faults = self._board.faults
        return faults.on("accepts_and_does_nothing") or faults.on("rejects_everything")

    def _listener(self, evse_id: int) -> Callable[[Event], None]:
        return lambda event: self._on_event(evse_id, event)

    def _contactor_listener(self, evse_id: int) -> Callable[[Signal], None]:
        def moved(signal: Signal) -> None:
            if self._alive and signal == "contactor":
                self._firmware.sessions[evse_id].contactor_moved()

        return moved

    def _on_event(self, evse_id: int, event: Event) -> None:
        if not self._alive:
            return
        if event == "plugged" and self._board.faults.on("occupied_unreported"):
            self._firmware.statuses.tell(evse_id, "")
        self._firmware.tell_changes()
        if not self._inert():
            self._pass_on(evse_id, event)
            self._firmware.tell_changes()

    def _pass_on(self, evse_id: int, event: Event) -> None:
        session = self._firmware.sessions[evse_id]
        if event == "plugged":
            self._claim(evse_id)
            session.plugged()
            self._awaited.plugged(evse_id, taken=session.authorization is not None)
        elif event == "unplugged":
            session.unplugged()
        elif event == "fault":
            session.fault()
        elif event == "fault_cleared":
            session.energise()
        else:
            session.energy_event(event)
            if event == "charging" and self._board.faults.on("session_ends_by_itself"):
                self._board.loop.call_later(LOOP_S, session.abort, "AbnormalCondition", "Other")

    def _claim(self, evse_id: int) -> None:
        """A driver who was authorised before any EV was connected has plugged in here."""
        session = self._firmware.sessions[evse_id]
        if session.busy:
            return
        for other in self._firmware.sessions.values():
            if other.movable:
                other.move_to(session)
                return

    def _arm_aligned(self) -> None:
        """Readings at whole multiples of AlignedDataCtrlr.Interval after midnight (J01.FR.14)."""
        if self._aligned is not None:
            self._aligned.cancel()
            self._aligned = None
        interval_s = self._firmware.model.integer("AlignedDataCtrlr", "Interval")
        if interval_s > 0 and not self._board.faults.on("aligned_never"):
            beside_s = interval_s / 2 if self._board.faults.on("aligned_to_nothing") else 0.0
            wait_s = _until_aligned(self._board.clock.now(), interval_s, beside_s)
            self._aligned = self._board.loop.call_later(wait_s, self._take_aligned)

    def _take_aligned(self) -> None:
        firmware = self._firmware
        if firmware.model.flag("AlignedDataCtrlr", "Enabled"):
            measurands = firmware.model.members("AlignedDataCtrlr", "Measurands")
            for evse_id, session in firmware.sessions.items():
                apart = self._board.faults.on("aligned_in_meter_values")
                if session.transaction is not None and not apart:
                    session.aligned(measurands)
                elif firmware.online:
                    tell_meter_values(firmware, evse_id, "Sample.Clock")
        self._arm_aligned()


def _until_aligned(now: datetime, interval_s: int, beside_s: float = 0.0) -> float:
    midnight = datetime.combine(now.date(), time(), now.tzinfo) + timedelta(seconds=beside_s)
    wait_s = interval_s - ((now - midnight) / timedelta(seconds=1)) % interval_s
    if wait_s < ALIGNED_MARGIN_S:
        wait_s += interval_s  # the reading for this instant has just been taken
    return wait_s + ALIGNED_LAG_S
