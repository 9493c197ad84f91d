"""Defects of the field: framing."""

from bench.virtual.faults.defect import FieldDefect

FRAMING: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-001",
        "1.6",
        "framing",
        "billing",
        "lbbrhzn/ocpp#2032",
        symptom="every MeterValues of a transaction has a transactionId with nothing behind its colon",
        switches=("transaction_id_without_value",),
    ),
    FieldDefect(
        "FD-002",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#176; lbbrhzn/ocpp#442",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-003",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#1652; lbbrhzn/ocpp#1619",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-004",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#899",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-005",
        "1.6",
        "framing",
        "interop",
        "mobilityhouse/ocpp#436",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-006",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#1911",
        symptom="",
        pending="not built yet",
    ),
)
