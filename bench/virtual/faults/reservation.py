"""Defects of the field: reservation."""

from bench.virtual.faults.defect import FieldDefect

RESERVATION: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-229",
        "1.6",
        "reservation",
        "interop",
        "matth-x/MicroOcpp#163",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-230",
        "1.6",
        "reservation",
        "billing",
        "matth-x/MicroOcpp#163",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-231",
        "1.6",
        "reservation",
        "interop",
        "matth-x/MicroOcpp#191; matth-x/MicroOcpp#196",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-232",
        "1.6",
        "reservation",
        "interop",
        "c-jimenez/open-ocpp#150; c-jimenez/open-ocpp#154",
        symptom="",
        pending="not built yet",
    ),
)
