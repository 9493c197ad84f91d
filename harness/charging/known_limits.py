"""What limit is in force at an EVSE, by what a CSMS set and the station accepted: only where that is certain.

Unsure is: several transactions at once, which share a maximum as the station likes (OCPP 1.6 3.13.3); schedules in W, whose amperes
depend on phases in use; relative schedules of several periods, whose zero the station chooses (7.9); and whatever came before the record.
Requirement ids in the code are those of OCPP 2.0.1 part 2; sections those of OCPP 1.6 edition 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from harness.charging.composite16 import Question, Supply, composite
from harness.charging.profiles16 import Profile, cleared, installed, profile_of

_AMPERES = Supply(230.0, 3)
"""Of no consequence for schedules in A."""

_MOST_PROFILES = 100
"""More than any station takes; a station that is told more is not followed any longer."""


@dataclass(slots=True)
class KnownLimits:
    """One station. Connectors of 1.6 are taken for EVSEs of the same number, so that only the one that draws is asked for.

    `running`: transaction id by EVSE. `unsure`: what is installed is not known any more.
    """

    profiles: tuple[Profile, ...] = ()
    running: dict[int, Any] = field(default_factory=dict)
    unsure: bool = False

    def set(self, evse: int, payload: Mapping[str, Any]) -> None:
        """A profile in the words of 1.6 was accepted. One that cannot be read makes the rest unsure."""
        try:
            self.profiles = installed(self.profiles, profile_of(evse, payload))
        except (KeyError, TypeError, ValueError, AttributeError):
            self.unsure = True
        self.unsure = self.unsure or len(self.profiles) > _MOST_PROFILES

    def clear(self, **criteria: Any) -> None:
        """What matches is gone (1.6 errata 3.25, K10.FR.03, K10.FR.04)."""
        self.profiles = cleared(self.profiles, **criteria)

    def started(self, evse: int, transaction_id: Any) -> None:
        """A transaction runs at an EVSE."""
        self.running[evse] = transaction_id

    def stopped(self, transaction_id: Any) -> None:
        """It does not any more, and its profiles are gone (1.6 3.13.1, K02.FR.05)."""
        for evse in [evse for evse, running in self.running.items() if running == transaction_id]:
            del self.running[evse]
            self.profiles = tuple(p for p in self.profiles if p.purpose != "TxProfile" or p.connector_id != evse)

    def restarted(self) -> None:
        """The station restarted: profiles persist (1.6 errata 3.37, K01.FR.27), transactions may not."""
        self.running.clear()
        self.profiles = tuple(profile for profile in self.profiles if profile.purpose != "TxProfile")

    def highest_a(self, evse: int, begin: datetime, window_s: float) -> float | None:
        """The highest limit in amperes per phase within a window of time; None where there is none, or none is certain."""
        if self.unsure or not self.profiles or set(self.running) != {evse}:
            return None
        concerning = [profile for profile in self.profiles if profile.connector_id in {0, evse}]
        if not concerning or not all(_certain(profile) for profile in concerning):
            return None
        question = Question(evse, begin, window_s, "A", charging_since=begin - timedelta(days=1))
        limits = [stretch.limit for stretch in composite(concerning, question, _AMPERES)]
        known = [limit for limit in limits if limit is not None]
        return max(known) if known and len(known) == len(limits) else None


def _certain(profile: Profile) -> bool:
    lasting = len(profile.periods) == 1 and profile.duration_s is None
    return profile.unit == "A" and (lasting or profile.start is not None)


def in_words_of_16(profile: Mapping[str, Any]) -> dict[str, Any]:
    """A chargingProfile of OCPP 2.0.1 as OCPP 1.6 would have it. Raises KeyError, ValueError for what has no like there."""
    (schedule,) = profile["chargingSchedule"]
    purpose = profile["chargingProfilePurpose"]
    return {
        **profile,
        "chargingProfileId": profile["id"],
        "chargingProfilePurpose": "ChargePointMaxProfile" if purpose == "ChargingStationMaxProfile" else purpose,
        "chargingSchedule": schedule,
    }
