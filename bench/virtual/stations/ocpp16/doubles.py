"""The two doubles that answer everything alike: one agrees and does nothing, one refuses."""

from typing import Any

AGREEING: dict[str, dict[str, Any]] = {
    "CancelReservation": {"status": "Accepted"},
    "ChangeAvailability": {"status": "Accepted"},
    "ChangeConfiguration": {"status": "Accepted"},
    "ClearCache": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "CertificateSigned": {"status": "Accepted"},
    "DataTransfer": {"status": "Accepted"},
    "DeleteCertificate": {"status": "Accepted"},
    "ExtendedTriggerMessage": {"status": "Accepted"},
    "GetInstalledCertificateIds": {"status": "Accepted"},
    "InstallCertificate": {"status": "Accepted"},
    "GetCompositeSchedule": {"status": "Accepted"},
    "GetConfiguration": {},
    "GetDiagnostics": {},
    "GetLocalListVersion": {"listVersion": 0},
    "RemoteStartTransaction": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
    "ReserveNow": {"status": "Accepted"},
    "Reset": {"status": "Accepted"},
    "SendLocalList": {"status": "Accepted"},
    "SetChargingProfile": {"status": "Accepted"},
    "TriggerMessage": {"status": "Accepted"},
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": {},
}

REFUSING: dict[str, dict[str, Any]] = {
    "CancelReservation": {"status": "Rejected"},
    "ChangeAvailability": {"status": "Rejected"},
    "ChangeConfiguration": {"status": "Rejected"},
    "ClearCache": {"status": "Rejected"},
    "ClearChargingProfile": {"status": "Unknown"},
    "CertificateSigned": {"status": "Rejected"},
    "DataTransfer": {"status": "Rejected"},
    "DeleteCertificate": {"status": "Failed"},
    "ExtendedTriggerMessage": {"status": "Rejected"},
    "GetInstalledCertificateIds": {"status": "NotFound"},
    "InstallCertificate": {"status": "Rejected"},
    "GetCompositeSchedule": {"status": "Rejected"},
    "GetLocalListVersion": {"listVersion": -1},
    "RemoteStartTransaction": {"status": "Rejected"},
    "RemoteStopTransaction": {"status": "Rejected"},
    "ReserveNow": {"status": "Rejected"},
    "Reset": {"status": "Rejected"},
    "SendLocalList": {"status": "Failed"},
    "SetChargingProfile": {"status": "Rejected"},
    "TriggerMessage": {"status": "Rejected"},
    "UnlockConnector": {"status": "NotSupported"},
}


def canned(faults_on: dict[str, bool], action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """The double's answer; None when the station is no double, or the double has no answer but a CALLERROR."""
    if faults_on["accepts_and_does_nothing"]:
        return AGREEING.get(action)
    if faults_on["rejects_everything"]:
        if action == "GetConfiguration":
            return {"unknownKey": payload["key"]} if payload.get("key") else {}
        return REFUSING.get(action)
    return None
