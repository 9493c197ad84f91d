"""What a presented id tag does (sections 3.10, 4.1, 4.10)."""

from typing import TYPE_CHECKING

from bench.virtual.stations.ocpp16.authorize import same_tag
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.outlet import Authorisation, Outlet, Transaction
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

LAST_BYTE = 2
"""Characters of the byte that a wrong reader does not read."""


class TokenDesk:
    """Turns a presented tag into a stop, a cancellation, an unlocking or a start."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack

    async def present(self, reader: int, token: str) -> None:
        """A tag at a reader; reader 0 serves every connector."""
        id_tag = self._read(token)
        scope = [o for n, o in self._stack.outlets.items() if reader in {0, n}]
        if await self._known_here(scope, id_tag):
            return
        target = self._target(scope, id_tag, None)
        faults = self._stack.board.faults
        if not self._worth_asking(scope, id_tag, target):
            self._cut_off(scope)
            return
        if faults.on("group_tag_not_asked") and self._stop_of_group(scope, id_tag, None):
            return
        await self._ask(reader, scope, id_tag, target)

    async def _ask(self, reader: int, scope: list[Outlet], id_tag: str, target: Outlet | None) -> None:
        """Ask for a tag that is not of a transaction here, and let it do what it may."""
        faults = self._stack.board.faults
        running = [outlet for outlet in scope if outlet.transaction is not None]
        info = await self._stack.authorizer.authorize(id_tag)
        if self._reopened(running, info["status"]) or self._bypassed(target, id_tag, info["status"]):
            return
        if info["status"] != "Accepted" and not faults.on("starts_unauthorised"):
            if target is not None and faults.on("energy_unauthorised"):
                target.controller.allow(self._stack.board.config.max_current_a)
            return
        parent = info.get("parent_id_tag")
        if self._stop_of_group(scope, id_tag, parent):
            return
        target = self._target(scope, id_tag, parent)
        if target is None or not target.free or faults.on("never_starts_on_token"):
            return
        if self._stack.reservations.admits(target.connector_id, id_tag, parent):
            roaming = reader == 0 and not target.controller.plugged
            self._stack.transactions.authorise(target, Authorisation(id_tag, parent, roaming=roaming))

    def _read(self, token: str) -> str:
        """The identifier on a tag, as this reader sees it: twenty characters at most."""
        return token[:-LAST_BYTE] if self._stack.board.faults.on("reader_drops_the_last_byte") else token[:20]

    def _reopened(self, running: list[Outlet], status: str) -> bool:
        """The wrong station that goes on with a transaction which was stopped while the CSMS was asked."""
        over = [outlet for outlet in running if outlet.transaction is None or outlet.transaction.stopping]
        wrong = status == "Accepted" and bool(over) and self._stack.board.faults.on("late_authorization_reopens")
        for outlet in over if wrong else ():
            outlet.controller.allow(self._stack.board.config.max_current_a)
        return wrong

    def _bypassed(self, target: Outlet | None, id_tag: str, status: str) -> bool:
        """The wrong station that supplies energy to a tag it knew before, and tells nobody."""
        known = target is not None and status == "Accepted" and self._stack.authorizer.pre_authorises(id_tag)
        if target is None or not known or not self._stack.board.faults.on("known_tag_bypasses_the_csms"):
            return False
        target.controller.allow(self._stack.board.config.max_current_a)
        return True

    def _worth_asking(self, scope: list[Outlet], id_tag: str, target: Outlet | None) -> bool:
        """Whoever this is may begin something, or end something."""
        silent = self._stack.board.faults.on("authorize_not_sent") and self._stack.authorizer.known(id_tag) is None
        return not silent and (target is not None or self._may_stop(scope))

    def _cut_off(self, scope: list[Outlet]) -> None:
        """What a tag that can do nothing must not do."""
        for outlet in scope if self._stack.board.faults.on("other_tag_cuts_energy") else ():
            outlet.controller.forbid()

    async def _csms_accepts(self, id_tag: str) -> bool:
        """What the CSMS says, and no other."""
        try:
            answer = await self._stack.csms.call(call.Authorize(id_tag=self._stack.authorizer.spelt(id_tag)))
        except UndeliveredError:
            return False
        return bool(answer.id_tag_info["status"] == "Accepted")

    async def _known_here(self, scope: list[Outlet], id_tag: str) -> bool:
        """The tag ends, cancels or unlocks what it began; no Authorize is needed for that (section 4.1)."""
        if self._stack.board.faults.on("own_tag_asked_for") and self._began_here(scope, id_tag):
            await self._stack.authorizer.authorize(id_tag)
        for outlet in scope:
            transaction, waiting = outlet.transaction, outlet.authorisation
            if transaction is not None and not transaction.stopping and self._ends(transaction, id_tag):
                if self._stack.board.faults.on("own_tag_needs_csms") and not await self._csms_accepts(id_tag):
                    return True
                if self._stack.board.faults.on("own_tag_does_not_stop"):
                    return True
                self._stack.transactions.stop(outlet, "Local", id_tag)
                return True
            if waiting is not None and same_tag(waiting.id_tag, id_tag):
                if not self._stack.board.faults.on("authorization_never_ends"):
                    self._stack.transactions.give_up(outlet)
                return True
            if outlet.keep_locked_for is not None and same_tag(outlet.keep_locked_for, id_tag):
                outlet.keep_locked_for = None
                outlet.controller.request_unlock()
                return True
        return False

    def _ends(self, transaction: Transaction, id_tag: str) -> bool:
        return same_tag(transaction.id_tag, id_tag) or self._stack.board.faults.on("any_tag_stops")

    @staticmethod
    def _began_here(scope: list[Outlet], id_tag: str) -> bool:
        return any(o.transaction is not None and same_tag(o.transaction.id_tag, id_tag) for o in scope)

    def _may_stop(self, scope: list[Outlet]) -> bool:
        """Whether some other tag could end a transaction: only one of its group, where it has a group (section 3.10)."""
        running = [o.transaction for o in scope if o.transaction is not None and not o.transaction.stopping]
        asks = self._stack.board.faults.on("asks_for_tags_that_cannot_stop")
        return any(asks or transaction.parent_id_tag is not None for transaction in running)

    def _stop_of_group(self, scope: list[Outlet], id_tag: str, parent: str | None) -> bool:
        """Another tag of the same group stops the transaction (section 3.10)."""
        faults = self._stack.board.faults
        if faults.on("group_tag_does_not_stop"):
            return False
        for outlet in scope:
            transaction = outlet.transaction
            if transaction is None or transaction.stopping or transaction.parent_id_tag is None:
                continue
            same = parent is not None and same_tag(transaction.parent_id_tag, parent)
            if same or faults.on("group_tag_not_asked"):
                named = transaction.id_tag if faults.on("group_stop_names_the_first_tag") else id_tag
                self._stack.transactions.stop(outlet, "Local", named)
                return True
        return False

    def _target(self, scope: list[Outlet], id_tag: str, parent: str | None) -> Outlet | None:
        """Where the user means to charge: at a cable that waits, at his reservation, at a free connector."""
        free = [o for o in scope if o.free]
        admits = self._stack.reservations.admits

        def rank(outlet: Outlet) -> tuple[bool, bool, bool]:
            waits = outlet.controller.plugged and not outlet.finishing
            admitted = admits(outlet.connector_id, id_tag, parent)
            own = outlet.reserved and admitted
            return not waits, not own, outlet.finishing or not admitted

        return min(free, key=rank, default=None)
