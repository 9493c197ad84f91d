"""The reader: who presents a token, where they may charge, and when that ends (C01, C10, C12, C15, E07)."""

from typing import Any

from bench.virtual.stations.ocpp201.authorization import IdToken, same_token
from bench.virtual.stations.ocpp201.endpoint import CALL
from bench.virtual.stations.ocpp201.firmware import Firmware
from bench.virtual.stations.ocpp201.session import Session

READER_TOKEN_TYPE = "ISO14443"


class DriverDesk:
    """Decides on presented tokens, one at a time a token."""

    def __init__(self, firmware: Firmware) -> None:
        self._firmware = firmware
        self._deciding: set[str] = set()

    async def present(self, reader: int, text: str) -> None:
        """A card was held before a reader (0 serves all EVSEs)."""
        token: IdToken = {"id_token": text, "type": READER_TOKEN_TYPE}
        for kept in self._reachable(reader):
            if kept.keeper is not None and same_token(kept.keeper, token):
                kept.release()
                return
        session = self._session_to_stop(reader, token)
        if session is not None:
            session.end_authorization("StopAuthorized", "Local", token)
            return
        if text in self._deciding or self._free_session(reader) is None:
            return
        self._deciding.add(text)
        try:
            info = await self.decide(token)
        finally:
            self._deciding.discard(text)
        self._admit(reader, token, info)

    async def decide(self, token: IdToken) -> dict[str, Any]:
        """The idTokenInfo that holds for a token: the CSMS's word, or the cache's where that may stand in."""
        firmware, flag = self._firmware, self._firmware.model.flag
        cached = firmware.cache.accepted(token)
        if not flag("AuthCtrlr", "Enabled") or firmware.board.faults.on("authorize_never_asked"):
            return {"status": "Accepted"}
        if firmware.online:
            if cached is not None and flag("AuthCtrlr", "LocalPreAuthorize"):
                return cached
            if flag("AuthCtrlr", "DisableRemoteAuthorization"):
                return cached or {"status": "Invalid"}
            info = await self._ask(token)
            if info is not None:
                return info
        return self._decide_offline(token, cached)

    async def _ask(self, token: IdToken) -> dict[str, Any] | None:
        firmware = self._firmware
        assert firmware.endpoint is not None
        result = await firmware.endpoint.ask(CALL.Authorize(id_token=token))
        if result is None:
            return None
        firmware.remember_token(token, result.id_token_info)
        if firmware.board.faults.on("charges_on_refused_token"):
            return {"status": "Accepted"}
        return dict(result.id_token_info)

    def _decide_offline(self, token: IdToken, cached: dict[str, Any] | None) -> dict[str, Any]:
        flag = self._firmware.model.flag
        if cached is not None and flag("AuthCtrlr", "LocalAuthorizeOffline"):
            return cached
        unknown = self._firmware.cache.info(token) is None
        if unknown and flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled"):
            return {"status": "Accepted"}  # C15.FR.08
        return {"status": "Invalid"}

    def _admit(self, reader: int, token: IdToken, info: dict[str, Any]) -> None:
        if info["status"] != "Accepted":
            return
        allowed = info.get("evse_id") or None
        session = self._free_session(reader, allowed)
        if session is not None:
            session.authorize(token, info.get("group_id_token"), evse_known=reader != 0)

    def _reachable(self, reader: int) -> list[Session]:
        return [s for evse_id, s in self._firmware.sessions.items() if reader in {0, evse_id}]

    def _session_to_stop(self, reader: int, token: IdToken) -> Session | None:
        info = self._firmware.cache.accepted(token)
        group = info.get("group_id_token") if info is not None else None
        for session in self._reachable(reader):
            holder = session.authorization
            if holder is None or self._another_spelling(holder.token, token):
                continue
            if same_token(holder.token, token) or (group and holder.group and same_token(holder.group, group)):
                return session
        return None

    def _another_spelling(self, one: IdToken, other: IdToken) -> bool:
        """The wrong station that takes a token in other letters for another one."""
        differs = same_token(one, other) and one["id_token"] != other["id_token"]
        return differs and self._firmware.board.faults.on("tokens_compared_with_case")

    def _free_session(self, reader: int, allowed: list[int] | None = None) -> Session | None:
        firmware = self._firmware
        free = [
            session
            for session in self._reachable(reader)
            if session.authorization is None
            and not session.ending
            and firmware.status(session.evse_id) in {"Available", "Occupied"}
            and (allowed is None or session.evse_id in allowed)
        ]
        return min(free, key=lambda s: (not s.connected, s.transaction is None), default=None)
