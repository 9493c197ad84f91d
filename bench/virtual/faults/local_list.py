"""Defects of the field: local list."""

from bench.virtual.faults.defect import FieldDefect

LOCAL_LIST: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-236",
        "1.6",
        "local list",
        "interop",
        "mobilityhouse/ocpp#265",
        symptom="SendLocalList, full and with one valid tag, is answered NotSupported, while SupportedFeatureProfiles holds LocalAuthListManagement",
        switches=("local_list_not_supported",),
    ),
    FieldDefect(
        "FD-237",
        "1.6",
        "local list",
        "cosmetic",
        "matth-x/MicroOcpp#202",
        symptom="the first StatusNotification of a connector after a Reset during charging has the errorCode LocalListConflict, with an empty list",
        switches=("local_list_conflict_without_one",),
    ),
)
