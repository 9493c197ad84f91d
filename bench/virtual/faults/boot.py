"""Defects of the field: boot."""

from bench.virtual.faults.defect import FieldDefect

BOOT: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-033",
        "1.6",
        "boot",
        "interop",
        "lbbrhzn/ocpp#1529; evcc-io/evcc#4566; evcc-io/evcc#28540",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-034",
        "1.6",
        "boot",
        "interop",
        "dallmann-consulting/OCPP.Core#31",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-037",
        "1.6",
        "boot",
        "interop",
        "matth-x/MicroOcpp#353; EVerest/libocpp#478",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-039",
        "2.0.1",
        "boot",
        "interop",
        "EVerest/libocpp commit 82bde3fa",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-041",
        "1.6",
        "boot",
        "interop",
        "SensorsIot/Wallbox-EVCC-Proxy:Actec_errors.md",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-042",
        "2.0.1",
        "boot",
        "interop",
        "EVerest/libocpp#565",
        symptom="",
        pending="not built yet",
    ),
)
