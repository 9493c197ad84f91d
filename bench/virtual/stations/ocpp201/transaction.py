"""One transaction: what its TransactionEvents say, and in which order (Part 2, block E)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

IdToken = dict[str, Any]
MeterValue = dict[str, Any]


@dataclass(slots=True)
class Authorization:
    """Who may charge at an EVSE. `reported` is set once a TransactionEvent carried the token (E03.FR.01)."""

    token: IdToken
    group: IdToken | None = None
    reported: bool = False


@dataclass(slots=True)
class Transaction:
    """A running transaction. `begin_due` holds while no event carried Transaction.Begin readings (E01.FR.17); `evse_named`: one named its EVSE.
    `token`: the driver's, once an event carried it."""

    transaction_id: str
    started_at: datetime
    charging_state: str
    ready_at: datetime | None = None
    next_seq_no: int = 0
    begin_due: bool = True
    evse_named: bool = False
    stop_reason: str | None = None
    token: IdToken | None = None
    energy_cap_wh: float | None = None
    ended_samples: list[MeterValue] = field(default_factory=list)

    def memory(self) -> dict[str, Any]:
        """What survives a loss of supply."""
        return {
            "transaction_id": self.transaction_id,
            "started_at": self.started_at.isoformat(),
            "charging_state": self.charging_state,
            "next_seq_no": self.next_seq_no,
            "ended_samples": self.ended_samples,
            "token": self.token,
        }

    @classmethod
    def recalled(cls, memory: dict[str, Any]) -> "Transaction":
        """A transaction that the previous power-up left open."""
        return cls(
            transaction_id=memory["transaction_id"],
            started_at=datetime.fromisoformat(memory["started_at"]),
            charging_state=memory["charging_state"],
            next_seq_no=memory["next_seq_no"],
            begin_due=False,
            ended_samples=memory["ended_samples"],
            token=memory["token"],
        )

    def take_seq_no(self) -> int:
        """The number of the next event; counts up by one (Part 2, E 1.3.2.1)."""
        number = self.next_seq_no
        self.next_seq_no += 1
        return number
