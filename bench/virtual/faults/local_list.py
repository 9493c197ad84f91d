"""Defects of the field: local list."""

from bench.virtual.faults.defect import FieldDefect

LOCAL_LIST: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-236",
        "1.6",
        "local list",
        "interop",
        "mobilityhouse/ocpp#265",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-237",
        "1.6",
        "local list",
        "cosmetic",
        "matth-x/MicroOcpp#202",
        symptom="",
        pending="not built yet",
    ),
)
