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
        symptom="the answer to a GetConfiguration whose keys are all unknown ends after its empty list of settings: object and frame are never closed",
        switches=("answer_of_unknown_keys_never_closed",),
    ),
    FieldDefect(
        "FD-003",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#1652; lbbrhzn/ocpp#1619",
        symptom="the answer to a GetConfiguration whose keys are all unknown has a closing bracket for its settings and no opening one",
        switches=("answer_of_unknown_keys_never_opened",),
    ),
    FieldDefect(
        "FD-004",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#899",
        symptom="a GetConfiguration that names keys is answered by a CALLERROR FormationViolation of four elements",
        switches=("keys_answered_by_an_error_without_details",),
    ),
    FieldDefect(
        "FD-005",
        "1.6",
        "framing",
        "interop",
        "mobilityhouse/ocpp#436",
        symptom="every CALLERROR is an array of two elements, 4 and the message id",
        switches=("error_of_two_elements",),
    ),
    FieldDefect(
        "FD-006",
        "1.6",
        "framing",
        "interop",
        "lbbrhzn/ocpp#1911",
        symptom="a RemoteStartTransaction whose tag has 20 characters is answered by a CALLERROR TypeConstraintViolation with an empty text for its details",
        switches=("tag_of_20_characters_too_long",),
    ),
)
