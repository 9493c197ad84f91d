"""What the CSMS commands: start, stop, unlock, reset, trigger (sections 5.11, 5.12, 5.14, 5.17, 5.18)."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.faults_remote import LOOP_S, LOOPS
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.keys import STOP_BUTTON
from bench.virtual.stations.ocpp16.outlet import Authorisation, Outlet
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

FLUSH_S = 30.0
"""How long a reset waits for StopTransaction to be answered; after that it stays queued (errata 3.36)."""

GRACE_S = 45.0
"""How long a station waits with a soft reset that gives its drivers a warning."""

UNLOCK_S = 10.0


class Remote:
    """Commands of the CSMS. What they lead to happens after the reply was sent."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack

    async def may_try(self, id_tag: str) -> bool:
        """Whether a remote start is answered at all, or refused because the tag was: only some ask that early."""
        reserved = any(self._stack.reservations.needs_parent(n, id_tag) for n in self._stack.outlets)
        asks = reserved or self._stack.configuration.flag("AuthorizeRemoteTxRequests")
        if self._stack.board.faults.on("listed_tag_asked_before_a_remote_start"):
            with contextlib.suppress(UndeliveredError):
                await self._stack.csms.call(call.Authorize(id_tag=id_tag))
        if not asks or not self._stack.board.faults.on("refuses_a_remote_start_after_asking"):
            return True
        return bool((await self._stack.authorizer.authorize(id_tag))["status"] == "Accepted")

    def start(self, id_tag: str, connector_id: int | None, profile: dict[str, Any] | None) -> str:
        """RemoteStartTransaction.req; gives a RemoteStartStopStatus."""
        pending = self._stack.csms.registration != "Accepted"  # section 4.2: not allowed then
        if pending or self._stack.board.faults.on("remote_start_rejected"):
            return "Rejected"
        if "SmartCharging" not in self._stack.board.config.features:
            profile = None
        outlet = self._choose(connector_id, id_tag)
        if outlet is None or not outlet.free:
            return self._refuse(outlet, id_tag, connector_id)
        refused = profile is not None and self._stack.board.faults.on("remote_start_with_profile_rejected")
        if refused or (profile is not None and not self._usable(profile)):
            return self._refuse(outlet, id_tag, connector_id)
        if self._stack.board.faults.on("remote_start_profile_ignored"):
            profile = None
        ignored = self._stack.board.faults.on("remote_start_ignored") or (
            self._stack.board.faults.on("remote_start_needs_cable") and not outlet.controller.plugged
        )
        ignored = ignored or (outlet.spent and self._stack.board.faults.on("start_while_finishing_ignored"))
        if not ignored:
            self._stack.after_reply(lambda: self._stack.spawn(self._begin(outlet, id_tag, profile)))
        return "Accepted"

    def _refuse(self, outlet: Outlet | None, id_tag: str, connector_id: int | None) -> str:
        """What must come of a start that is refused is nothing but the answer."""
        faults = self._stack.board.faults
        if faults.on("refused_remote_start_begins"):
            free = outlet if outlet is not None and outlet.free else self._choose(None, id_tag)
            if free is not None:
                self._stack.after_reply(lambda: self._stack.spawn(self._begin(free, id_tag, None)))
        if faults.on("refused_remote_start_supplies"):
            (outlet or self._stack.outlets[1]).controller.allow(self._stack.board.config.max_current_a)
        if outlet is not None and outlet.transaction is not None:
            if faults.on("second_remote_start_cuts_energy"):
                outlet.controller.forbid()
            if faults.on("second_remote_start_ends_the_first"):
                self._stack.after_reply(lambda: self._stack.transactions.stop(outlet, "Remote"))
            return "Accepted" if faults.on("second_remote_start_accepted") else "Rejected"
        return "Accepted" if connector_id == 0 and faults.on("connector_0_start_accepted") else "Rejected"

    def stop(self, transaction_id: int) -> str:
        """RemoteStopTransaction.req; gives a RemoteStartStopStatus."""
        faults = self._stack.board.faults
        outlet = self._stack.transactions.by_id(transaction_id)
        if outlet is None:
            self._disturb_others()
            return "Accepted" if faults.on("unknown_transaction_stop_accepted") else "Rejected"
        if faults.on("stop_refused"):
            return "Rejected"
        if self._stack.configuration.flag(STOP_BUTTON) and faults.on("stop_button_setting_keeps_energy"):
            outlet.controller.hold()
        if not faults.on("remote_stop_ignored"):
            self._stack.after_reply(lambda: self._stack.transactions.stop(outlet, "Remote"))
        return "Accepted"

    def _disturb_others(self) -> None:
        """What a stop of an unknown transaction must not do."""
        faults = self._stack.board.faults
        for outlet in self._stack.outlets.values():
            if outlet.transaction is not None and faults.on("unknown_stop_stops_another"):
                self._stack.transactions.stop(outlet, "Remote")
            elif outlet.transaction is not None and faults.on("unknown_stop_cuts_energy"):
                outlet.controller.forbid()

    async def unlock(self, connector_id: int) -> str:
        """UnlockConnector.req; ends a transaction first; gives an UnlockStatus (errata 3.87 for unknown ones)."""
        faults = self._stack.board.faults
        outlet = self._stack.outlets.get(connector_id)
        if outlet is None:
            return "UnlockFailed" if faults.on("unknown_connector_unlock_failed") else "NotSupported"
        if self._stack.board.config.fixed_cable:
            return "Unlocked" if faults.on("captive_cable_unlocked") else "NotSupported"
        if faults.on("unlock_not_supported"):
            return "NotSupported"
        if outlet.transaction is not None and not faults.on("unlock_keeps_transaction"):
            self._stack.transactions.stop(outlet, "UnlockCommand", unlock=not faults.on("unlock_answered_only"))
        if faults.on("unlock_answered_only"):
            return "Unlocked"
        if faults.on("unlock_drives_home") and outlet.transaction is None:
            outlet.controller.secure()
            return "Unlocked"
        under_load = faults.on("unlock_keeps_transaction") or faults.on("unlock_keeps_energy")
        outlet.controller.request_unlock(under_load=under_load)
        unlocked = await outlet.controller.until(lambda: not outlet.controller.locked, UNLOCK_S)
        unlocked = unlocked or faults.on("plug_never_released")
        return "Unlocked" if unlocked and not faults.on("unlock_said_to_fail") else "UnlockFailed"

    def reset(self, kind: str) -> str:
        """Reset.req; gives a ResetStatus."""
        faults = self._stack.board.faults
        if faults.on("reset_rejected") or faults.on("reset_for_profile_rejected"):
            return "Rejected"
        if faults.on("reset_without_restart"):
            self._stack.after_reply(lambda: self._stack.spawn(self._register_only()))
        elif not faults.on("reset_ignored"):
            self._stack.after_reply(lambda: self._stack.spawn(self._restart(kind)))
        return "Accepted"

    def trigger(self, message: str, connector_id: int | None) -> str:
        """TriggerMessage.req; gives a TriggerMessageStatus."""
        outlets, faults = self._stack.outlets, self._stack.board.faults
        jobs: dict[str, list[Coroutine[Any, Any, Any]]] = {}
        if self._wrongly_refused(message, connector_id):
            return "Rejected"
        if message in {"MeterValues", "StatusNotification"}:
            allowed = [*outlets] if message == "MeterValues" else [0, *outlets]
            if connector_id is not None and connector_id not in allowed:
                return self._trigger_nowhere(message)
            wanted = allowed if connector_id is None else [connector_id]
            if message == "MeterValues" and faults.on("triggered_meter_values_missing"):
                wanted = []
            if message == "StatusNotification" and faults.on("triggered_connector_ignored"):
                wanted = [0]
            metering, statuses = self._stack.metering, self._stack.statuses
            jobs[message] = [
                metering.send_triggered(outlets[n]) if message == "MeterValues" else statuses.send(n) for n in wanted
            ]
        elif message == "BootNotification":
            return self._trigger_boot()
        elif message == "Heartbeat":
            jobs[message] = [] if faults.on("triggered_heartbeat_missing") else [self._stack.registration.beat()]
        elif message == "DiagnosticsStatusNotification":
            status = "Uploaded" if faults.on("triggered_diagnostics_not_idle") else self._stack.diagnostics.status
            request: Any = call.DiagnosticsStatusNotification(status=status)
            jobs[message] = [self._stack.csms.call(request, triggered=True)]
        elif message == "FirmwareStatusNotification":
            status = "Installed" if faults.on("triggered_firmware_not_idle") else self._stack.firmware.status
            request = call.FirmwareStatusNotification(status=status)
            jobs[message] = [self._stack.csms.call(request, triggered=True)]
        else:
            return "NotImplemented"
        self._after_reply(jobs[message])
        return "Accepted"

    def _wrongly_refused(self, message: str, connector_id: int | None) -> bool:
        """What only wrong stations do not send."""
        faults = self._stack.board.faults
        if message == "MeterValues":
            return faults.on("trigger_of_meter_values_rejected")
        one = message == "StatusNotification" and connector_id is not None
        return one and faults.on("trigger_for_one_connector_rejected")

    def _trigger_nowhere(self, message: str) -> str:
        """A trigger for a connector that the station has not."""
        faults = self._stack.board.faults
        if message == "MeterValues" and faults.on("rejected_trigger_obeyed"):
            self._after_reply([self._stack.metering.send_triggered(self._stack.outlets[1])])
        return "Accepted" if faults.on("trigger_for_no_connector_accepted") else "Rejected"

    def _trigger_boot(self) -> str:
        if self._stack.csms.registration == "Accepted":
            return "Rejected"  # recommended by errata 3.35
        self._stack.after_reply(self._stack.registration.hurry)
        return "Accepted"

    def _after_reply(self, jobs: list[Coroutine[Any, Any, Any]]) -> None:
        if self._stack.board.faults.on("trigger_ignored"):
            for job in jobs:
                job.close()
            return

        async def run() -> None:
            for job in jobs:
                with contextlib.suppress(UndeliveredError):
                    await job

        self._stack.after_reply(lambda: self._stack.spawn(run()))

    def _choose(self, connector_id: int | None, id_tag: str) -> Outlet | None:
        if connector_id is not None:
            return self._stack.outlets.get(connector_id)
        admits = self._stack.reservations.admits
        free = [o for o in self._stack.outlets.values() if o.free and admits(o.connector_id, id_tag, None)]
        return min(free, key=lambda o: (not o.controller.plugged, not o.reserved), default=None)

    def _usable(self, profile: dict[str, Any]) -> bool:
        """Section 5.16.2: a TxProfile without transactionId."""
        is_tx = profile["charging_profile_purpose"] == "TxProfile" and profile.get("transaction_id") is None
        is_tx = is_tx or self._stack.board.faults.on("remote_start_with_any_profile")
        return is_tx and self._stack.smart_charging.fits(profile)

    async def _begin(self, outlet: Outlet, id_tag: str, profile: dict[str, Any] | None) -> None:
        info = self._stack.authorizer.known(id_tag) or {}
        faults = self._stack.board.faults
        asks = self._stack.configuration.flag("AuthorizeRemoteTxRequests")
        asks = asks and not faults.on("remote_tag_not_authorised")
        if "parent_id_tag" not in info and self._stack.reservations.needs_parent(outlet.connector_id, id_tag):
            asks = not faults.on("reservation_parent_not_asked")  # whatever AuthorizeRemoteTxRequests says (5.13)
        if asks:
            info = await self._stack.authorizer.authorize(id_tag)
            if info["status"] != "Accepted" and not faults.on("starts_unauthorised"):
                if faults.on("energy_unauthorised"):
                    outlet.controller.allow(self._stack.board.config.max_current_a)
                return
        parent = info.get("parent_id_tag")
        if outlet.free and self._stack.reservations.admits(outlet.connector_id, id_tag, parent):
            self._stack.transactions.authorise(outlet, Authorisation(id_tag, parent, profile=profile))
            if outlet.controller.plugged and faults.on("remote_start_loops"):
                self._stack.spawn(self._loop(outlet, id_tag))

    async def _loop(self, outlet: Outlet, id_tag: str) -> None:
        """Of the wrong station: give the transaction up and begin it again."""
        for _ in range(LOOPS):
            await asyncio.sleep(LOOP_S)
            self._stack.transactions.stop(outlet, "Other", unlock=False)
            await outlet.controller.until(lambda: outlet.transaction is None, FLUSH_S)
            if not outlet.controller.plugged:
                return
            self._stack.transactions.authorise(outlet, Authorisation(id_tag))

    async def _register_only(self) -> None:
        if await self._stack.registration.register():
            self._stack.statuses.report_all()

    async def _restart(self, kind: str) -> None:
        faults = self._stack.board.faults
        if kind == "Soft" and faults.on("soft_reset_takes_its_time"):
            await asyncio.sleep(GRACE_S)
        later = {"Soft": "soft_reset_stops_afterwards", "Hard": "hard_reset_stops_afterwards"}
        if not faults.on(later[kind]):
            await self._stop_all(f"{kind}Reset")
        if kind == "Soft" and (faults.on("soft_reset_without_boot") or faults.on("soft_reset_keeps_energy")):
            return
        self._stack.board.nvram.write("reset", kind)
        self._stack.board.reboot("RemoteReset")

    async def _stop_all(self, reason: str) -> None:
        for outlet in self._stack.outlets.values():
            self._stack.transactions.stop(outlet, reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                while self._busy():  # noqa: ASYNC110 - transactions and queue at once, once a reset
                    await asyncio.sleep(0.1)

    def _busy(self) -> bool:
        running = any(o.transaction is not None for o in self._stack.outlets.values())
        return running or not self._stack.queue.empty or not self._stack.statuses.settled
