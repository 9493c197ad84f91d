"""The messages that tell of a transaction's beginning and end, by OCPP version, and what is the same in one that is sent again."""

from dataclasses import dataclass
from typing import Any

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge
from fixtures.dialects.ocpp201 import REMOTE_START_ID
from fixtures.procedures16 import Procedures16
from harness.model.station import Station
from harness.oracle.matchers import Repeats
from harness.trace.trace import Record

_EVENT = ("eventType", "timestamp", "seqNo", "triggerReason", "transactionInfo.transactionId")


@dataclass(frozen=True, slots=True)
class Telling:
    """One kind of message: its action, the fields that select it, and those that stay as they were when it is sent again."""

    action: str
    where: dict[str, Any]
    same: tuple[str, ...]


class Tellings:
    """Beginnings and ends of transactions at the EVSE under test."""

    def __init__(self, csms: Csms, station: Station, bench: Bench, ocpp: str) -> None:
        self._csms, self._station, self._bench = csms, station, bench
        self._old = ocpp == "1.6"
        self._connector = Procedures16(csms, station, bench).connector_id
        if self._old:
            first = ("connectorId", "idTag", "meterStart", "timestamp")
            self.begin = Telling("StartTransaction", {"connectorId": self._connector}, first)
            self.end = Telling("StopTransaction", {}, ("transactionId", "meterStop", "timestamp", "reason"))
        else:
            self.begin = Telling("TransactionEvent", {"eventType": "Started"}, _EVENT)
            self.end = Telling("TransactionEvent", {"eventType": "Ended"}, _EVENT)

    def of(self, transaction: Any) -> dict[str, Any]:
        """The fields that select the messages that end this transaction."""
        return self.end.where | {"transactionId" if self._old else "transactionInfo.transactionId": transaction}

    def lose_answer(self, telling: Telling, times: int = 1) -> None:
        """The next such messages get no answer."""
        self._csms.withhold(telling.action, where=telling.where, times=times)

    async def again(self, telling: Telling, first: Seen, why: str, within: float) -> Seen:
        """The message once more, `within` seconds from now. Raises StepOver where it does not come, or is another one."""
        repeated = await self._csms.next(telling.action, since=first, within=within, where=telling.where)
        same = {name: Repeats(first.get(name)) for name in telling.same if first.get(name) is not None}
        return repeated.has(same, why=why)

    async def charge(self, began: Seen) -> Charge:
        """The transaction that an answered message began. Raises LookupError where it has no answer."""
        answer = await self._csms.answered(began)
        return Charge(answer.get("transactionId") if self._old else began.get("transactionInfo.transactionId"), began)

    async def authorized(self, since: Seen | Record) -> list[Seen]:
        """The messages since then that tell of a transaction with a driver which has not ended, the first one first. Judges nothing."""
        where = self.begin.where if self._old else {}
        told = self._csms.said(self.begin.action, after=since, where=where)
        with_driver = [one for one in told if self._old or one.get("idToken") is not None]
        charges = [await self.charge(one) for one in with_driver]
        return [
            one.began for one in charges if not self._csms.said(self.end.action, after=since, where=self.of(one.id))
        ]

    async def authorize(self) -> Seen:
        """Ask for a start, whether a cable is in or not. Returns the answer; judges nothing."""
        pixit = self._station.pixit
        if self._old:
            fields: dict[str, Any] = {"idTag": pixit.valid_id_token, "connectorId": self._connector}
            return await self._csms.call("RemoteStartTransaction", fields)
        token = {"idToken": pixit.valid_id_token, "type": pixit.valid_id_token_type}
        fields = {"evseId": self._bench.evse, "remoteStartId": REMOTE_START_ID, "idToken": token}
        return await self._csms.call("RequestStartTransaction", fields)
