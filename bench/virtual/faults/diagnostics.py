"""Defects of the field: diagnostics."""

from bench.virtual.faults.defect import FieldDefect

DIAGNOSTICS: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-246",
        "1.6",
        "diagnostics",
        "cosmetic",
        "EVerest/libocpp#459; EVerest/EVerest#536",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-248",
        "1.6",
        "diagnostics",
        "interop",
        "matth-x/MicroOcpp#436",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-249",
        "1.6",
        "diagnostics",
        "interop",
        "matth-x/MicroOcpp#208",
        symptom="",
        pending="not built yet",
    ),
)
