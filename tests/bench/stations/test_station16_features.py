"""A station without a feature profile says so, each message in its own way, and has no key of it."""

import pytest

from bench.virtual.stations.config import FEATURES

PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]},
}
REQUESTS = {
    "CancelReservation": {"reservationId": 1},
    "SetChargingProfile": {"connectorId": 1, "csChargingProfiles": PROFILE},
    "ClearChargingProfile": {},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 60},
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "GetDiagnostics": {"location": "ftp://127.0.0.1/"},
    "UpdateFirmware": {"location": "ftp://127.0.0.1/x", "retrieveDate": "2026-05-02T00:00:00Z"},
}


BASIC = {"features": ["Core"], "authorization_cache": False}


@pytest.mark.parametrize("action", REQUESTS)
def test_an_action_of_an_absent_profile_is_recognised_and_not_supported(rig16, action):
    answer = rig16(lambda rig: rig.csms.call(action, **REQUESTS[action]), **BASIC)
    assert answer[0] == "NotSupported", answer


def test_local_list_and_reservations_have_words_of_their_own_for_that(rig16):
    async def body(rig):
        assert (await rig.csms.call("GetLocalListVersion"))[0] == {"listVersion": -1}
        answer = await rig.csms.call("SendLocalList", listVersion=1, updateType="Full")
        assert answer[0] == {"status": "NotSupported"}
        wish = {"expiryDate": "2026-05-02T00:00:00Z", "idTag": "T", "reservationId": 1}
        assert (await rig.csms.call("ReserveNow", connectorId=1, **wish))[0] == {"status": "Rejected"}

    rig16(body, **BASIC)


def test_no_key_of_an_absent_profile_and_none_of_the_cache(rig16):
    async def body(rig):
        rows = (await rig.csms.call("GetConfiguration"))[0]["configurationKey"]
        values = {row["key"]: row.get("value") for row in rows}
        assert values["SupportedFeatureProfiles"] == "Core"
        gone = ["LocalAuthListEnabled", "ReserveConnectorZeroSupported", "ChargeProfileMaxStackLevel"]
        gone.append("AuthorizationCacheEnabled")
        assert not set(gone) & set(values)
        assert (await rig.csms.call("GetConfiguration", key=gone))[0]["unknownKey"] == gone
        changed = await rig.csms.call("ChangeConfiguration", key="LocalAuthListEnabled", value="false")
        assert changed[0]["status"] == "NotSupported"
        assert (await rig.csms.call("ClearCache"))[0]["status"] == "Rejected"

    rig16(body, **BASIC)


def test_a_core_station_charges(rig16):
    assert rig16(lambda rig: rig.charge(), **BASIC)[1] == 101


def test_the_default_claims_what_it_serves(rig16):
    async def body(rig):
        answer = await rig.csms.call("GetConfiguration", key=["SupportedFeatureProfiles"])
        claimed = answer[0]["configurationKey"][0]["value"].split(",")
        assert set(claimed) <= set(FEATURES)
        for feature, action in {"Reservation": "CancelReservation", "SmartCharging": "ClearChargingProfile"}.items():
            assert feature in claimed
            assert (await rig.csms.call(action, **REQUESTS[action]))[0].get("status") is not None

    rig16(body)
