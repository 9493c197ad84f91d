"""The authorisation cache, and what a station may decide without asking the CSMS (Part 2, block C)."""

from collections.abc import Callable, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from bench.virtual.stations.ocpp201.device_model import DeviceModel
from bench.virtual.stations.ocpp201.schedules import instant

IdToken = dict[str, Any]

CACHE_SIZE = 100

_NEVER_CACHED = {"Central", "NoAuthorization"}


def same_token(one: IdToken, other: IdToken) -> bool:
    """Whether two tokens are the same: value without case, and type (C01.FR.25 of errata 2025-09)."""
    return bool(str(one["id_token"]).casefold() == str(other["id_token"]).casefold() and one["type"] == other["type"])


class AuthorizationCache:
    """What the CSMS last said of each token (C10), kept in `store` across reboots (C10.FR.02)."""

    def __init__(self, model: DeviceModel, store: MutableMapping[str, Any], now: Callable[[], datetime]) -> None:
        self._model = model
        self._store = store
        self._now = now

    @property
    def enabled(self) -> bool:
        """AuthCacheCtrlr.Enabled (C10.FR.11)."""
        return self._model.flag("AuthCacheCtrlr", "Enabled")

    def remember(self, token: IdToken, info: dict[str, Any]) -> None:
        """Take over an idTokenInfo (C10.FR.04, C10.FR.05); Central tokens are never kept (C05.FR.02)."""
        if not self.enabled or token["type"] in _NEVER_CACHED:
            return
        self._store.pop(_name(token), None)
        while len(self._store) >= CACHE_SIZE:
            del self._store[self._victim()]  # C10.FR.07
        self._store[_name(token)] = {"info": info, "used": self._now().isoformat()}

    def info(self, token: IdToken) -> dict[str, Any] | None:
        """The idTokenInfo held for a token, None when there is none or it has expired (C10.FR.08, .10, .13)."""
        entry = self._store.get(_name(token)) if self.enabled else None
        if entry is None:
            return None
        expires = instant(entry["info"].get("cache_expiry_date_time"))
        if expires is None:
            life_s = self._model.integer("AuthCacheCtrlr", "LifeTime")
            expires = datetime.fromisoformat(entry["used"]) + timedelta(seconds=life_s)
        if self._now() >= expires:
            del self._store[_name(token)]
            return None
        return dict(entry["info"])

    def accepted(self, token: IdToken) -> dict[str, Any] | None:
        """The idTokenInfo of a token that is cached as Accepted."""
        info = self.info(token)
        if info is None or info["status"] != "Accepted":
            return None
        self._store[_name(token)] = {"info": info, "used": self._now().isoformat()}
        return info

    def clear(self) -> bool:
        """Forget everything; False when the cache is not enabled (C11.FR.03, C11.FR.04)."""
        if not self.enabled:
            return False
        for name in list(self._store):
            del self._store[name]
        return True

    def _victim(self) -> str:
        refused = (name for name in self._store if self._store[name]["info"]["status"] != "Accepted")
        return next(refused, next(iter(self._store)))


def _name(token: IdToken) -> str:
    return f"{token['type']}:{str(token['id_token']).casefold()}"
