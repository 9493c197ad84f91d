"""Who may charge: local list, cache, CSMS (sections 3.5, 4.1, 5.4, 5.10, 5.15)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.local_list import Info, LocalList
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

CACHE_SIZE = 100

VALID = frozenset({"Accepted", "ConcurrentTx"})
"""Statuses of an identifier that is valid (section 3.5.2)."""


class Authorizer:
    """Decides on id tags. Tags compare without case (CiString20Type)."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self.local_list = LocalList(stack)
        self._cache: dict[str, Info] = stack.board.nvram.read("authorization_cache", {})

    async def authorize(self, id_tag: str) -> Info:
        """The IdTagInfo that holds for this tag; status Invalid when nobody can be asked."""
        known = self.known(id_tag)
        configuration = self._stack.configuration
        if self._stack.csms.ready.is_set():
            if known is not None and known["status"] == "Accepted" and self._pre_authorises(id_tag):
                return {"status": "Invalid"} if self._stack.board.faults.on("cached_tag_starts_nothing") else known
            try:
                answer = await self._stack.csms.call(call.Authorize(id_tag=self.spelt(id_tag)))
            except UndeliveredError:
                pass
            else:
                return self.learn(id_tag, answer.id_tag_info)
        if self._stack.board.faults.on("offline_id_refused"):
            return {"status": "Invalid"}
        if known is not None:
            if not configuration.flag("LocalPreAuthorize") and self._stack.board.faults.on(
                "offline_list_needs_pre_authorize"
            ):
                return {"status": "Invalid"}
            return known if configuration.flag("LocalAuthorizeOffline") else {"status": "Invalid"}
        return {"status": "Accepted" if configuration.flag("AllowOfflineTxForUnknownId") else "Invalid"}

    def _pre_authorises(self, id_tag: str) -> bool:
        """Whether list and cache decide without the CSMS while online (section 9.1.13)."""
        listed = self.local_list.entry(id_tag) is not None
        unused = listed and self._stack.board.faults.on("local_list_not_used")
        asked = not listed and self._stack.board.faults.on("cached_tag_asked_for")
        return self._stack.configuration.flag("LocalPreAuthorize") and not unused and not asked

    def pre_authorises(self, id_tag: str) -> bool:
        """Whether list or cache hold the tag as accepted and may decide."""
        known = self.known(id_tag)
        return known is not None and known["status"] == "Accepted" and self._pre_authorises(id_tag)

    def spelt(self, id_tag: str) -> str:
        """The tag as this station writes it."""
        return id_tag.lower() if self._stack.board.faults.on("tags_in_small_letters") else id_tag

    def known(self, id_tag: str) -> Info | None:
        """What list or cache say, the list first (section 3.5.3); an entry whose time has passed is Expired."""
        info = self.local_list.entry(id_tag)
        if info is None and self._caches():
            info = self._cache.get(id_tag.casefold())
        past = info is not None and _past(info.get("expiry_date"), self._stack.board.clock.now())
        if info is not None and past and not self._stack.board.faults.on("expiry_of_tags_ignored"):
            return {**info, "status": "Expired"}
        return info

    def learn(self, id_tag: str, info: Any) -> Info:
        """Take an IdTagInfo of the CSMS into the cache, unless the tag is in the local list (section 3.5.3)."""
        learnt = dict(info) if info else {"status": "Invalid"}
        name = id_tag.casefold()
        listed = self.local_list.entry(id_tag)
        if listed is not None and (listed["status"] in VALID) != (learnt["status"] in VALID):
            self._stack.statuses.tell_list_conflict()
        if self._caches() and listed is None:
            self._cache.pop(name, None)
            while len(self._cache) >= CACHE_SIZE:
                invalid = (tag for tag, entry in self._cache.items() if entry["status"] != "Accepted")
                del self._cache[next(invalid, next(iter(self._cache)))]
            self._cache[name] = learnt
            self._stack.board.nvram.write("authorization_cache", self._cache)
        return learnt

    def _caches(self) -> bool:
        board = self._stack.board
        built_in = board.config.authorization_cache and not board.faults.on("no_authorization_cache")
        return built_in and self._stack.configuration.flag("AuthorizationCacheEnabled")

    def clear_cache(self) -> str:
        """ClearCache.req; Rejected when there is no cache (errata 3.23)."""
        faults = self._stack.board.faults
        if not self._caches() or faults.on("clear_cache_refused"):
            return "Rejected"
        if faults.on("clear_cache_ignored"):
            return "Accepted"
        for name in list(self._cache)[: -1 if faults.on("clear_cache_keeps_the_latest") else None]:
            del self._cache[name]
        self._stack.board.nvram.write("authorization_cache", self._cache)
        return "Accepted"


def same_tag(one: str, other: str) -> bool:
    """Whether two id tags are the same (case-insensitive, section 7.15)."""
    return one.casefold() == other.casefold()


def moment(text: str) -> datetime:
    """A dateTime of a message; without zone it is UTC. Raises ValueError."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _past(text: str | None, now: datetime) -> bool:
    if text is None:
        return False
    try:
        return moment(text) <= now
    except ValueError:
        return False
