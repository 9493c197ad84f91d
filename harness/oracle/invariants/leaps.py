"""A CSMS that sets its clock: a station that follows it, as it is recommended to, tells times from then on that those before cannot be compared with."""

from dataclasses import dataclass

from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.moments import seconds_of

TIME_TOLD = ("BootNotification", "Heartbeat")
"""Actions whose answers tell the time."""

_LEAP_S = 10.0
"""By how much the time may differ from what follows from the one before."""


@dataclass(slots=True)
class CsmsClock:
    """What the CSMS said last (seconds since 1970), and when on the run's clock."""

    told: float | None = None
    at: float = 0.0

    def leaps(self, exchange: Exchange) -> bool:
        """Take a message in; whether it tells a time that does not follow from the one told before."""
        if exchange.from_station or not exchange.is_result(*TIME_TOLD):
            return False
        told = seconds_of(exchange.payload.get("currentTime"))
        if told is None:
            return False
        expected = told if self.told is None else self.told + exchange.record.t - self.at
        self.told, self.at = told, exchange.record.t
        return abs(told - expected) > _LEAP_S
