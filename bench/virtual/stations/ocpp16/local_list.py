"""The local authorization list: GetLocalListVersion and SendLocalList (sections 3.5.2, 5.10, 5.15, errata 3.52)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.keys import LOCAL_LIST_MAX

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

Info = dict[str, Any]
"""An IdTagInfo with the `ocpp` package's field names: status, parent_id_tag, expiry_date."""

Rows = list[dict[str, Any]]
"""AuthorizationData (section 7.1): id_tag and, unless it is to be deleted, id_tag_info."""

PROFILE = "LocalAuthListManagement"

UNSUPPORTED = -1
EMPTY = 0
"""List versions that mean something else than a version (section 5.10)."""

MEMORY_FAILURE = "memory_failure"
"""The bench's fault at the terminals that keeps the list from being stored."""


class LocalList:
    """Kept over reboots; changed by SendLocalList alone (section 3.5.2). Tags compare without case."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        nvram = stack.board.nvram
        self._entries: dict[str, Info] = nvram.read("local_list", {})
        self._version: int = nvram.read("local_list_version", EMPTY)

    @property
    def enabled(self) -> bool:
        """Whether the station has a list and it is switched on (section 9.2.1)."""
        built_in = PROFILE in self._stack.board.config.features
        return built_in and self._stack.configuration.flag("LocalAuthListEnabled")

    @property
    def version(self) -> int:
        """GetLocalListVersion.req: 0 for an empty list, -1 where there is none (section 5.10)."""
        faults = self._stack.board.faults
        if not self.enabled:
            return EMPTY if faults.on("missing_local_list_told_empty") else UNSUPPORTED
        if faults.on("local_list_version_lost"):
            return EMPTY
        empty = not self._entries and not faults.on("empty_local_list_keeps_version")
        return EMPTY if empty else self._version

    def entry(self, id_tag: str) -> Info | None:
        """The IdTagInfo of a listed tag; None for others, and while the list is switched off."""
        return self._entries.get(id_tag.casefold()) if self.enabled else None

    def update(self, version: int, kind: str, rows: Rows) -> str:
        """SendLocalList.req; gives an UpdateStatus (section 7.47)."""
        faults = self._stack.board.faults
        if not self.enabled:
            return "Accepted" if faults.on("missing_local_list_accepted") else "NotSupported"
        if kind == "Differential" and faults.on("differential_list_refused"):
            return "NotSupported"
        refusal = self._refusal(version, kind, rows)
        if refusal is None:
            self._store(version, self._updated(kind, rows))
            return "Accepted"
        if refusal == "VersionMismatch" and faults.on("old_local_list_applied"):
            self._store(version, self._updated(kind, rows))
        if refusal == "VersionMismatch" and faults.on("old_local_list_applied_quietly"):
            self._store(self._version, self._updated(kind, rows))
        if self._memory_fails() and faults.on("failed_local_list_changes_version"):
            self._version, self._entries = version, self._updated(kind, rows)
        wrongly = "old_local_list_accepted" if refusal == "VersionMismatch" else "failed_local_list_accepted"
        return "Accepted" if faults.on(wrongly) else refusal

    def _refusal(self, version: int, kind: str, rows: Rows) -> str | None:
        """Why an update is not made, as UpdateStatus; None for one that can be made."""
        if version in {UNSUPPORTED, EMPTY} or not self._acceptable(kind, rows):
            return "Failed"
        if kind == "Differential" and version <= self.version:
            return "VersionMismatch"
        too_long = len(self._updated(kind, rows)) > LOCAL_LIST_MAX
        refused = kind == "Full" and self._stack.board.faults.on("full_local_list_refused")
        return "Failed" if too_long or refused or self._memory_fails() else None

    def _acceptable(self, kind: str, rows: Rows) -> bool:
        """No tag twice, no more than SendLocalListMaxLength, and an IdTagInfo for each in a full list (6.41, 7.1)."""
        tags = {row["id_tag"].casefold() for row in rows}
        complete = kind != "Full" or all(row.get("id_tag_info") is not None for row in rows)
        return complete and len(tags) == len(rows) <= LOCAL_LIST_MAX

    def _updated(self, kind: str, rows: Rows) -> dict[str, Info]:
        faults = self._stack.board.faults
        if kind == "Full" and not rows and faults.on("empty_local_list_ignored"):
            return dict(self._entries)
        replaces = kind == "Full" or faults.on("differential_list_replaces")
        updated = {} if replaces else dict(self._entries)
        for row in rows:
            self._apply(updated, row, differential=kind == "Differential")
        return updated

    def _apply(self, entries: dict[str, Info], row: dict[str, Any], *, differential: bool) -> None:
        faults = self._stack.board.faults
        tag, info = row["id_tag"].casefold(), row.get("id_tag_info")
        if info is not None:
            if not (differential and faults.on("differential_list_adds_nothing")):
                entries[tag] = info
        elif not faults.on("differential_list_deletes_nothing"):
            entries.pop(tag, None)

    def _store(self, version: int, entries: dict[str, Info]) -> None:
        keeps = self._entries and self._stack.board.faults.on("local_list_version_not_taken")
        self._entries, self._version = entries, self._version if keeps else version
        self._stack.board.nvram.write("local_list", entries)
        self._stack.board.nvram.write("local_list_version", self._version)

    def _memory_fails(self) -> bool:
        return MEMORY_FAILURE in _conditions(evse.fault() for evse in self._stack.board.hardware.evses)


def _conditions(faults: Iterable[str | None]) -> set[str]:
    return {fault for fault in faults if fault is not None}
