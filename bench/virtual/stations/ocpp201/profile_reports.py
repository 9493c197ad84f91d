"""What the CSMS is told of installed charging profiles (K09)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from bench.virtual.stations.ocpp201.charging_profiles import Installed
from bench.virtual.stations.ocpp201.endpoint import CALL, RESULT, Handler, Reply
from bench.virtual.stations.ocpp201.firmware import Firmware

Payload = dict[str, Any]


class ProfileReports:
    """Answers GetChargingProfiles, and reports what matches: one message an EVSE."""

    def __init__(self, firmware: Firmware) -> None:
        self._firmware = firmware

    def handlers(self) -> dict[str, Handler]:
        """By action."""
        return {"GetChargingProfiles": self.get_charging_profiles}

    def get_charging_profiles(
        self, request_id: int, charging_profile: Payload, evse_id: int | None = None, **_: Any
    ) -> Reply:
        """K09."""
        rows = [row for row in self._firmware.profiles.all() if _matches(row, charging_profile, evse_id)]
        if not rows:
            return Reply(RESULT.GetChargingProfiles("NoProfiles"))

        async def report() -> None:
            await self._report(request_id, sorted(rows, key=lambda row: row.evse_id))

        if self._firmware.board.faults.on("profiles_never_reported"):
            return Reply(RESULT.GetChargingProfiles("Accepted"))
        return Reply(RESULT.GetChargingProfiles("Accepted"), then=lambda: self._firmware.spawn(report()))

    async def _report(self, request_id: int, rows: Sequence[Installed]) -> None:
        by_evse = [(evse_id, list(own)) for evse_id, own in groupby(rows, key=lambda row: row.evse_id)]
        endpoint = self._firmware.endpoint
        for number, (evse_id, own) in enumerate(by_evse, start=1):
            profiles: Any = [row.profile for row in own]
            source: Any = "CSO"
            if endpoint is None:
                return  # the connection is gone, and nobody waits for the report
            await endpoint.ask(
                CALL.ReportChargingProfiles(
                    request_id=request_id,
                    charging_limit_source=source,
                    charging_profile=profiles,
                    evse_id=evse_id,
                    tbc=number < len(by_evse),  # K09.FR.02
                )
            )


def _matches(row: Installed, criteria: Payload, evse_id: int | None) -> bool:
    ids, sources = criteria.get("charging_profile_id"), criteria.get("charging_limit_source")
    return (
        evse_id in {None, row.evse_id}
        and (not ids or row.profile["id"] in ids)
        and (not sources or "CSO" in sources)
        and criteria.get("charging_profile_purpose") in {None, row.purpose}
        and criteria.get("stack_level") in {None, row.stack_level}
    )
