"""ChangeAvailability (section 5.2)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack


class Availability:
    """Whether station and connectors are operative; persistent over reboots."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        stored: dict[str, bool] = stack.board.nvram.read("availability", {})
        faults = stack.board.faults
        if faults.on("forgets_unavailable") or faults.on("forgets_unavailable_once_started"):
            stored = {}
        self.station_operative = stored.get("0", True)
        for connector_id, outlet in stack.outlets.items():
            outlet.operative = stored.get(str(connector_id), True)

    @property
    def all_operative(self) -> bool:
        """Whether station and connectors are in service."""
        return self.station_operative and all(outlet.operative for outlet in self._stack.outlets.values())

    def change(self, connector_id: int, kind: str) -> str:
        """ChangeAvailability.req; gives an AvailabilityStatus. The change itself follows after the reply."""
        outlets = self._stack.outlets
        if connector_id != 0 and connector_id not in outlets:
            return "Rejected"
        operative = kind == "Operative"
        affected = list(outlets.values()) if connector_id == 0 else [outlets[connector_id]]
        if connector_id == 0 and self._stack.board.faults.on("station_availability_not_passed_on"):
            affected = []
        busy = any(o.transaction is not None for o in affected if o.operative != operative)
        faults = self._stack.board.faults
        if faults.on("availability_rejected") or (operative and faults.on("operative_rejected")):
            return "Rejected"
        if faults.on("availability_ignored") or (operative and faults.on("stays_inoperative")):
            return "Accepted"
        self._stack.after_reply(lambda: self._apply(connector_id, [o.connector_id for o in affected], operative))
        return "Scheduled" if busy else "Accepted"

    def _apply(self, addressed: int, connector_ids: list[int], operative: bool) -> None:
        if addressed == 0:
            self.station_operative = operative
            self._stack.statuses.update(0)
        for connector_id in connector_ids:
            outlet = self._stack.outlets[connector_id]
            outlet.operative = operative
            if not operative:
                outlet.authorisation = None if outlet.transaction is None else outlet.authorisation
                self._stack.reservations.connector_lost(connector_id)
            self._stack.transactions.consider(connector_id)
        stored = {str(n): o.operative for n, o in self._stack.outlets.items()}
        self._stack.board.nvram.write("availability", {"0": self.station_operative, **stored})
