"""Sessions of three kinds in turn, with pauses between them: what a station goes through in a day of service."""

from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import moment
from harness.model.station import Station
from harness.trace.trace import Record
from testcases.physical.charging import Outlet

CHARGES_S = 20.0
"""How long the EV charges before and after whatever happens in the session."""

SAMPLED_EVERY_S = 5.0

PAUSES_S = (2.0, 10.0, 2.0, 20.0, 90.0)
"""Nobody is there for so long after a session, in turn: from back to back to a quiet time in which the station has to keep its connection."""

BEGINS = {
    "1.6": "OCPP 1.6 4.8: a transaction that started is told, once",
    "2.0.1": "OCPP 2.0.1 E01, E01.FR.08: a transaction that started is told, once, under an id of its own",
}
ENDS = {
    "1.6": "OCPP 1.6 4.10: a transaction that stopped is told, once",
    "2.0.1": "OCPP 2.0.1 E06, E07.FR.01: a transaction that stopped is told, once",
}


@dataclass(frozen=True, slots=True)
class Soak:
    """Drives one session after the other at the EVSE under test. Whatever waits raises StepOver when the station does not follow."""

    csms: Csms
    dialect: Dialect
    station: Station
    bench: Bench
    ocpp: str
    id_token: str

    @property
    def clause(self) -> str:
        """The requirement of a row of sessions."""
        return f"{BEGINS[self.ocpp]}; {ENDS[self.ocpp]}; {self.dialect.clauses.energy_after_start}"

    async def session(self, number: int) -> Record:
        """One session and the pause after it; gives the record of the plug that began it."""
        outlet = Outlet(self.station, self.bench)
        await self.bench.ev.plug_in()
        plugged, _ = self.bench.last_stimulus("ev_simulator", "plug_in")
        kind = number % 3
        by_card = kind == 1 and self.bench.has("id_reader")
        charge = await (self._by_card(plugged) if by_card else self.dialect.remote_start(since=plugged))
        await self.bench.ev.request_energy(on=True)
        await outlet.draws()
        await self.bench.wait(CHARGES_S)
        if kind == 2:
            await self.bench.ev.request_energy(on=False)
            await outlet.rests()
            await self.bench.ev.request_energy(on=True)
            await outlet.draws()
            await self.bench.wait(CHARGES_S)
        await (self._ended_by_card(charge) if by_card else self._ended(charge))
        await self.bench.ev.request_energy(on=False)
        await self.bench.ev.unplug()
        await self.dialect.freed(charge)
        await outlet.rests()
        await self.bench.wait(PAUSES_S[number % len(PAUSES_S)])
        return plugged

    def counted(self, since: Record, sessions: int) -> None:
        """Since this record the station told of as many transactions that began and that ended as there were sessions."""
        for what, action, where, clause in (
            ("transactions that began", *self._message("StartTransaction", "Started"), BEGINS),
            ("transactions that ended", *self._message("StopTransaction", "Ended"), ENDS),
        ):
            told = tuple(self.csms.said(action, after=since, where=where))
            self.csms.holds(
                what, len(set(map(self._event, told))), told, low=sessions, high=sessions, why=clause[self.ocpp]
            )

    def _event(self, told: Seen) -> tuple[object, ...]:
        """What tells one event from another, and is the same in a message that is sent again."""
        if self.ocpp != "1.6":
            return (told.get("transactionInfo.transactionId"),)
        at = moment(str(told.get("timestamp")))  # written in another way, perhaps, when it is sent again
        when = told.get("timestamp") if at is None else at.timestamp()
        return (*(told.get(field) for field in ("transactionId", "connectorId", "meterStart")), when)

    def _message(self, action: str, event: str) -> tuple[str, dict[str, str]]:
        return (action, {}) if self.ocpp == "1.6" else ("TransactionEvent", {"eventType": event})

    async def _by_card(self, plugged: Record) -> Charge:
        await self.bench.reader.present(self.id_token)
        action, where = self._message("StartTransaction", "Started")
        began = await self.csms.eventually(action, since=plugged, where=where, why=BEGINS[self.ocpp])
        if self.ocpp != "1.6":
            return Charge(began.get("transactionInfo.transactionId"), began)
        return Charge((await self.csms.answered(began)).get("transactionId"), began)

    async def _ended(self, charge: Charge) -> Seen:
        return await self.dialect.ended(charge, await self.dialect.remote_stop(charge))

    async def _ended_by_card(self, charge: Charge) -> None:
        await self.bench.reader.present(self.id_token)
        presented, _ = self.bench.last_stimulus("id_reader", "present")
        if self.ocpp == "1.6":
            where = {"transactionId": charge.id}
            await self.csms.eventually("StopTransaction", after=presented, where=where, why=ENDS[self.ocpp])
            return
        mine = {"transactionInfo.transactionId": charge.id}
        stopped = {**mine, "triggerReason": "StopAuthorized"}
        told = await self.csms.eventually("TransactionEvent", after=presented, where=stopped, why=ENDS[self.ocpp])
        if told.get("eventType") != "Ended":
            await self.bench.ev.unplug()
            ended = {**mine, "eventType": "Ended"}
            await self.csms.eventually("TransactionEvent", after=told, where=ended, why=ENDS[self.ocpp])
