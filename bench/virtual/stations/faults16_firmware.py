"""Wrong behaviours of the OCPP 1.6 stack around firmware, diagnostics and logs."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)
_TOLD = "sections 4.5, 5.19: the CSMS is kept updated with the status of the update"


def _status_missing(status: str) -> Fault:
    name = f"firmware_status_{status.lower()}_missing"
    return Fault(name, _V, f"leaves out FirmwareStatusNotification {status}", _TOLD)


FAULTS16_FIRMWARE: tuple[Fault, ...] = (
    Fault("update_firmware_ignored", _V, "answers UpdateFirmware and does nothing", "section 5.19"),
    *(
        _status_missing(status)
        for status in (
            "Downloading",
            "Downloaded",
            "DownloadFailed",
            "Installing",
            "Installed",
            "InstallationFailed",
            "SignatureVerified",
            "InvalidSignature",
            "InstallScheduled",
        )
    ),
    Fault("firmware_not_fetched", _V, "tells of a download that it never made", "section 5.19; 7.25: Downloaded"),
    Fault(
        "download_failure_told_as_success", _V, "tells Downloaded where the download failed", "section 7.25: Downloaded"
    ),
    Fault("firmware_not_activated", _V, "tells Installed and runs the old firmware", "errata 3.48; 7.25: Installed"),
    Fault(
        "firmware_without_restart", _V, "tells Installed and never runs the new firmware", "errata 3.48; section 4.2"
    ),
    Fault("bad_firmware_installed", _V, "installs a file that is no firmware", "errata 3.48: if the image is valid"),
    Fault("unavailable_after_update", _V, "leaves its connectors Unavailable after an update", "section 4.9"),
    Fault("diagnostics_ignored", _V, "answers GetDiagnostics and does nothing", "section 5.9"),
    Fault("diagnostics_name_missing", _V, "names no file in GetDiagnostics.conf", "section 5.9"),
    Fault("diagnostics_not_uploaded", _V, "tells Uploaded and brought nothing", "section 5.9; 7.24: Uploaded"),
    Fault("diagnostics_other_name", _V, "brings a file of another name than it told", "section 5.9"),
    Fault("diagnostics_empty", _V, "brings an empty file", "section 5.9"),
    Fault("diagnostics_uploading_missing", _V, "leaves out DiagnosticsStatusNotification Uploading", "section 4.4"),
    Fault("diagnostics_uploaded_missing", _V, "leaves out DiagnosticsStatusNotification Uploaded", "section 4.4"),
    Fault(
        "diagnostics_uploadfailed_missing", _V, "leaves out DiagnosticsStatusNotification UploadFailed", "section 4.4"
    ),
    Fault(
        "diagnostics_failure_told_as_success", _V, "tells Uploaded where the upload failed", "section 7.24: Uploaded"
    ),
    Fault(
        "firmware_signature_not_checked", _V, "takes every signature for a good one", "white paper edition 3, L01.FR.04"
    ),
    Fault(
        "no_event_for_bad_signature",
        _V,
        "reports no security event for a bad signature",
        "white paper edition 3, L01.FR.03",
    ),
    Fault(
        "firmware_other_request_id",
        _V,
        "tells another requestId than the order had",
        "white paper edition 3, L01.FR.10",
    ),
    Fault("signed_firmware_rejected", _V, "rejects every signed update", "white paper edition 3, L01.FR.24"),
    Fault("log_rejected", _V, "rejects every GetLog", "white paper edition 3, N01.FR.01"),
    Fault("log_ignored", _V, "answers GetLog and does nothing", "white paper edition 3, N01.FR.02"),
    Fault("log_name_missing", _V, "names no file in GetLog.conf", "white paper edition 3, N01.FR.01"),
    Fault("log_not_uploaded", _V, "tells Uploaded and brought nothing", "white paper edition 3, N01.FR.02"),
    Fault("log_other_name", _V, "brings a log of another name than it told", "white paper edition 3, N01.FR.01"),
    Fault("log_empty", _V, "brings an empty log", "white paper edition 3, N01.FR.03"),
    Fault(
        "log_uploading_missing", _V, "leaves out LogStatusNotification Uploading", "white paper edition 3, N01.FR.08"
    ),
    Fault("log_uploaded_missing", _V, "leaves out LogStatusNotification Uploaded", "white paper edition 3, N01.FR.09"),
    Fault(
        "log_uploadfailed_missing",
        _V,
        "leaves out LogStatusNotification UploadFailed",
        "white paper edition 3, N01.FR.10",
    ),
    Fault(
        "log_failure_told_as_success", _V, "tells Uploaded where the upload failed", "white paper edition 3, N01.FR.10"
    ),
    Fault(
        "log_request_id_missing",
        _V,
        "leaves the requestId out of LogStatusNotification",
        "white paper edition 3, N01.FR.12",
    ),
    Fault("log_other_request_id", _V, "tells another requestId than GetLog had", "white paper edition 3, N01.FR.07"),
)
