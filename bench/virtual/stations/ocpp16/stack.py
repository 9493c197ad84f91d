"""The OCPP 1.6 firmware as a whole."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bench.virtual.stations.board import Board, BootReason
from bench.virtual.stations.clock import as_local_time
from bench.virtual.stations.keystore import CENTRAL
from bench.virtual.stations.link import Link
from bench.virtual.stations.ocpp16.authorize import Authorizer
from bench.virtual.stations.ocpp16.availability import Availability
from bench.virtual.stations.ocpp16.configuration import Configuration
from bench.virtual.stations.ocpp16.csms import Csms
from bench.virtual.stations.ocpp16.diagnostics import Diagnostics
from bench.virtual.stations.ocpp16.endpoint import DOUBLES, Endpoint
from bench.virtual.stations.ocpp16.firmware import Firmware
from bench.virtual.stations.ocpp16.keys import DELAY_OVERRIDE, RANDOM_DELAY, STOP_BUTTON
from bench.virtual.stations.ocpp16.message_queue import MessageQueue
from bench.virtual.stations.ocpp16.metering import Metering
from bench.virtual.stations.ocpp16.outlet import Outlet
from bench.virtual.stations.ocpp16.power import PowerWatch
from bench.virtual.stations.ocpp16.registration import RegistrationDesk
from bench.virtual.stations.ocpp16.remote import Remote
from bench.virtual.stations.ocpp16.reservations import Reservations
from bench.virtual.stations.ocpp16.security import Security
from bench.virtual.stations.ocpp16.smart_charging import SmartCharging
from bench.virtual.stations.ocpp16.statuses import Statuses
from bench.virtual.stations.ocpp16.tokens import TokenDesk
from bench.virtual.stations.ocpp16.transactions import Transactions
from bench.virtual.stations.ocpp16.wrong_statuses import WrongStatuses


class Ocpp16Stack:
    """Implements `board.Stack` for the subprotocol ocpp1.6: one part a concern, joined here."""

    subprotocol = "ocpp1.6"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.boot_reason: BootReason = "PowerUp"
        self._tasks: set[asyncio.Task[Any]] = set()
        self._followups: list[Callable[[], object]] = []
        self.outlets = {n: Outlet(n, controller, board.faults) for n, controller in board.evses.items()}
        self.csms = Csms(as_local_time) if board.faults.on("timestamps_in_local_time") else Csms()
        self.configuration = Configuration(board)
        self.reservations = Reservations(self)
        self.availability = Availability(self)
        self.statuses = Statuses(self)
        self.authorizer = Authorizer(self)
        self.metering = Metering(self)
        self.smart_charging = SmartCharging(self)
        self.transactions = Transactions(self)
        self.wrong_statuses = WrongStatuses(self)
        self.queue = MessageQueue(self, self.transactions.on_answer)
        self.registration = RegistrationDesk(self)
        self.remote = Remote(self)
        self.firmware = Firmware(self)
        self.diagnostics = Diagnostics(self)
        self.tokens = TokenDesk(self)
        self.security = Security(self) if board.config.security is not None else None
        self.power = PowerWatch(self)
        if board.config.random_delay_s:
            board.delay_changes(
                lambda: self.configuration.integer(RANDOM_DELAY), lambda: self.configuration.flag(DELAY_OVERRIDE)
            )

    def power_up(self, boot_reason: BootReason) -> None:
        """See `board.Stack`."""
        self.boot_reason = boot_reason
        self.power.power_up()
        self.wrong_statuses.power_up()
        self.transactions.power_up()
        self.smart_charging.power_up()
        self.reservations.power_up()
        for connector_id in self.outlets:
            self.statuses.update(connector_id)
        self.spawn(self.queue.drain())
        self.spawn(self.metering.keep_aligned())
        if self.board.faults.on("statuses_repeated"):
            self.spawn(self.statuses.repeat())

    async def run(self, link: Link) -> None:
        """See `board.Stack`. Registers if the station is not accepted yet, else reports what changed meanwhile."""
        endpoint = Endpoint(self, link)
        self.csms.connect(endpoint)
        self.smart_charging.connected()
        greeting = self.spawn(self._greet())
        try:
            await endpoint.serve()
        finally:
            self.csms.disconnect()
            greeting.cancel()

    def power_down(self) -> None:
        """See `board.Stack`."""
        self.power.power_down()
        self.transactions.power_down()
        self.statuses.shut_down()
        self.reservations.shut_down()
        self.smart_charging.shut_down()
        for task in tuple(self._tasks):
            task.cancel()

    def on_id_token(self, reader: int, token: str) -> None:
        """See `board.Stack`."""
        waits = self.csms.registration != "Accepted" and self.board.faults.on("no_sessions_before_accepted")
        if not waits and not self._is_double():
            self.spawn(self.tokens.present(reader, token))

    def on_button(self, evse_id: int, button: str) -> None:
        """See `board.Stack`."""
        if button == "stop" and not self._is_double() and self.configuration.flag(STOP_BUTTON):
            self.transactions.stop(self.outlets[evse_id], "Local")

    def spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run a job until it ends or the supply goes; an error in it is reported to the loop's exception handler."""
        task = self.board.loop.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def trusted_roots(self) -> list[str]:
        """Whom the station trusts beside the CSMS itself, to fetch files from and bring them to: roots in PEM."""
        return [] if self.security is None else [root.pem for root in self.security.keystore.roots(CENTRAL)]

    def after_reply(self, action: Callable[[], object]) -> None:
        """Do this once the reply to the request that is being handled was sent."""
        self._followups.append(action)

    def run_followups(self) -> None:
        """The reply was sent."""
        actions, self._followups = self._followups, []
        for action in actions:
            action()

    def drop_followups(self) -> None:
        """The request was answered with an error: nothing follows."""
        self._followups.clear()

    def _is_double(self) -> bool:
        return any(self.board.faults.on(name) for name in DOUBLES)

    def _keeps_its_boot_to_itself(self) -> bool:
        """The wrong stations that restart and do not say so."""
        faults, nvram = self.board.faults, self.board.nvram
        known = nvram.read("known_to_csms", default=False)
        nvram.write("known_to_csms", value=True)
        names = {
            "RemoteReset": ("no_boot_after_reset", "no_boot_after_reset_for_profile"),
            "PowerUp": ("no_boot_after_power_loss",),
        }
        return known and any(faults.on(name) for name in names.get(self.boot_reason, ()))

    async def _greet(self) -> None:
        if self.csms.registration != "Accepted" and self._keeps_its_boot_to_itself():
            self.csms.register("Accepted")
            self.statuses.report_all()
        if self.csms.registration == "Accepted":
            self.statuses.report_changes()
        elif await self.registration.register():
            faults = self.board.faults
            if faults.on("unavailable_while_starting") or faults.on("forgets_unavailable_once_started"):
                await self.statuses.report_starting("Unavailable")
            if not self.availability.all_operative and faults.on("available_for_a_moment_after_boot"):
                await self.statuses.report_starting("Available")
            self.statuses.report_all()
            await self.firmware.tell_outcome()
            if self.security is not None and not self._is_double():
                self.security.greeted(self.boot_reason)
        if self.security is not None and self.csms.ready.is_set() and not self._is_double():
            await self.security.connected()

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "the virtual station's firmware crashed", "exception": error, "task": task}
            self.board.loop.call_exception_handler(context)
