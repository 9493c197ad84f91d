"""Defects of the field: firmware."""

from bench.virtual.faults.defect import FieldDefect

FIRMWARE: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-238",
        "1.6",
        "firmware",
        "interop",
        "matth-x/MicroOcpp#261",
        symptom="after UpdateFirmware the first FirmwareStatusNotification is Installing; Installed follows after the restart",
        switches=("firmware_status_downloading_missing", "firmware_status_downloaded_missing"),
    ),
    FieldDefect(
        "FD-239",
        "1.6",
        "firmware",
        "interop",
        "sap-labs-france/ev-server#2305; EVerest/libocpp#758",
        symptom="after UpdateFirmware the station installs and restarts, and Installing stays the last status it tells",
        switches=("firmware_status_installed_missing",),
    ),
    FieldDefect(
        "FD-241",
        "1.6",
        "firmware",
        "interop",
        "matth-x/MicroOcpp#215",
        symptom="after UpdateFirmware comes Downloading, and no FirmwareStatusNotification any more",
        switches=("update_given_up_silently",),
    ),
    FieldDefect(
        "FD-242",
        "2.0.1",
        "firmware",
        "cosmetic",
        "EVerest/libocpp#276; EVerest/libocpp#277",
        symptom="every FirmwareStatusNotification of an update comes three times with one requestId, and InstallScheduled among them although no date was given and no transaction runs",
        switches=("firmware_statuses_spurious",),
    ),
    FieldDefect(
        "FD-243",
        "2.0.1",
        "firmware",
        "cosmetic",
        "EVerest/libocpp#1064",
        symptom="TriggerMessage of FirmwareStatusNotification after Installed is followed by Installed again",
        switches=("installed_told_for_idle",),
    ),
)
