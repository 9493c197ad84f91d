"""ChangeAvailability (section 5.2) and reservations (sections 5.1, 5.13)."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.authorize import moment, same_tag

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

Reservation = dict[str, Any]
"""reservation_id, id_tag, parent_id_tag, expiry_date"""


class Availability:
    """Whether station and connectors are operative; persistent over reboots."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        stored: dict[str, bool] = stack.board.nvram.read("availability", {})
        if stack.board.faults.on("forgets_unavailable"):
            stored = {}
        self.station_operative = stored.get("0", True)
        for connector_id, outlet in stack.outlets.items():
            outlet.operative = stored.get(str(connector_id), True)

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
                self._stack.reservations.drop(connector_id)
            self._stack.transactions.consider(connector_id)
        stored = {str(n): o.operative for n, o in self._stack.outlets.items()}
        self._stack.board.nvram.write("availability", {"0": self.station_operative, **stored})


class Reservations:
    """One reservation a connector; connector 0 is not supported (ReserveConnectorZeroSupported is false)."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._held: dict[int, Reservation] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        for connector_id, reservation in stack.board.nvram.read("reservations", {}).items():
            self._hold(int(connector_id), reservation)

    def of(self, connector_id: int) -> Reservation | None:
        """The reservation of a connector."""
        return self._held.get(connector_id)

    def admits(self, connector_id: int, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether the connector's reservation, if any, lets this tag charge."""
        held = self._held.get(connector_id)
        if held is None or same_tag(held["id_tag"], id_tag):
            return True
        parent = held.get("parent_id_tag")
        return parent is not None and parent_id_tag is not None and same_tag(parent, parent_id_tag)

    def reserve(self, connector_id: int, reservation: Reservation) -> str:
        """ReserveNow.req; gives a ReservationStatus."""
        if connector_id not in self._stack.outlets:
            return "Rejected"
        same = next((n for n, r in self._held.items() if r["reservation_id"] == reservation["reservation_id"]), None)
        status = self._stack.outlets[connector_id].status()
        if status in {"Faulted", "Unavailable"}:
            return status
        if status != "Available" and same != connector_id:
            return "Occupied"
        if same is not None:
            self.drop(same)
        self._hold(connector_id, reservation)
        self._stack.after_reply(lambda: self._stack.statuses.update(connector_id))
        return "Accepted"

    def cancel(self, reservation_id: int) -> str:
        """CancelReservation.req; gives a CancelReservationStatus."""
        for connector_id, held in self._held.items():
            if held["reservation_id"] == reservation_id:
                self._stack.after_reply(partial(self._release, connector_id))
                return "Accepted"
        return "Rejected"

    def drop(self, connector_id: int) -> Reservation | None:
        """End a reservation (used, expired or overtaken) and give it."""
        timer = self._timers.pop(connector_id, None)
        if timer is not None:
            timer.cancel()
        held = self._held.pop(connector_id, None)
        if held is not None:
            self._stack.outlets[connector_id].reserved = False
            self._save()
        return held

    def shut_down(self) -> None:
        """Cancel the expiry timers; the reservations stay in NVRAM."""
        for timer in self._timers.values():
            timer.cancel()

    def _hold(self, connector_id: int, reservation: Reservation) -> None:
        self._held[connector_id] = reservation
        self._stack.outlets[connector_id].reserved = True
        left_s = (moment(reservation["expiry_date"]) - self._stack.board.clock.now()).total_seconds()
        self._timers[connector_id] = self._stack.board.loop.call_later(max(0.0, left_s), self._release, connector_id)
        self._save()

    def _release(self, connector_id: int) -> None:
        self.drop(connector_id)
        self._stack.statuses.update(connector_id)

    def _save(self) -> None:
        self._stack.board.nvram.write("reservations", {str(n): r for n, r in self._held.items()})
