"""Everything a running 2.0.1 station consists of, and what its parts do for each other."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bench.errors import BenchError
from bench.virtual.stations.board import Board, BootReason
from bench.virtual.stations.clock import STEP_S
from bench.virtual.stations.faults_common import TOLD_AGAIN_S, TOLD_LATE_S
from bench.virtual.stations.faults_schedules import LATE_STEP_S
from bench.virtual.stations.ocpp201.authorization import AuthorizationCache, IdToken
from bench.virtual.stations.ocpp201.certificates import Certificates
from bench.virtual.stations.ocpp201.charging_profiles import ActiveTransaction, ProfileStore
from bench.virtual.stations.ocpp201.choices import as_chosen, status_event
from bench.virtual.stations.ocpp201.device_model import DeviceModel, Variable
from bench.virtual.stations.ocpp201.endpoint import CALL, Endpoint
from bench.virtual.stations.ocpp201.events import EventWriter
from bench.virtual.stations.ocpp201.hooks import Hooks
from bench.virtual.stations.ocpp201.interrupted import begin_again, resume, resumes
from bench.virtual.stations.ocpp201.memory import Table
from bench.virtual.stations.ocpp201.outbox import Outbox
from bench.virtual.stations.ocpp201.schedules import Profile
from bench.virtual.stations.ocpp201.session import Session
from bench.virtual.stations.ocpp201.status import Availability, Level, Status, StatusBoard
from bench.virtual.stations.ocpp201.transaction import Transaction
from bench.virtual.stations.ocpp201.variables import StationFacts, station_variables
from bench.virtual.stations.wrong_link import NEW_PASSWORD

RECONNECT_S = 1.0

RESET_PATIENCE_S = 10.0
"""How long an accepted reset waits for TransactionEvents to be answered (B12.FR.05)."""


class Firmware:
    """State of one power-up. `endpoint` is the connection now open, `accepted` whether the CSMS registered it."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.facts = facts_of(board)
        self.endpoint: Endpoint | None = None
        self.accepted = False
        self.boot_wanted = asyncio.Event()
        self.heartbeat_changed = asyncio.Event()
        self.aligned_interval_set: Callable[[], None] = lambda: None
        self.reset_scheduled = False
        self.told_of_itself = False
        self.spent: set[int] = set()
        self.scheduled: list[tuple[Level, bool]] = []
        self.start_profiles: dict[int, Profile] = {}
        nvram = board.nvram
        self.model = DeviceModel(as_chosen(station_variables(self.facts), board.faults), Table(nvram, "variables201"))
        self.cache = AuthorizationCache(self.model, Table(nvram, "authorization_cache201"), board.clock.now)
        self.profiles = ProfileStore(
            self.facts, Table(nvram, "profiles201"), self.active_transaction, board.faults, board.clock.now
        )
        self.certificates = Certificates(self)
        self.availability = Availability(Table(nvram, "availability201"))
        self.statuses = StatusBoard(self.facts.evse_ids, self.status)
        self.outbox = Outbox(nvram, self.model, board.faults, self._send_event)
        self._open_tx = Table(nvram, "transactions201")
        self.sessions = {evse_id: self._session(evse_id) for evse_id in self.facts.evse_ids}
        self._tasks: set[asyncio.Task[None]] = set()
        self._limit_timer: asyncio.TimerHandle | None = None
        self._wire_model()
        if board.config.random_delay_s:
            board.delay_changes(
                lambda: self.model.integer("SmartChargingCtrlr", "RandomDelay"),
                lambda: self.model.flag("SmartChargingCtrlr", "RandomDelayOverride"),
            )

    @property
    def online(self) -> bool:
        """Whether messages of the station's own accord may be sent now."""
        return self.endpoint is not None and self.accepted

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside; it is cancelled when the firmware stops."""
        task = self.board.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def say(self, request: Any, *, triggered: bool = False) -> None:
        """Send a CALL whose answer does not matter; nothing is sent before acceptance unless it was triggered."""
        endpoint = self.endpoint
        if endpoint is not None and (self.accepted or triggered):
            self.spawn(_told(endpoint, request))

    def tell_status(self, evse_id: int, *, triggered: bool = False) -> None:
        """Send the StatusNotification of an EVSE's connector."""
        endpoint = self.endpoint
        if not triggered and self.online and self.board.faults.on("statuses_by_events"):
            self.say(status_event(self.statuses.tell(evse_id, self.board.clock.text()), self.board.message_id()))
        elif endpoint is not None and (self.accepted or triggered):
            before = self.statuses.told(evse_id)
            self.spawn(self._tell(endpoint, self.statuses.tell(evse_id, self.board.clock.text()), before))

    async def _tell(self, endpoint: Endpoint, fields: dict[str, Any], before: Status | None) -> None:
        """Deliver a status, as the wrong stations do it that take their time or tell an old one again."""
        if self.board.faults.on("statuses_told_late"):
            await asyncio.sleep(TOLD_LATE_S)
        await self.deliver_status(endpoint, fields)
        if before is not None and self.board.faults.on("old_status_told_again"):
            await asyncio.sleep(TOLD_AGAIN_S)
            await endpoint.ask(CALL.StatusNotification(**fields | {"connector_status": before}))
        if fields["connector_status"] == "Occupied" and self.board.faults.on("available_by_event_while_occupied"):
            await asyncio.sleep(TOLD_AGAIN_S)
            await endpoint.ask(status_event(fields | {"connector_status": "Available"}, self.board.message_id()))

    async def deliver_status(self, endpoint: Endpoint, fields: dict[str, Any]) -> None:
        """Send a StatusNotification; when the connection ends under it, the status is due again."""
        arrived = False
        try:
            arrived = await endpoint.ask(CALL.StatusNotification(**fields)) is not None or not endpoint.hung_up
        finally:
            if not arrived:
                self.statuses.untell(fields["evse_id"])

    def tell_changes(self) -> None:
        """Send the status of every connector that changed (G01.FR.03 to G01.FR.07)."""
        if self.online:
            for evse_id in self.statuses.changed():
                self.tell_status(evse_id)

    def status(self, evse_id: int) -> Status:
        """ConnectorStatus of an EVSE's only connector."""
        controller, session = self.board.evses[evse_id], self.sessions[evse_id]
        if controller.faulted and not self.board.faults.on("faulted_not_told"):
            return "Faulted"
        running = session.transaction is not None
        closed = not self.availability.operative(evse_id) or self.reset_scheduled
        if closed and not running:
            return "Unavailable"
        if not controller.plugged:
            self.spent.discard(evse_id)
        if evse_id in self.spent and not running and self.board.faults.on("available_after_transaction_with_cable"):
            return "Available"
        return "Occupied" if controller.plugged else "Available"

    def active_transaction(self, evse_id: int) -> ActiveTransaction | None:
        """The transaction of an EVSE, as charging profiles see it."""
        tx = self.sessions[evse_id].transaction if evse_id in self.sessions else None
        if tx is None:
            return None
        return ActiveTransaction(tx.transaction_id, tx.ready_at or self.board.clock.now())

    def apply_limits(self) -> None:
        """Give every EVSE the limit that the profiles leave it now, and come back when one changes (K01.FR.07)."""
        if self._limit_timer is not None:
            self._limit_timer.cancel()
            self._limit_timer = None
        for session in self.sessions.values():
            session.energise()
        now = self.board.clock.now()
        change = self.profiles.next_change(now)
        if change is not None and not self.board.faults.on("limit_changes_ignored"):
            wait_s = max((change - now).total_seconds(), 0.0)
            wait_s += LATE_STEP_S if self.board.faults.on("schedule_steps_late") else 0.0
            self._limit_timer = self.board.loop.call_later(wait_s, self.apply_limits)

    def set_clock(self, current_time: str) -> None:
        """Take over the CSMS's time, and plan anew what is due at a time of day (B01.FR.06, G02.FR.06)."""
        before = self.board.clock.now()
        self.board.clock.synchronise(current_time)
        if abs((self.board.clock.now() - before).total_seconds()) >= STEP_S:
            self.aligned_interval_set()
            self.apply_limits()

    def take_up_interrupted(self, reason: BootReason) -> None:
        """Report transactions that the last power-up left open as ended; the unusual station goes on with them (B01, step 5)."""
        for evse_id, memory in list(self._open_tx.items()):
            session, transaction = self.sessions[int(evse_id)], Transaction.recalled(memory)
            if self.board.faults.on("interrupted_transaction_lost"):
                self._open_tx.pop(evse_id, None)
            elif reason == "PowerUp" and resumes(self.board, self.profiles, session, transaction):
                resume(self.board, session, transaction)
            else:
                session.finish_interrupted(transaction, "PowerLoss" if reason == "PowerUp" else "Reboot")
                begin_again(self.board, session, transaction)

    async def reset(self, reason: BootReason) -> None:
        """Restart once the TransactionEvents are delivered, or will not be for a while (B12.FR.04, B12.FR.05)."""
        if self.online:
            await self.outbox.drained(RESET_PATIENCE_S)
        self.board.loop.call_soon(self.board.reboot, reason)

    def settle_scheduled(self) -> None:
        """A transaction ended: do what waited for it (B12.FR.03, G03.FR.05)."""
        waiting = self.scheduled
        self.scheduled = []
        for level, operative in waiting:
            if self.occupied(level):
                self.scheduled.append((level, operative))
            else:
                self.availability.set(level, operative=operative)
        if self.reset_scheduled and not self.occupied((0, 0)):
            self.spawn(self.reset("ScheduledReset"))
        self.tell_changes()

    def occupied(self, level: Level) -> bool:
        """Whether a transaction runs at or below a level."""
        return any(
            session.transaction is not None and level[0] in {0, evse_id} for evse_id, session in self.sessions.items()
        )

    def shut_down(self) -> None:
        """Stop every task and timer."""
        for task in tuple(self._tasks):
            task.cancel()
        for session in self.sessions.values():
            session.shut_down()
        if self._limit_timer is not None:
            self._limit_timer.cancel()

    def _session(self, evse_id: int) -> Session:
        events = EventWriter(self.board, evse_id, self.model, self._open_tx, self.outbox)
        hooks = Hooks(self._limit_a, self._phases, self._usable, self._session_changed, self._session_ended)
        return Session(self.board, evse_id, self.model, events, hooks)

    def _limit_a(self, evse_id: int) -> float:
        sharing = sum(1 for session in self.sessions.values() if session.authorization is not None)
        return self.profiles.limit_a(evse_id, self.board.clock.now(), sharing)

    def _phases(self, evse_id: int) -> int:
        return self.profiles.phases(evse_id, self.board.clock.now())

    def _usable(self, evse_id: int) -> bool:
        return self.availability.operative(evse_id) and not self.reset_scheduled

    def _session_changed(self, evse_id: int) -> None:
        tx = self.sessions[evse_id].transaction
        profile = self.start_profiles.pop(evse_id, None) if tx is not None else None
        if tx is not None and profile is not None:
            self.profiles.install(evse_id, profile | {"transaction_id": tx.transaction_id})  # F01.FR.10
        self.apply_limits()

    def _session_ended(self, evse_id: int, transaction_id: str) -> None:
        self.profiles.forget_transaction(transaction_id)
        if self.sessions[evse_id].connected:
            self.spent.add(evse_id)
        self.start_profiles.pop(evse_id, None)
        self.settle_scheduled()

    async def _send_event(self, evse_id: int, event: dict[str, Any]) -> bool:
        endpoint = self.endpoint
        if "charging_state" in event["transaction_info"] and self.board.faults.on("statuses_told_late"):
            await asyncio.sleep(TOLD_LATE_S)
        if event.get("offline") and event["event_type"] == "Updated" and event["meter_value"]:
            if self.board.faults.on("offline_meter_values_lost"):
                return True
            event = event | {"meter_value": self._as_told_late(evse_id, event["meter_value"])}
        result = await endpoint.ask(CALL.TransactionEvent(**event)) if endpoint is not None else None
        if result is None:
            if endpoint is None or endpoint.hung_up:
                await asyncio.Event().wait()  # not a refusal: the delivery is about to be cancelled
            return False
        token: IdToken | None = event.get("id_token")
        if token is not None and result.id_token_info is not None:
            self._token_judged(evse_id, event["transaction_info"]["transaction_id"], token, result.id_token_info)
        return True

    def _as_told_late(self, evse_id: int, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Meter values as the wrong stations tell them that stamp or read anew what they took offline."""
        if self.board.faults.on("offline_values_stamped_when_sent"):
            values = [value | {"timestamp": self.board.clock.text()} for value in values]
        if self.board.faults.on("offline_values_read_when_sent"):
            now_wh = {"value": self.board.read_meter(evse_id).energy_wh}
            values = [value | {"sampled_value": [one | now_wh for one in value["sampled_value"]]} for value in values]
        return values

    def remember_token(self, token: IdToken, info: dict[str, Any]) -> None:
        """Take what the CSMS said of a token into the cache."""
        self.cache.remember(token, info)
        if self.cache.accepted(token) is not None and self.board.faults.on("cache_forgets_at_once"):
            self.cache.clear()

    def _token_judged(self, evse_id: int, transaction_id: str, token: IdToken, info: dict[str, Any]) -> None:
        self.remember_token(token, info)
        tx = self.sessions[evse_id].transaction
        if info["status"] != "Accepted" and tx is not None and tx.transaction_id == transaction_id:
            self.sessions[evse_id].refused_by_csms()

    def _wire_model(self) -> None:
        written = set(self.board.nvram.read("variables201", {}))
        for name, text in self.board.config.variables.items():
            component, _dot, variable = name.partition(".")
            try:
                found = self.model.find(component, variable)
            except KeyError:
                raise BenchError(
                    f"station.variables.{name}: this station has no such variable. "
                    "Cure: write Component.Variable as in bench/virtual/stations/ocpp201/variables.py"
                ) from None
            if found.storage_name() not in written:
                found.value = text
        self.model.find("ClockCtrlr", "DateTime").live = self.board.clock.text
        self.model.find("SmartChargingCtrlr", "Entries", "ChargingProfiles").live = lambda: str(len(self.profiles))
        for row in self.model.all():
            if row.name == "AvailabilityState":
                row.live = _state_of(self, row)
        self.model.on_set = self._variable_set
        self.model.takes_any_text_for_a_boolean = lambda: self.board.faults.on("boolean_text_taken_for_false")
        self._remember_back_off()

    def _variable_set(self, variable: Variable) -> None:
        nvram, model = self.board.nvram, self.model
        if variable.name == "HeartbeatInterval":
            self.heartbeat_changed.set()
        elif (variable.component, variable.name) == ("AlignedDataCtrlr", "Interval"):
            self.aligned_interval_set()
        elif variable.name == "WebSocketPingInterval":
            nvram.write("ping_interval_s", model.integer("OCPPCommCtrlr", "WebSocketPingInterval"))
        elif variable.name == "BasicAuthPassword":
            nvram.write("password", str(variable.value).encode().hex())
            self.spawn(self._reconnect())
        elif variable.name.startswith("RetryBackOff"):
            self._remember_back_off()

    async def _reconnect(self) -> None:
        """Connect anew with the new password, once SetVariables has been answered (A01)."""
        await asyncio.sleep(RECONNECT_S)
        if self.board.faults.has("stays_away_with_a_new_password"):
            self.board.nvram.write(NEW_PASSWORD, True)
        if self.endpoint is not None:
            await self.endpoint.close()

    def _remember_back_off(self) -> None:
        number = self.model.integer
        self.board.nvram.write(
            "backoff",
            {
                "wait_minimum_s": float(number("OCPPCommCtrlr", "RetryBackOffWaitMinimum")),
                "random_range_s": float(number("OCPPCommCtrlr", "RetryBackOffRandomRange")),
                "repeat_times": number("OCPPCommCtrlr", "RetryBackOffRepeatTimes"),
            },
        )


def facts_of(board: Board) -> StationFacts:
    """The data sheet of the station that the board belongs to."""
    config = board.config
    return StationFacts(
        identity=config.identity,
        vendor=config.vendor,
        model=config.model,
        serial_number=config.serial,
        firmware_version=str(board.nvram.read("firmware_version", config.firmware_version)),
        evse_ids=tuple(board.evses),
        rated_current_a=config.max_current_a,
        nominal_voltage_v=config.nominal_voltage_v,
        phases=config.phases,
        phase_switching=config.phase_switching,
        random_delay_s=config.random_delay_s,
        security_profile=0 if config.password is None else 1,
    )


def _state_of(firmware: Firmware, variable: Variable) -> Any:
    if variable.evse_id is not None:
        evse_id = variable.evse_id
        return lambda: firmware.status(evse_id)

    def station() -> str:
        states = {firmware.status(evse_id) for evse_id in firmware.facts.evse_ids}
        return next((s for s in ("Available", "Occupied", "Unavailable", "Faulted") if s in states), "Available")

    return station


async def _told(endpoint: Endpoint, request: Any) -> None:
    await endpoint.ask(request)
