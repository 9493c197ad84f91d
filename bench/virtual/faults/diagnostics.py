"""Defects of the field: diagnostics."""

from bench.virtual.faults.defect import FieldDefect

DIAGNOSTICS: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-246",
        "1.6",
        "diagnostics",
        "cosmetic",
        "EVerest/libocpp#459; EVerest/EVerest#536",
        symptom="after GetDiagnostics the status Uploading comes 31 times, 2 s apart, before Uploaded",
        switches=("diagnostics_uploading_flood",),
    ),
    FieldDefect(
        "FD-248",
        "1.6",
        "diagnostics",
        "interop",
        "matth-x/MicroOcpp#436",
        symptom="GetDiagnostics with retries 0 is followed by UploadFailed at once: no Uploading, no connection to the server",
        switches=("diagnostics_zero_retries_never_tried",),
    ),
    FieldDefect(
        "FD-249",
        "1.6",
        "diagnostics",
        "interop",
        "matth-x/MicroOcpp#208",
        symptom="GetDiagnostics is not answered: the connection ends, and a BootNotification follows",
        switches=("diagnostics_request_restarts",),
    ),
)
