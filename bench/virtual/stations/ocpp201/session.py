"""What goes on at one EVSE: cable, authorisation, energy, and the transaction that TxStartPoint makes of them.

Sources: Part 2, E01 to E10 (start and stop), F01 to F03 (remote), C15 and E05 (deauthorised by the CSMS), TxStartPoint
and TxStopPoint (Referenced Components and Variables 2.6.4 to 2.6.6).
"""

import asyncio
from collections.abc import Callable
from typing import Literal

from bench.virtual.stations.board import Board
from bench.virtual.stations.ocpp201.device_model import DeviceModel
from bench.virtual.stations.ocpp201.events import EventWriter
from bench.virtual.stations.ocpp201.hooks import Hooks
from bench.virtual.stations.ocpp201.sampling import Sampler
from bench.virtual.stations.ocpp201.transaction import Authorization, IdToken, Transaction
from bench.virtual.stations.ocpp201.tx_points import (
    ENDS_WITH_AUTHORIZATION,
    FAULT_REASONS,
    Happening,
    cable_ends_transaction,
    starts_transaction,
)

POWER_OFF_S = 8.0
"""How long the end of a transaction waits for the contactor to open before it is reported all the same."""

CAP_CHECK_S = 5.0

NO_TOKEN: IdToken = {"id_token": "", "type": "NoAuthorization"}


