"""Defects of the field: boot."""

from bench.virtual.faults.defect import FieldDefect

BOOT: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-033",
        "1.6",
        "boot",
        "interop",
        "lbbrhzn/ocpp#1529; evcc-io/evcc#4566; evcc-io/evcc#28540",
        symptom="after a loss of supply the station connects and reports statuses without a BootNotification",
        switches=("no_boot_after_power_loss",),
    ),
    FieldDefect(
        "FD-034",
        "1.6",
        "boot",
        "interop",
        "dallmann-consulting/OCPP.Core#31",
        symptom="BootNotification comes again every 10 s on the connection on which it was accepted",
        switches=("boots_every_ten_seconds",),
    ),
    FieldDefect(
        "FD-037",
        "1.6",
        "boot",
        "interop",
        "matth-x/MicroOcpp#353; EVerest/libocpp#478",
        symptom="after a BootNotification that is answered Pending or Rejected the statuses of all connectors follow at once",
        switches=("statuses_while_not_accepted",),
    ),
    FieldDefect(
        "FD-039",
        "2.0.1",
        "boot",
        "interop",
        "EVerest/libocpp commit 82bde3fa",
        symptom="a TriggerMessage of StatusNotification or MeterValues to a station that is pending is accepted, and nothing comes",
        switches=("pending_triggers_forgotten",),
    ),
    FieldDefect(
        "FD-041",
        "1.6",
        "boot",
        "interop",
        "SensorsIot/Wallbox-EVCC-Proxy:Actec_errors.md",
        symptom="1.6 s after an accepted BootNotification another one comes; from then on GetConfiguration and ChangeAvailability are not answered",
        switches=("boots_twice_and_is_deaf",),
    ),
    FieldDefect(
        "FD-042",
        "2.0.1",
        "boot",
        "interop",
        "EVerest/libocpp#565",
        symptom="a GetBaseReport to a station that is pending is accepted, its first NotifyReport comes and is answered, and the others never do",
        switches=("pending_report_stalls",),
    ),
)
