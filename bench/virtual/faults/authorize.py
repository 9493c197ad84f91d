"""Defects of the field: authorize."""

from bench.virtual.faults.defect import FieldDefect

AUTHORIZE: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-075",
        "1.6",
        "authorize",
        "billing",
        "goecharger/go-eCharger-API-v2#176",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-076",
        "1.6",
        "authorize",
        "billing",
        "dingo35/SmartEVSE-3.5#362",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-077",
        "1.6",
        "authorize",
        "interop",
        "SmartEVSE/SmartEVSE-3#76",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-078",
        "1.6",
        "authorize",
        "interop",
        "EVerest/libocpp#496",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-079",
        "1.6",
        "authorize",
        "billing",
        "EVerest/libocpp#793",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-080",
        "2.0.1",
        "authorize",
        "interop",
        "EVerest/libocpp#1048",
        symptom="",
        pending="not built yet",
    ),
)
