"""Transactions: from authorisation and cable to StartTransaction, and back (sections 4.8-4.10, 5.11, 5.12)."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.awaited_driver import AwaitedDrivers
from bench.virtual.stations.faults_provoked import BEGINS_AGAIN_S
from bench.virtual.stations.ocpp16.keys import FREE_VEND, LONGEST_TAG
from bench.virtual.stations.ocpp16.outlet import Authorisation, Outlet, Transaction
from bench.virtual.stations.ocpp16.wrong_sessions import WrongSessions
from bench.virtual.stations.power_rules import Event
from bench.virtual.stations.times import FORCED_OPENING_S

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

OPENING_WAIT_S = FORCED_OPENING_S + 1.5
"""The final register is read with the contactor open; later than this it is read all the same."""

RELEASE_POLL_S = 1.0

IN_THE_END_S = 50.0
"""When a station stops a transaction that it should go on with, and is in no hurry."""


class Transactions:
    """Starts and stops transactions as authorisation, cable, faults and configuration demand."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._timeouts: dict[int, asyncio.TimerHandle] = {}
        self._lapsed: dict[int, Authorisation | None] = {}
        self.wrong = WrongSessions(stack)
        self._awaited = AwaitedDrivers(stack.board)

    def power_up(self) -> None:
        """Subscribe to the controllers and end what the loss of supply interrupted (reason PowerLoss)."""
        for outlet in self._stack.outlets.values():
            outlet.controller.on_event(partial(self._on_event, outlet))
        interrupted = self._stack.board.nvram.read("transactions", [])
        reason = self._reason_of_start()
        lost_at = self._stack.board.nvram.read("lost_supply_at", self._stack.board.clock.text())
        for row in interrupted:
            transaction = Transaction(**row)
            outlet = self._stack.outlets[transaction.connector_id]
            if reason == "PowerLoss" and self._resumes(transaction.connector_id):
                self._resume(outlet, transaction)
                continue
            if not self._stack.board.faults.on("interrupted_transaction_forgotten"):
                self._report_stop(outlet, transaction, reason, None, lost_at)
            outlet.finishing = outlet.controller.plugged
            outlet.controller.request_unlock()
            self._stack.spawn(self._await_release(outlet))
            if self._stack.board.faults.on("begins_again_after_power_loss"):
                again = Authorisation(transaction.id_tag, transaction.parent_id_tag)
                self._stack.board.loop.call_later(BEGINS_AGAIN_S, self.authorise, outlet, again)
        self._save()
        for outlet in self._stack.outlets.values():
            self.wrong.restarted(outlet)
        self._err_on_start()

    def _resumes(self, connector_id: int) -> bool:
        """Whether a transaction goes on that the loss of supply interrupted; the wrong station forgets its profile."""
        limits, faults = self._stack.smart_charging, self._stack.board.faults
        if limits.has_tx_profile(connector_id) and faults.on("resumes_without_its_limit"):
            limits.end_of_transaction(connector_id)
            return True
        return faults.on("resumes_after_power_loss")

    def _resume(self, outlet: Outlet, transaction: Transaction) -> None:
        outlet.transaction = transaction
        outlet.controller.allow(self._stack.smart_charging.limit_a(outlet, self._stack.board.clock.now()))
        self._stack.metering.begin(outlet, transaction)

    def _reason_of_start(self) -> str:
        """Why what ran before this power-up ended (section 7.36)."""
        boot_reason = self._stack.boot_reason
        if boot_reason == "RemoteReset":
            return f"{self._stack.board.nvram.read('reset', 'Hard')}Reset"
        return "PowerLoss" if boot_reason == "PowerUp" else "Reboot"

    def _err_on_start(self) -> None:
        """What the wrong stations do with an EV that is connected when they start."""
        faults = self._stack.board.faults
        for outlet in self._stack.outlets.values():
            if not outlet.controller.plugged:
                continue
            if faults.on("available_after_boot_with_cable"):
                outlet.overlooked, outlet.finishing = True, False
            if faults.on("supplies_after_start"):
                outlet.controller.allow(self._stack.board.config.max_current_a)

    def power_down(self) -> None:
        """The last gasp: remember when it was."""
        self._stack.board.nvram.write("lost_supply_at", self._stack.board.clock.text())
        waiting = (one for one in self._stack.outlets.values() if one.authorisation is not None)
        self._awaited.power_down(one.connector_id for one in waiting if not one.controller.plugged)
        for connector_id in tuple(self._timeouts):
            self._stop_timeout(connector_id)

    def by_id(self, transaction_id: int) -> Outlet | None:
        """The connector where this transaction runs."""
        for outlet in self._stack.outlets.values():
            if outlet.transaction is not None and outlet.transaction.transaction_id == transaction_id:
                return outlet
        return None

    def authorise(self, outlet: Outlet, authorisation: Authorisation) -> None:
        """Let this user charge here: at once when the cable is in, else within ConnectionTimeOut (section 9.1.6)."""
        outlet.finishing = outlet.unplugged_in_transaction = False
        outlet.authorisation = authorisation
        self._stop_timeout(outlet.connector_id)
        patience_s = self._stack.configuration.integer("ConnectionTimeOut")
        if patience_s > 0:
            hasty = self._stack.board.faults.on("connection_timeout_halved")
            timer = self._stack.board.loop.call_later(patience_s / 2 if hasty else patience_s, self._lapse, outlet)
            self._timeouts[outlet.connector_id] = timer
        self.consider(outlet.connector_id)

    def _waits_for_ever(self) -> bool:
        faults = self._stack.board.faults
        return faults.on("connection_timeout_ignored") or faults.on("authorization_never_ends")

    def _lapse(self, outlet: Outlet) -> None:
        if self._waits_for_ever():
            return
        if self._stack.board.faults.on("authorisation_outlives_timeout"):
            self._lapsed[outlet.connector_id] = outlet.authorisation
        self.give_up(outlet)

    def give_up(self, outlet: Outlet) -> None:
        """The cable did not come in time, or the tag was presented again: back to the original state (B1)."""
        self._stop_timeout(outlet.connector_id)
        outlet.authorisation = None
        self.consider(outlet.connector_id)

    def consider(self, connector_id: int) -> None:
        """Something changed at a connector: start what can start, and report the status."""
        outlet = self._stack.outlets[connector_id]
        ready = outlet.authorisation is not None and outlet.controller.plugged and outlet.operative and not outlet.inert
        if ready and outlet.transaction is None and not outlet.out_of_order and not self._stack.power.lost:
            if outlet.controller.secured or outlet.controller.faulted:
                self._start(outlet)
            else:
                outlet.controller.secure()
        self._stack.reservations.review()
        self._stack.statuses.update(connector_id)

    def finish_without_charging(self, outlet: Outlet) -> None:
        """Nobody came to charge the EV that is connected: the cable has to be taken out first (section 4.9, B6)."""
        outlet.finishing = True
        self.consider(outlet.connector_id)
        self._stack.spawn(self._await_release(outlet))

    def stop(self, outlet: Outlet, reason: str, id_tag: str | None = None, *, unlock: bool = True) -> None:
        """Stop the transaction of a connector, if one runs. StopTransaction follows once the contactor is open."""
        transaction = outlet.transaction
        if transaction is None or transaction.stopping:
            return
        transaction.stopping = True
        goes_on = {"EVDisconnected": "energy_after_ev_disconnect", "UnlockCommand": "unlock_keeps_energy"}
        goes_on["SoftReset"] = "soft_reset_keeps_energy"
        if reason not in goes_on or not self._stack.board.faults.on(goes_on[reason]):
            outlet.controller.forbid()
        self._stack.statuses.update(outlet.connector_id)
        self._stack.spawn(self._finish(outlet, transaction, reason, id_tag, unlock=unlock))

    def on_answer(self, entry: dict[str, Any], answer: Any) -> None:
        """The CSMS answered a queued message."""
        if entry["action"] == "StopTransaction" and answer.id_tag_info and entry["fields"].get("id_tag"):
            self._stack.authorizer.learn(entry["fields"]["id_tag"], answer.id_tag_info)
        if entry["action"] != "StartTransaction":
            return
        info = self._stack.authorizer.learn(entry["fields"]["id_tag"], answer.id_tag_info)
        outlet = self._stack.outlets[entry["fields"]["connector_id"]]
        transaction = outlet.transaction
        if transaction is None or transaction.uid != entry["uid"]:
            return
        transaction.transaction_id = answer.transaction_id
        transaction.parent_id_tag = info.get("parent_id_tag") or transaction.parent_id_tag
        self._save()
        if self.wrong.answered(transaction, info["status"]):
            return
        if info["status"] != "Accepted" and not self._stack.board.faults.on("starts_unauthorised"):
            self._deauthorise(outlet, transaction)

    def _deauthorise(self, outlet: Outlet, transaction: Transaction) -> None:
        """StartTransaction.conf was not Accepted (errata 3.17, 3.5)."""
        faults = self._stack.board.faults
        if self._stack.configuration.flag("StopTransactionOnInvalidId") or faults.on("invalid_id_always_stops"):
            outlet.keep_locked_for = transaction.id_tag
            self.stop(outlet, "DeAuthorized", unlock=False)
            return
        transaction.deauthorised = True
        if not faults.on("invalid_id_keeps_energy"):
            outlet.controller.forbid()
        for name, after_s in (
            ("invalid_id_stops_later", OPENING_WAIT_S),
            ("invalid_id_stops_in_the_end", IN_THE_END_S),
        ):
            if faults.on(name):
                self._stack.board.loop.call_later(after_s, self.stop, outlet, "DeAuthorized")
        self._stack.statuses.update(outlet.connector_id)

    def _on_event(self, outlet: Outlet, event: Event) -> None:
        if event == "plugged":
            self._on_plugged(outlet)
            self._awaited.plugged(outlet.connector_id, taken=outlet.authorisation is not None)
        elif event == "unplugged":
            self._on_unplugged(outlet)
        elif event == "charging" and outlet.transaction is not None:
            outlet.transaction.has_charged = True
        elif event == "suspended_evse" and self._stack.board.faults.on("pause_ends_transaction"):
            self.stop(outlet, "Other")
        elif event == "fault":
            self._stack.reservations.connector_lost(outlet.connector_id)  # section 5.13
            if outlet.controller.fault == "emergency_stop":
                self.stop(outlet, "EmergencyStop")
            elif outlet.controller.fault == "lock_failure" and outlet.out_of_order:
                self.give_up(outlet)  # the user has to begin again, with the plug home
        self.consider(outlet.connector_id)

    def _on_plugged(self, outlet: Outlet) -> None:
        outlet.unplugged_in_transaction = False
        if outlet.transaction is not None:
            return
        outlet.finishing = False
        if self._stack.board.faults.on("authorization_lost_on_plug_in"):
            outlet.authorisation = None
            return
        if outlet.authorisation is None:
            outlet.authorisation = self._lapsed.pop(outlet.connector_id, None)
        if outlet.authorisation is None:
            self._claim_roaming(outlet)
        free = self._stack.configuration.text(FREE_VEND)
        if free and outlet.authorisation is None and outlet.operative:
            spoilt = self._stack.board.faults.on("free_tag_in_hexadecimal")
            self.authorise(outlet, Authorisation(free.encode().hex()[:LONGEST_TAG] if spoilt else free))

    def _claim_roaming(self, outlet: Outlet) -> None:
        """The one reader serves all connectors: the user chose this one by plugging in."""
        for other in self._stack.outlets.values():
            waiting = other.authorisation
            if waiting is None or not waiting.roaming or other.controller.plugged or not outlet.free:
                continue
            if self._stack.reservations.admits(outlet.connector_id, waiting.id_tag, waiting.parent_id_tag):
                self.give_up(other)
                self.authorise(outlet, waiting)
                return

    def _on_unplugged(self, outlet: Outlet) -> None:
        outlet.overlooked = outlet.barred = outlet.inert = False
        if outlet.transaction is None or outlet.transaction.stopping:
            return
        if self._stack.board.faults.on("energy_cut_not_told"):
            return
        outlet.unplugged_in_transaction = True
        faults = self._stack.board.faults
        stops = self._stack.configuration.flag("StopTransactionOnEVSideDisconnect")
        stops = stops or faults.on("stops_on_every_ev_disconnect")
        if faults.on("unlocks_on_ev_side_disconnect"):
            outlet.controller.request_unlock()
        if faults.on("stops_some_time_after_ev_disconnect"):
            self._stack.board.loop.call_later(OPENING_WAIT_S, self.stop, outlet, "EVDisconnected")
        if stops and not faults.on("ev_disconnect_keeps_transaction"):
            unlock = self._stack.configuration.flag("UnlockConnectorOnEVSideDisconnect")
            unlock = unlock and not faults.on("locked_after_ev_disconnect")
            unlock = unlock or faults.on("unlocks_on_ev_side_disconnect")
            outlet.keep_locked_for = None if unlock else outlet.transaction.id_tag
            self.stop(outlet, "EVDisconnected", unlock=unlock)

    def _start(self, outlet: Outlet) -> None:
        authorisation = outlet.authorisation
        assert authorisation is not None  # the caller has looked
        self._stop_timeout(outlet.connector_id)
        id_tag, parent = authorisation.id_tag, authorisation.parent_id_tag
        reservation = self._stack.reservations.use(outlet.connector_id, id_tag, parent)
        outlet.authorisation = None
        faults, clock = self._stack.board.faults, self._stack.board.clock
        transaction = Transaction(
            uid=self._stack.board.message_id(),
            connector_id=outlet.connector_id,
            id_tag=authorisation.id_tag,
            parent_id_tag=authorisation.parent_id_tag,
            meter_start_wh=self._stack.metering.register_wh(outlet.connector_id),
            started_at=clock.text(),
        )
        outlet.transaction = transaction
        self._save()
        fields: dict[str, Any] = {
            "connector_id": outlet.connector_id,
            "id_tag": f"X{authorisation.id_tag}"[:20] if faults.on("starts_with_other_tag") else authorisation.id_tag,
            "meter_start": 0 if faults.on("meter_start_zero") else transaction.meter_start_wh,
            "timestamp": transaction.started_at,
        }
        if reservation is not None and not faults.on("reservation_id_missing"):
            fields["reservation_id"] = reservation["reservation_id"]
        self._stack.queue.put("StartTransaction", fields, transaction.uid)
        if authorisation.profile is not None:
            self._stack.smart_charging.install(outlet.connector_id, authorisation.profile)
        outlet.controller.allow(self._stack.smart_charging.limit_a(outlet, clock.now()))
        self._stack.smart_charging.apply()
        self._stack.metering.begin(outlet, transaction)
        self.wrong.begun(outlet, transaction)

    async def _finish(
        self, outlet: Outlet, transaction: Transaction, reason: str, id_tag: str | None, *, unlock: bool
    ) -> None:
        await outlet.controller.until(lambda: not outlet.controller.energising, OPENING_WAIT_S)
        self._report_stop(outlet, transaction, reason, id_tag, self._stack.board.clock.text())
        outlet.transaction = None
        outlet.finishing = (
            outlet.controller.plugged or outlet.controller.cable_in_socket or outlet.unplugged_in_transaction
        )
        self.wrong.ended(outlet)
        self._save()
        self._stack.smart_charging.end_of_transaction(outlet.connector_id)
        self._stack.smart_charging.apply()
        if unlock:
            outlet.controller.request_unlock()
        self.consider(outlet.connector_id)
        await self._await_release(outlet)

    async def _await_release(self, outlet: Outlet) -> None:
        """All user actions are completed (F1) when the cable is out."""
        while outlet.finishing and not self._stack.board.faults.on("finishing_outlives_the_cable"):
            await asyncio.sleep(RELEASE_POLL_S)
            if not outlet.controller.plugged and not outlet.controller.cable_in_socket:
                outlet.finishing = outlet.unplugged_in_transaction = False
                outlet.keep_locked_for = None
                self.consider(outlet.connector_id)

    def report_end(self, outlet: Outlet, transaction: Transaction, reason: str) -> None:
        """Tell that a transaction has ended now."""
        self._report_stop(outlet, transaction, reason, None, self._stack.board.clock.text())

    def _report_stop(self, outlet: Outlet, transaction: Transaction, reason: str, id_tag: str | None, at: str) -> None:
        if self.wrong.keeps_the_end(transaction, reason):
            return
        faults = self._stack.board.faults
        meter_stop_wh = self._stack.metering.register_wh(outlet.connector_id)
        now = self._stack.board.clock.now()
        self._stack.metering.note(outlet, transaction, "StopTxnSampledData", "Transaction.End", now)
        fields: dict[str, Any] = {
            "meter_stop": meter_stop_wh + 50 if faults.on("meter_stop_wrong") else meter_stop_wh,
            "timestamp": at,
            "reason": reason,
        }
        if faults.on("stop_stamped_with_the_start"):
            fields["timestamp"] = transaction.started_at
        for name, wrong in (("stop_reason_always_local", "Local"), ("stop_reason_always_other", "Other")):
            if faults.on(name):
                fields["reason"] = wrong
        if id_tag is not None and not faults.on("stop_without_tag"):
            fields["id_tag"] = id_tag
        if transaction.samples:
            fields["transaction_data"] = transaction.samples
        self.wrong.bent(transaction, fields)
        self._stack.queue.put("StopTransaction", fields, transaction.uid)

    def _stop_timeout(self, connector_id: int) -> None:
        timer = self._timeouts.pop(connector_id, None)
        if timer is not None:
            timer.cancel()

    def _save(self) -> None:
        running = [o.transaction.to_json() for o in self._stack.outlets.values() if o.transaction is not None]
        self._stack.board.nvram.write("transactions", running)
