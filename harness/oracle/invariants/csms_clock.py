"""The time that a CSMS tells its stations, and its leaps.

A station that follows a leap, as it is recommended to, tells times from then on that those before cannot be compared with.
"""

from dataclasses import dataclass

TIME_TOLD = frozenset({"BootNotification", "Heartbeat"})
"""Actions whose answers tell the time."""

LEAP_S = 10.0
"""By how much a time may differ from what follows from the one before, and a station's clock from the CSMS's: the rules' list asks for 10 s."""

_NEVER = 0.0
"""Where the run's clock stands in a log that tells no times: there only a time that goes back is a leap."""


@dataclass(slots=True)
class CsmsClock:
    """What the CSMS said last (`told`, seconds since 1970), and when on the run's clock (`at`); `accepted`, and when: its answer to the boot.

    `steady` is its lead over the run's clock by which a station may have set its own. `stepped`: since the station's boot it told a time that does
    not follow from the one before, and has not come back to it: a station need not follow (4.6, G02.FR.06: recommended).
    """

    told: float | None = None
    at: float = 0.0
    steady: float = 0.0
    accepted: bool = False
    accepted_at: float = 0.0
    stepped: bool = False

    def now(self, t: float) -> float | None:
        """Its time at `t` on the run's clock; None where it told none."""
        return None if self.told is None else self.told + t - self.at

    def hear(self, told: float, t: float, status: object, *, boots: bool) -> bool:
        """Take in a time told at `t`, and with the answer to a boot its `status`. Whether it leaps: does not follow from the time told before."""
        expected, lead_s = self.now(t), told - t
        leaps = expected is not None and abs(told - expected) > LEAP_S
        if t == self.at == _NEVER and expected is not None:
            leaps = told < expected - LEAP_S
        if leaps:
            self.stepped = abs(lead_s - self.steady) > LEAP_S
        if expected is None or (boots and not leaps) or not (leaps or self.stepped):
            self.steady, self.stepped = lead_s, False
        self.told, self.at = told, t
        if boots:
            self.accepted, self.accepted_at = status == "Accepted", t
        return leaps