class Session:
    """State of one EVSE. Calls come from the controller's events, the reader and the CSMS, all in the loop."""

    def __init__(self, board: Board, evse_id: int, model: DeviceModel, events: EventWriter, hooks: Hooks) -> None:
        self.evse_id = evse_id
        self.connected = False
        self.authorization: Authorization | None = None
        self.transaction: Transaction | None = None
        self.movable = False
        self.keeper: IdToken | None = None
        self._board = board
        self._controller = board.evses[evse_id]
        self._model = model
        self._events = events
        self._hooks = hooks
        self._sampler = Sampler(board, model, events)
        self._evse_due = False
        self._remote_start_id: int | None = None
        self._after_power_off: Callable[[], None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def busy(self) -> bool:
        """Whether the EVSE is taken: an authorised driver or a transaction."""
        return self.authorization is not None or self.transaction is not None

    @property
    def ending(self) -> bool:
        """Whether the end of the transaction is decided and waits for the contactor."""
        return self._after_power_off is not None

    def plugged(self) -> None:
        """The EV is connected (E02.FR.05, E02.FR.06); said again, it changes nothing."""
        if self.connected:
            return
        self.connected = True
        self.movable = False
        self._evse_due = True
        self._cancel("connect")
        self._advance("CablePluggedIn", "plugged")
        if self.authorization is None and not self._model.flag("AuthCtrlr", "Enabled"):
            self.authorize(NO_TOKEN)
        self.energise()

    def unplugged(self) -> None:
        """The connection to the EV is lost (E06.FR.02, E06.FR.06, E09, E10)."""
        if self._board.faults.on("energy_cut_not_told") and self.transaction is not None:
            return
        self.connected = False
        if self._after_power_off is not None:
            self._power_is_off()
            return
        unlock = self._model.flag("OCPPCommCtrlr", "UnlockOnEVSideDisconnect")  # E09.FR.02, E09.FR.03
        tx = self.transaction
        if tx is None:
            self._withdraw(unlock=unlock)
            return
        deauthorize = self._model.flag("TxCtrlr", "StopTxOnEVSideDisconnect")
        if cable_ends_transaction(self._points("TxStopPoint"), deauthorize=deauthorize):
            tx.stop_reason = tx.stop_reason or "EVDisconnected"
            self._withdraw(unlock=unlock)
            self._end("EVCommunicationLost")
            return
        if deauthorize:
            self._withdraw(unlock=unlock)
        else:
            self._await_cable()
        self._update("EVCommunicationLost", state="Idle")

    def authorize(
        self,
        token: IdToken,
        group: IdToken | None = None,
        remote_start_id: int | None = None,
        *,
        evse_known: bool = True,
    ) -> None:
        """A driver may charge here (E02.FR.01, E03.FR.01, F01.FR.19, F01.FR.25).

        `evse_known` is False when the driver may as well plug in at another EVSE.
        """
        self.keeper = None
        self.authorization = Authorization(token, group)
        self._remote_start_id = remote_start_id
        self.movable = not evse_known and not self.connected
        trigger = "Authorized" if remote_start_id is None else "RemoteStart"
        self._advance(trigger, "authorized")
        if not self.connected:
            self._await_cable()
        self.energise()
        self._hooks.changed(self.evse_id)

    def end_authorization(
        self, trigger: str, reason: str, token: IdToken | None = None, *, force_end: bool = False, unlock: bool = True
    ) -> None:
        """The driver may charge no longer: energy stops, and what TxStopPoint says follows (E06, E07, F03)."""
        self._withdraw(unlock=unlock)
        tx = self.transaction
        if tx is None:
            return
        tx.stop_reason = reason
        if force_end or ENDS_WITH_AUTHORIZATION & self._points("TxStopPoint"):
            self._when_power_is_off(lambda: self._end(trigger, token))
            return
        self._update(trigger, token=token)
        self._when_power_is_off(self._report_state)

    def abort(self, trigger: str, reason: str) -> None:
        """End the transaction now, whatever the contactor does (B12.FR.04, E06.FR.16)."""
        self._withdraw()
        self._after_power_off = None
        if self.transaction is not None:
            self.transaction.stop_reason = reason
            self._end(trigger)

    def refused_by_csms(self) -> None:
        """A TransactionEventResponse said that the token is not accepted (E05.FR.02, .03, .09, .10)."""
        tx = self.transaction
        if tx is None or self.authorization is None or self.ending:
            return
        if self._model.flag("TxCtrlr", "StopTxOnInvalidId"):
            self.end_authorization("Deauthorized", "DeAuthorized", unlock=False)
            return
        tx.energy_cap_wh = self._events.energy_wh() + self._model.integer("TxCtrlr", "MaxEnergyOnInvalidId")
        self._check_cap()

    def energy_event(self, event: str) -> None:
        """The controller reports `charging`, `suspended_ev` or `suspended_evse` (E01.FR.18, E06.FR.07)."""
        if self.ending or (self.authorization is None and self._board.faults.on("energy_without_authorization")):
            return
        if event != "charging" and self._board.faults.on("energy_cut_not_told"):
            return
        if event == "charging":
            self._advance("ChargingStateChanged", "energy")
            return
        if self.transaction is None:
            return
        wrong = event == "suspended_evse" and self._board.faults.on("pause_ends_transaction")
        if wrong or "EnergyTransfer" in self._points("TxStopPoint"):
            self.abort("ChargingStateChanged", "StoppedByEV" if event == "suspended_ev" else "Other")
            return
        self._update("ChargingStateChanged", state=self._state())

    def fault(self) -> None:
        """The controller has a fault: the transaction ends (E06.FR.16)."""
        if self._board.faults.on("energy_cut_not_told") or self._board.faults.on("faulted_takes_sessions"):
            return
        reason = FAULT_REASONS.get(str(self._controller.fault), "Other")
        self.abort("AbnormalCondition", reason)

    def contactor_moved(self) -> None:
        """The mirror contact changed."""
        if self._after_power_off is not None and not self._controller.energising:
            self._power_is_off()

    def energise(self) -> None:
        """Offer energy when the driver is authorised and the EV is connected."""
        unknown = self.authorization is None and not self._board.faults.on("energy_without_authorization")
        out_of_order = self._controller.faulted and not self._board.faults.on("faulted_takes_sessions")
        if unknown or not self.connected or out_of_order:
            return
        if self.transaction is not None and self.transaction.ready_at is None:
            self.transaction.ready_at = self._board.clock.now()
        if self._board.config.phase_switching:
            self._controller.set_phases(self._hooks.phases(self.evse_id))
        if self._controller.permitted:
            self._controller.set_limit(self.limit_a())
        else:
            self._controller.allow(self.limit_a())

    def limit_a(self) -> float:
        """Amperes that may be offered now: none once MaxEnergyOnInvalidId is used up (E05.FR.02)."""
        tx = self.transaction
        if tx is not None and tx.energy_cap_wh is not None and self._events.energy_wh() >= tx.energy_cap_wh:
            return 0.0
        return self._hooks.limit_a(self.evse_id)

    def unlock_commanded(self) -> None:
        """The CSMS had the connector unlocked (E02.FR.17)."""
        self._update("UnlockCommand", state=self._state())

    def triggered(self) -> None:
        """Report as TriggerMessage asked (F06.FR.07)."""
        measurands = self._model.members("SampledDataCtrlr", "TxUpdatedMeasurands")
        self._update("Trigger", state=self._state(), readings=self._events.sample(measurands, "Trigger"))

    def aligned(self, measurands: tuple[str, ...]) -> None:
        """Report a clock-aligned reading inside the transaction (J01.FR.22)."""
        self._update("MeterValueClock", readings=self._events.sample(measurands, "Sample.Clock"))

    def move_to(self, other: "Session") -> None:
        """The driver who was authorised without an EVSE plugged in elsewhere: take everything there."""
        other.authorization, self.authorization = self.authorization, None
        other.transaction, self.transaction = self.transaction, None
        self._cancel("connect")
        self._sampler.stop()
        self._events.forget()
        other.sample_on()
        self._hooks.changed(self.evse_id)

    def sample_on(self) -> None:
        """Sample for a transaction that was taken over."""
        if self.transaction is not None:
            self._sampler.start(self.transaction, self._sampled)

    def finish_interrupted(self, transaction: Transaction, reason: str) -> None:
        """End a transaction that the last power-up left open."""
        self.transaction = transaction
        transaction.stop_reason = reason
        self._end("AbnormalCondition")

    def shut_down(self) -> None:
        """Stop all timers."""
        self._sampler.stop()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _points(self, name: str) -> set[str]:
        return set(self._model.members("TxCtrlr", name))

    def _starts(self, happening: Happening) -> bool:
        points = self._points("TxStartPoint")
        if self._board.faults.on("cable_starts_no_transaction"):
            points.discard("EVConnected")
        return self._hooks.operative(self.evse_id) and starts_transaction(
            points, happening, connected=self.connected, authorized=self.authorization is not None
        )

    def _advance(self, trigger: str, happening: Happening) -> None:
        if self.transaction is not None:
            self._update(trigger, state=self._state())
        elif self._starts(happening):
            self._start(trigger)

    def _start(self, trigger: str) -> None:
        tx = Transaction(self._board.message_id(), self._board.clock.now(), self._state())
        if self.connected and self.authorization is not None:
            tx.ready_at = tx.started_at
        self.transaction = tx
        readings = [] if self.movable else self._events.begin(tx)
        self._send("Started", trigger, state=tx.charging_state, readings=readings)
        self.sample_on()
        self._hooks.changed(self.evse_id)

    def _update(
        self,
        trigger: str,
        *,
        state: str | None = None,
        token: IdToken | None = None,
        readings: list[dict[str, object]] | None = None,
    ) -> None:
        tx = self.transaction
        if tx is None:
            return
        phases = None
        if state == "Charging" and tx.charging_state != "Charging":
            phases = self._events.phases_drawn() or None
            if tx.begin_due:
                readings = [*(readings or []), *self._events.begin(tx)]
        if state is not None:
            tx.charging_state = state
        self._send("Updated", trigger, state=state, token=token, readings=readings, phases_used=phases)

    def _end(self, trigger: str, token: IdToken | None = None) -> None:
        tx = self.transaction
        if tx is None:
            return
        self._sampler.stop()
        self._send("Ended", trigger, state=self._state(), token=token, readings=self._events.end(tx))
        self.transaction = None
        self._hooks.ended(self.evse_id, tx.transaction_id)
        self._hooks.changed(self.evse_id)

    def _send(
        self,
        kind: Literal["Started", "Updated", "Ended"],
        trigger: str,
        *,
        state: str | None,
        token: IdToken | None = None,
        readings: list[dict[str, object]] | None = None,
        phases_used: int | None = None,
    ) -> None:
        tx = self.transaction
        assert tx is not None
        if self.authorization is not None and not self.authorization.reported:
            self.authorization.reported = True
            token = tx.token = self.authorization.token
        remote, self._remote_start_id = self._remote_start_id, None
        with_evse = self._evse_due and self.connected
        self._evse_due = self._evse_due and not with_evse
        self._events.post(
            kind,
            tx,
            "RemoteStart" if remote is not None else trigger,
            state=state,
            token=token,
            remote_start_id=remote,
            with_evse=with_evse,
            readings=readings,
            phases_used=phases_used,
        )

    def _sampled(self, readings: list[dict[str, object]]) -> None:
        if not self.ending:
            self._update("MeterValuePeriodic", readings=readings)

    def _report_state(self) -> None:
        self._update("ChargingStateChanged", state=self._state())

    def _state(self) -> str:
        if not self.connected:
            return "Idle"
        names = {"charging": "Charging", "suspended_ev": "SuspendedEV", "suspended_evse": "SuspendedEVSE"}
        return names.get(self._controller.activity, "EVConnected")

    def release(self) -> None:
        """The owner of a cable that was kept locked has identified himself (E05.FR.11, E09.FR.03)."""
        self.keeper = None
        self._controller.request_unlock()

    def _withdraw(self, *, unlock: bool = True) -> None:
        if not unlock and self.authorization is not None:
            self.keeper = self.authorization.token
        self.authorization = None
        self.movable = False
        self._remote_start_id = None
        self._cancel("connect")
        self._cancel("cap")
        self._controller.forbid()
        if unlock:
            self._controller.request_unlock()

    def _when_power_is_off(self, action: Callable[[], None]) -> None:
        self._after_power_off = action
        if self._controller.energising:
            self._schedule("power_off", POWER_OFF_S, self._power_is_off)
        else:
            self._power_is_off()

    def _power_is_off(self) -> None:
        self._cancel("power_off")
        action, self._after_power_off = self._after_power_off, None
        if action is not None:
            action()

    def _await_cable(self) -> None:
        self._schedule("connect", self._model.integer("TxCtrlr", "EVConnectionTimeOut"), self._cable_never_came)

    def _cable_never_came(self) -> None:
        # E03.FR.05, F02.FR.07: the transaction ends whatever TxStopPoint says
        self.end_authorization("EVConnectTimeout", "Timeout", force_end=True)

    def _check_cap(self) -> None:
        self.energise()
        if self.transaction is not None and self.limit_a() > 0:
            self._schedule("cap", CAP_CHECK_S, self._check_cap)

    def _schedule(self, name: str, delay_s: float, action: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = self._board.loop.call_later(delay_s, action)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
