"""Reservations of a connector, or of whichever is left (sections 3.11, 5.1, 5.13; key 9.3.1)."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.authorize import moment, same_tag

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.outlet import Outlet
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

Reservation = dict[str, Any]
"""connector_id (0: any), reservation_id, id_tag, parent_id_tag, expiry_date"""

ANY = 0
"""The connectorId that reserves no specific connector."""

KEY = "ReserveConnectorZeroSupported"


class Reservations:
    """At most one reservation a connector, and any number of connector 0 that still leaves one free for each."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._held: dict[int, Reservation] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._reserved: frozenset[int] = frozenset()
        self._ended: Reservation | None = None
        self._stale: set[int] = set()
        for reservation in stack.board.nvram.read("reservations", []):
            self._hold(reservation)

    def power_up(self) -> None:
        """The connectors are there: mark those that are reserved."""
        self._mark()

    def shut_down(self) -> None:
        """Cancel the expiry timers; the reservations stay in NVRAM."""
        for timer in self._timers.values():
            timer.cancel()

    # -- requests of the CSMS

    def reserve(self, connector_id: int, fields: dict[str, Any]) -> str:
        """ReserveNow.req; gives a ReservationStatus. One with the id of another replaces it."""
        reservation = {"connector_id": connector_id, **fields}
        for reservation_id in self._stale:
            self._drop(reservation_id)
        status = self._answer(reservation)
        faults = self._stack.board.faults
        if status == "Accepted" and faults.on("reservation_refused"):
            return "Occupied"
        if status == "Accepted" or faults.on("refused_reservation_made"):
            self._stack.after_reply(partial(self._make, reservation))
        elif status in {"Faulted", "Occupied", "Unavailable"}:
            if faults.on("reserves_what_is_not_available"):
                return "Accepted"
            if faults.on("reservation_refused_without_reason"):
                return "Rejected"
        return status

    def cancel(self, reservation_id: int) -> str:
        """CancelReservation.req; gives a CancelReservationStatus."""
        faults = self._stack.board.faults
        if reservation_id in self._held:
            if faults.on("cancel_reservation_refused"):
                return "Rejected"
            if not faults.on("cancel_reservation_ignored"):
                self._stack.after_reply(partial(self._end, reservation_id))
            return "Accepted"
        if faults.on("unknown_reservation_cancels_all"):
            for other in tuple(self._held):
                self._stack.after_reply(partial(self._end, other))
        return "Accepted" if faults.on("unknown_reservation_cancelled") else "Rejected"

    # -- what reservations mean for others

    def of(self, connector_id: int) -> Reservation | None:
        """The reservation of this very connector."""
        return self._first(lambda held: held["connector_id"] == connector_id)

    def admits(self, connector_id: int, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether the reservations let this tag charge at the connector (section 5.13)."""
        faults = self._stack.board.faults
        if connector_id not in self._reserved:
            return True
        if faults.on("reservation_locks_out_everybody"):
            return False
        if self._matching(connector_id, id_tag, parent_id_tag) is not None:
            return True
        return faults.on("reservation_not_kept") or faults.on("foreign_start_ends_the_reservation")

    def needs_parent(self, connector_id: int, id_tag: str) -> bool:
        """Whether only the tag's parent can say if the tag may charge there: then the CSMS is to be asked (section 5.13)."""
        asks = any(held.get("parent_id_tag") for held in self._applying(connector_id))
        return asks and self._matching(connector_id, id_tag, None) is None

    def use(self, connector_id: int, id_tag: str, parent_id_tag: str | None) -> Reservation | None:
        """A transaction starts: the reservation that it ends, or None."""
        held = self._matching(connector_id, id_tag, parent_id_tag)
        if held is not None:
            self._drop(held["reservation_id"])
            self._mark()
        elif self._stack.board.faults.on("ended_reservation_id_sent"):
            return self._ended
        elif (own := self.of(connector_id)) and self._stack.board.faults.on("foreign_start_ends_the_reservation"):
            self._drop(own["reservation_id"])
            self._mark()
        return held

    def connector_lost(self, connector_id: int) -> None:
        """A connector became Faulted or Unavailable: its reservation ends, and with the last connector those of any."""
        lost = [held for held in self._held.values() if held["connector_id"] == connector_id]
        if all(not outlet.operative or outlet.controller.faulted for outlet in self._stack.outlets.values()):
            lost += [held for held in self._held.values() if held["connector_id"] == ANY]
        for held in lost:
            self._drop(held["reservation_id"])
        self._mark()

    def review(self) -> None:
        """A connector was taken or came free: reservations of any may now need, or need no longer, a certain one."""
        if any(held["connector_id"] == ANY for held in self._held.values()):
            self._mark()

    # -- making and ending

    def _answer(self, reservation: Reservation) -> str:
        connector_id, outlets = reservation["connector_id"], self._stack.outlets
        if connector_id == ANY:
            refused = self._stack.board.faults.on("connector_zero_refused")
            if refused or not self._stack.configuration.flag(KEY):
                return "Rejected"
            others = [held for held in self._pending(reservation) if held["connector_id"] == ANY]
            if len(self._vacant(reservation)) > len(others):
                return "Accepted"
            return _worst({outlet.status() for outlet in outlets.values()})
        if connector_id not in outlets:
            return "Rejected"
        if outlets[connector_id].status() in {"Faulted", "Unavailable"}:
            return outlets[connector_id].status()
        others = [held for held in self._pending(reservation) if held["connector_id"] == ANY]
        vacant = self._vacant(reservation)
        return "Accepted" if connector_id in vacant and len(vacant) > len(others) else "Occupied"

    def _pending(self, new: Reservation) -> list[Reservation]:
        """The reservations that hold beside the new one, which replaces that of its id."""
        return [held for held in self._held.values() if held["reservation_id"] != new["reservation_id"]]

    def _vacant(self, new: Reservation | None = None) -> list[int]:
        """Connectors that nobody uses or has reserved by number; of a new reservation, seen from it."""
        holding = list(self._held.values()) if new is None else self._pending(new)
        taken = {held["connector_id"] for held in holding}
        return [n for n, outlet in self._stack.outlets.items() if n not in taken and self._unused(n, outlet)]

    def _unused(self, connector_id: int, outlet: "Outlet") -> bool:
        """A cable in a reserved connector leaves it reserved: only a matching tag takes it (section 4.9 G2)."""
        plugged = outlet.controller.plugged and connector_id not in self._reserved
        return outlet.free and not outlet.finishing and not plugged

    def _make(self, reservation: Reservation) -> None:
        self._drop(reservation["reservation_id"])
        self._hold(reservation)
        self._save()
        self._mark()
        if self._stack.board.faults.on("asks_for_reserving_tags"):
            self._stack.spawn(self._ask(reservation["id_tag"]))

    async def _ask(self, id_tag: str) -> None:
        await self._stack.authorizer.authorize(id_tag)

    def _hold(self, reservation: Reservation) -> None:
        board = self._stack.board
        left_s = max(0.0, (moment(reservation["expiry_date"]) - board.clock.now()).total_seconds())
        self._held[reservation["reservation_id"]] = reservation
        if board.faults.on("reservation_never_expires"):
            return
        if board.faults.on("reservation_expires_early"):
            left_s /= 2
        timer = board.loop.call_later(left_s, self._end, reservation["reservation_id"])
        self._timers[reservation["reservation_id"]] = timer

    def _end(self, reservation_id: int) -> None:
        """It expired or was cancelled."""
        self._ended = self._held[reservation_id]
        if self._stack.board.faults.on("ended_reservation_still_kept"):
            self._stale.add(reservation_id)
            self._tell(frozenset())
            return
        self._drop(reservation_id)
        self._mark()

    def _drop(self, reservation_id: int) -> None:
        timer = self._timers.pop(reservation_id, None)
        if timer is not None:
            timer.cancel()
        if self._held.pop(reservation_id, None) is not None:
            self._save()

    def _save(self) -> None:
        self._stack.board.nvram.write("reservations", list(self._held.values()))

    # -- which connectors are reserved

    def _mark(self) -> None:
        """Find out which connectors are reserved, and have changes reported."""
        vacant = self._vacant()
        for_any = sum(held["connector_id"] == ANY for held in self._held.values())
        last = vacant if 0 < len(vacant) <= for_any else []
        if vacant and for_any and self._stack.board.faults.on("zero_reservation_takes_a_connector"):
            last = vacant[:1]
        bound = {held["connector_id"] for held in self._held.values()} - {ANY}
        self._reserved = frozenset({*bound, *last})
        self._tell(self._reserved)

    def _tell(self, reserved: frozenset[int]) -> None:
        silent = self._stack.board.faults.on("reserved_not_reported")
        for connector_id, outlet in self._stack.outlets.items():
            marked = connector_id in reserved and not silent
            if outlet.reserved != marked:
                outlet.reserved = marked
                self._stack.statuses.update(connector_id)

    def _applying(self, connector_id: int) -> list[Reservation]:
        """The reservations that speak of this connector: its own, else those of any."""
        own = self.of(connector_id)
        return [own] if own is not None else [h for h in self._held.values() if h["connector_id"] == ANY]

    def _matching(self, connector_id: int, id_tag: str, parent_id_tag: str | None) -> Reservation | None:
        ignored = self._stack.board.faults.on("reservation_parent_ignored")
        parent = None if ignored else parent_id_tag
        for held in self._applying(connector_id):
            if same_tag(held["id_tag"], id_tag) or _same_parent(held.get("parent_id_tag"), parent):
                return held
        return None

    def _first(self, wanted: Callable[[Reservation], bool]) -> Reservation | None:
        return next((held for held in self._held.values() if wanted(held)), None)


def _same_parent(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and same_tag(one, other)


def _worst(statuses: set[str]) -> str:
    """Why no connector can be reserved (section 7.40): what keeps the others from it goes first."""
    for status in ("Faulted", "Unavailable"):
        if statuses == {status}:
            return status
    return "Faulted" if statuses == {"Faulted", "Unavailable"} else "Occupied"
