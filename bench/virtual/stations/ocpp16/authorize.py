"""Who may charge: local list, cache, CSMS (sections 3.5, 4.1, 5.4, 5.10, 5.15)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.keys import LOCAL_LIST_MAX
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

Info = dict[str, Any]
"""An IdTagInfo with the `ocpp` package's field names: status, parent_id_tag, expiry_date."""

CACHE_SIZE = 100


class Authorizer:
    """Decides on id tags. Tags compare without case (CiString20Type)."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        nvram = stack.board.nvram
        self._cache: dict[str, Info] = nvram.read("authorization_cache", {})
        self._list: dict[str, Info] = nvram.read("local_list", {})
        self._version: int = nvram.read("local_list_version", 0)

    async def authorize(self, id_tag: str) -> Info:
        """The IdTagInfo that holds for this tag; status Invalid when nobody can be asked."""
        known = self.known(id_tag)
        configuration = self._stack.configuration
        if self._stack.csms.ready.is_set():
            if configuration.flag("LocalPreAuthorize") and known is not None and known["status"] == "Accepted":
                return known
            try:
                answer = await self._stack.csms.call(call.Authorize(id_tag=self.spelt(id_tag)))
            except UndeliveredError:
                pass
            else:
                return self.learn(id_tag, answer.id_tag_info)
        if known is not None:
            return known if configuration.flag("LocalAuthorizeOffline") else {"status": "Invalid"}
        return {"status": "Accepted" if configuration.flag("AllowOfflineTxForUnknownId") else "Invalid"}

    def spelt(self, id_tag: str) -> str:
        """The tag as this station writes it."""
        return id_tag.lower() if self._stack.board.faults.on("tags_in_small_letters") else id_tag

    def known(self, id_tag: str) -> Info | None:
        """What list or cache say, the list first (section 3.5.3); an entry whose time has passed is Expired."""
        info = None
        if self._stack.configuration.flag("LocalAuthListEnabled"):
            info = self._list.get(id_tag.casefold())
        if info is None and self._caches():
            info = self._cache.get(id_tag.casefold())
        if info is not None and _past(info.get("expiry_date"), self._stack.board.clock.now()):
            return {**info, "status": "Expired"}
        return info

    def learn(self, id_tag: str, info: Any) -> Info:
        """Take an IdTagInfo of the CSMS into the cache, unless the tag is in the local list (section 3.5.3)."""
        learnt = dict(info) if info else {"status": "Invalid"}
        name = id_tag.casefold()
        if self._caches() and name not in self._list:
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
        if not self._caches():
            return "Rejected"
        self._cache.clear()
        self._stack.board.nvram.write("authorization_cache", self._cache)
        return "Accepted"

    @property
    def list_version(self) -> int:
        """GetLocalListVersion.req: 0 for an empty list (section 5.10)."""
        return self._version if self._list else 0

    def update_list(self, version: int, kind: str, rows: list[dict[str, Any]]) -> str:
        """SendLocalList.req; gives an UpdateStatus."""
        if not self._stack.configuration.flag("LocalAuthListEnabled"):
            return "NotSupported"
        if version <= 0 or len(rows) > LOCAL_LIST_MAX:  # errata 3.52
            return "Failed"
        if kind == "Differential" and version <= self._version:
            return "VersionMismatch"
        updated = {} if kind == "Full" else dict(self._list)
        for row in rows:
            if row.get("id_tag_info") is None:
                updated.pop(row["id_tag"].casefold(), None)
            else:
                updated[row["id_tag"].casefold()] = row["id_tag_info"]
        if len(updated) > LOCAL_LIST_MAX:
            return "Failed"
        self._list, self._version = updated, version
        self._stack.board.nvram.write("local_list", updated)
        self._stack.board.nvram.write("local_list_version", version)
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
