"""Defects of the field: reservation."""

from bench.virtual.faults.defect import FieldDefect

RESERVATION: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-229",
        "1.6",
        "reservation",
        "interop",
        "matth-x/MicroOcpp#163",
        symptom="StartTransaction of the tag that reserved the connector carries no reservationId",
        switches=("reservation_id_missing",),
    ),
    FieldDefect(
        "FD-230",
        "1.6",
        "reservation",
        "billing",
        "matth-x/MicroOcpp#163",
        symptom="a remote start with another tag than the reserving one is Accepted at the reserved connector, and charges",
        switches=("reservation_not_kept",),
    ),
    FieldDefect(
        "FD-231",
        "1.6",
        "reservation",
        "interop",
        "matth-x/MicroOcpp#191; matth-x/MicroOcpp#196",
        symptom="a start by another tag at the reserved connector is let through without a reservationId, and the reservation is gone afterwards",
        switches=("foreign_start_ends_the_reservation",),
    ),
    FieldDefect(
        "FD-232",
        "1.6",
        "reservation",
        "interop",
        "c-jimenez/open-ocpp#150; c-jimenez/open-ocpp#154",
        symptom="ReserveNow of connector 0 is Accepted and one connector reports Reserved although others are free",
        switches=("zero_reservation_takes_a_connector",),
    ),
)
