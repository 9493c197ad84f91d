"""Answers to the CSMS's requests of blocks C, E, F and K (C11, E14, F01 to F03, K01, K08 to K10)."""

import asyncio
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

from bench.virtual.stations.faults_currents import LATE_CLEAR_S
from bench.virtual.stations.ocpp201.driver_desk import DriverDesk
from bench.virtual.stations.ocpp201.endpoint import RESULT, Handler, Reply
from bench.virtual.stations.ocpp201.firmware import Firmware
from bench.virtual.stations.ocpp201.provisioning import refusal
from bench.virtual.stations.ocpp201.schedules import highest_a
from bench.virtual.stations.ocpp201.session import Session

Payload = dict[str, Any]

TOO_EARLY_S = 360.0
DROPS_OUT_S = 240.0
"""Of the wrong station that cannot begin again so soon after a remote stop."""

_NOT_ASKED = {"Central", "NoAuthorization"}


class Charging:
    """Handlers over sessions, authorisation cache and charging profiles."""

    def __init__(self, firmware: Firmware, desk: DriverDesk) -> None:
        self._firmware = firmware
        self._desk = desk
        self._stopped_at: dict[int, float] = {}

    def handlers(self) -> dict[str, Handler]:
        """By action."""
        return {
            "RequestStartTransaction": self.request_start,
            "RequestStopTransaction": self.request_stop,
            "GetTransactionStatus": self.get_transaction_status,
            "ClearCache": self.clear_cache,
            "SetChargingProfile": self.set_charging_profile,
            "ClearChargingProfile": self.clear_charging_profile,
            "GetCompositeSchedule": self.get_composite_schedule,
        }

    def request_start(
        self,
        id_token: Payload,
        remote_start_id: int,
        evse_id: int | None = None,
        group_id_token: Payload | None = None,
        charging_profile: Payload | None = None,
        **_: Any,
    ) -> Reply:
        """F01 and F02."""
        firmware = self._firmware
        session, reason_code = self._session_for_start(evse_id)
        if not firmware.accepted:  # B02.FR.05
            session, reason_code = None, "CSNotAccepted"
        profile = charging_profile if firmware.model.flag("SmartChargingCtrlr", "Enabled") else None
        if profile is not None and firmware.profiles.invalid_for_start(profile):
            session, reason_code = None, "InvalidProfile"
        if firmware.board.faults.on("request_start_refused"):
            session, reason_code = None, "InternalError"
        if session is None:
            return _started("Rejected", reason_code)
        tx = session.transaction
        known = None if firmware.board.faults.on("remote_start_without_transaction_id") else tx
        then = self._starter(session, id_token, remote_start_id, group_id_token, profile)
        return _started("Accepted", transaction_id=known.transaction_id if known else None, then=then)

    def _starter(
        self, session: Session, token: Payload, remote_start_id: int, group: Payload | None, profile: Payload | None
    ) -> Callable[[], None]:
        firmware = self._firmware
        check = firmware.model.flag("AuthCtrlr", "AuthorizeRemoteStart") and token["type"] not in _NOT_ASKED

        def start(accepted_group: Payload | None) -> None:
            if session.authorization is None:
                if profile is not None:
                    self._keep_profile(session, profile)
                self._go_wrong(session)
                session.authorize(token, accepted_group, remote_start_id)

        async def ask_then_start() -> None:
            info = await self._desk.decide(token)
            if info["status"] == "Accepted":
                start(info.get("group_id_token") or group)

        def then() -> None:
            if firmware.board.faults.on("request_start_ignored"):
                return
            if check:
                firmware.spawn(ask_then_start())
            else:
                start(group)

        return then

    def _go_wrong(self, session: Session) -> None:
        """The wrong station that begins again too early: it offers no energy, and is gone after a while."""
        firmware, evse_id = self._firmware, session.evse_id
        board = firmware.board
        early = board.loop.time() - self._stopped_at.get(evse_id, -inf) < TOO_EARLY_S
        if early and board.faults.on("quick_restart_without_power"):
            board.evses[evse_id].withhold(on=True)
            firmware.spawn(self._drop_out())

    async def _drop_out(self) -> None:
        await asyncio.sleep(DROPS_OUT_S)
        if self._firmware.endpoint is not None:
            await self._firmware.endpoint.close()

    def _keep_profile(self, session: Session, profile: Payload) -> None:
        tx = session.transaction
        if tx is None:
            self._firmware.start_profiles[session.evse_id] = profile
        else:
            self._firmware.profiles.install(session.evse_id, profile | {"transaction_id": tx.transaction_id})

    def _session_for_start(self, evse_id: int | None) -> tuple[Session | None, str]:
        firmware = self._firmware
        if evse_id is not None and evse_id not in firmware.sessions:
            return None, "UnknownEvse"
        asked = [firmware.sessions[evse_id]] if evse_id is not None else list(firmware.sessions.values())
        states = {"Available", "Occupied"}
        if firmware.board.faults.on("faulted_takes_sessions"):
            states.add("Faulted")
        usable = [s for s in asked if firmware.status(s.evse_id) in states]
        if not usable:
            return None, "InternalError"
        free = [s for s in usable if s.authorization is None and not s.ending]
        return min(free, key=lambda s: not s.connected, default=None), "TxInProgress"

    def request_stop(self, transaction_id: str, **_: Any) -> Reply:
        """F03."""
        session = self._session_of(transaction_id)
        if session is not None and self._firmware.board.faults.on("stop_refused"):
            return Reply(RESULT.RequestStopTransaction("Rejected", refusal("InternalError")))
        if session is None or not self._firmware.accepted:
            reason = refusal("TxNotFound" if self._firmware.accepted else "CSNotAccepted")
            return Reply(RESULT.RequestStopTransaction("Rejected", reason))
        found = session

        def stop() -> None:
            self._stopped_at[found.evse_id] = self._firmware.board.loop.time()
            if not found.ending:
                found.end_authorization("RemoteStop", "Remote")

        return Reply(RESULT.RequestStopTransaction("Accepted"), then=stop)

    def _session_of(self, transaction_id: str) -> Session | None:
        for session in self._firmware.sessions.values():
            if session.transaction is not None and session.transaction.transaction_id == transaction_id:
                return session
        return None

    def get_transaction_status(self, transaction_id: str | None = None, **_: Any) -> Reply:
        """E14."""
        ongoing = None if transaction_id is None else self._session_of(transaction_id) is not None
        waiting = self._firmware.outbox.holds(transaction_id)
        return Reply(RESULT.GetTransactionStatus(messages_in_queue=waiting, ongoing_indicator=ongoing))

    def clear_cache(self, **_: Any) -> Reply:
        """C11."""
        status: Any = "Accepted" if self._firmware.cache.clear() else "Rejected"
        return Reply(RESULT.ClearCache(status))

    def set_charging_profile(self, evse_id: int, charging_profile: Payload, **_: Any) -> Reply:
        """K01."""
        firmware = self._firmware
        if firmware.model.flag("SmartChargingCtrlr", "Enabled") and not firmware.board.faults.on("profile_refused"):
            reason_code = firmware.profiles.install(evse_id, charging_profile)
        else:
            reason_code = "NotEnabled"
        if reason_code is not None:
            info: Any = refusal(reason_code)
            return Reply(RESULT.SetChargingProfile("Rejected", info))
        return Reply(RESULT.SetChargingProfile("Accepted"), then=partial(self._apply, charging_profile))

    def _apply(self, profile: Payload) -> None:
        firmware = self._firmware
        firmware.apply_limits()
        if highest_a(profile) > firmware.board.config.max_current_a and firmware.board.faults.on(
            "limit_above_rating_trips"
        ):
            for controller in firmware.board.evses.values():
                controller.trip()

    def clear_charging_profile(
        self, charging_profile_id: int | None = None, charging_profile_criteria: Payload | None = None, **_: Any
    ) -> Reply:
        """K10."""
        removed = self._firmware.profiles.clear(charging_profile_id, charging_profile_criteria)
        status: Any = "Accepted" if removed else "Unknown"
        return Reply(RESULT.ClearChargingProfile(status), then=self._apply_what_is_left)

    def _apply_what_is_left(self) -> None:
        firmware = self._firmware
        if firmware.board.faults.on("clear_applied_late"):
            firmware.board.loop.call_later(LATE_CLEAR_S, firmware.apply_limits)
        else:
            firmware.apply_limits()

    def get_composite_schedule(
        self, duration: int, evse_id: int, charging_rate_unit: str | None = None, **_: Any
    ) -> Reply:
        """K08."""
        firmware, unit = self._firmware, charging_rate_unit or "A"
        if evse_id not in {0, *firmware.facts.evse_ids}:
            info: Any = refusal("UnknownEvse")
            return Reply(RESULT.GetCompositeSchedule("Rejected", info))
        schedule: Any = {
            "evse_id": evse_id,
            "duration": duration,
            "schedule_start": firmware.board.clock.text(),
            "charging_rate_unit": unit,
            "charging_schedule_period": firmware.profiles.composite(
                evse_id, firmware.board.clock.now(), duration, unit
            ),
        }
        return Reply(RESULT.GetCompositeSchedule("Accepted", schedule=schedule))


def _started(
    status: Any,
    reason_code: str | None = None,
    transaction_id: str | None = None,
    then: Callable[[], None] | None = None,
) -> Reply:
    info: Any = refusal(reason_code) if reason_code else None
    return Reply(RESULT.RequestStartTransaction(status, info, transaction_id), then=then)
