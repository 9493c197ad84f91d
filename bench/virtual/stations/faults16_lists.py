"""Wrong behaviours of the OCPP 1.6 stack with its local authorization list and its reservations. Sections as in faults16."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

_LISTS: tuple[Fault, ...] = (
    Fault(
        "local_list_not_used",
        _V,
        "asks the CSMS for a tag of its local list although LocalPreAuthorize is true",
        "section 9.1.13 LocalPreAuthorize; 3.5",
    ),
    Fault(
        "listed_tag_asked_before_a_remote_start",
        _V,
        "asks the CSMS for a tag of its local list before it answers a remote start, and starts it by the list",
        "section 9.1.13 LocalPreAuthorize: without requesting an authorization; 5.11",
    ),
    Fault("full_local_list_refused", _V, "answers Failed to every full local list", "section 5.15"),
    Fault("differential_list_refused", _V, "takes full local lists only", "sections 5.15, 7.48"),
    Fault(
        "differential_list_replaces",
        _V,
        "takes a differential list for a full one",
        "section 7.48: the current list is updated with the values of the message",
    ),
    Fault(
        "differential_list_adds_nothing",
        _V,
        "leaves out what a differential list adds",
        "section 7.1: added or updated",
    ),
    Fault(
        "differential_list_deletes_nothing",
        _V,
        "keeps the tags that a differential list deletes",
        "section 7.1: an entry without idTagInfo is deleted",
    ),
    Fault("local_list_version_lost", _V, "tells list version 0 whatever list it has", "section 5.10"),
    Fault(
        "local_list_version_not_taken",
        _V,
        "goes on with the list version that it had when the list is updated",
        "section 5.15: the version that the list has after the update",
    ),
    Fault(
        "empty_local_list_keeps_version",
        _V,
        "tells the version of an empty local list",
        "section 5.10: 0 for an empty list",
    ),
    Fault(
        "empty_local_list_ignored",
        _V,
        "accepts a full list without entries and keeps those that it has",
        "section 6.41: all identifications are removed",
    ),
    Fault(
        "missing_local_list_told_empty",
        _V,
        "tells list version 0 where it has no local list, or has it switched off",
        "section 5.10: -1 where there is none",
    ),
    Fault(
        "missing_local_list_accepted",
        _V,
        "accepts local lists that it has no place for",
        "section 7.47: NotSupported",
    ),
    Fault(
        "old_local_list_accepted",
        _V,
        "answers Accepted to a differential list of an older version, and leaves it out",
        "section 7.47: VersionMismatch",
    ),
    Fault(
        "old_local_list_applied",
        _V,
        "answers VersionMismatch to a differential list of an older version, and applies it",
        "section 7.47: VersionMismatch",
    ),
    Fault(
        "old_local_list_applied_quietly",
        _V,
        "answers VersionMismatch to a differential list of an older version, keeps the version, and applies the entries",
        "section 7.47: VersionMismatch; 5.15: the response says whether the update was accepted",
    ),
    Fault(
        "failed_local_list_accepted",
        _V,
        "answers Accepted to a local list that it could not store",
        "section 7.47: Failed",
    ),
    Fault(
        "failed_local_list_changes_version",
        _V,
        "answers Failed to a local list that it could not store, and tells its version all the same",
        "section 5.15: the version belongs to the list after it was updated",
    ),
)

_RESERVATIONS: tuple[Fault, ...] = (
    Fault("reservation_refused", _V, "answers Occupied where the connector can be reserved", "section 5.13: Accepted"),
    Fault("reserved_not_reported", _V, "reserves a connector and does not report Reserved", "section 4.9 A7"),
    Fault("reservation_not_kept", _V, "lets every tag charge on a reserved connector", "section 5.13"),
    Fault(
        "reservation_locks_out_everybody",
        _V,
        "lets nobody charge on a reserved connector, not even who reserved it",
        "section 5.13: except when the idTag or the parent idTag match",
    ),
    Fault(
        "reservation_id_missing",
        _V,
        "leaves the reservationId out of the StartTransaction that ends a reservation",
        "sections 4.8, 5.13",
    ),
    Fault("reservation_never_expires", _V, "keeps a reservation beyond its expiryDate", "section 5.13"),
    Fault("reservation_expires_early", _V, "ends a reservation after half of its time", "section 5.13"),
    Fault(
        "ended_reservation_still_kept",
        _V,
        "reports Available when a reservation expires or is cancelled, and refuses everybody else until the next one",
        "sections 5.1, 5.13",
    ),
    Fault(
        "ended_reservation_id_sent",
        _V,
        "names a reservation that has ended in the StartTransaction of somebody else",
        "section 4.8: the reservation that the transaction ends",
    ),
    Fault(
        "reserves_what_is_not_available",
        _V,
        "answers Accepted where the connector is Faulted, occupied or Unavailable",
        "section 5.13",
    ),
    Fault(
        "reservation_refused_without_reason",
        _V,
        "answers Rejected where the connector is Faulted, occupied or Unavailable",
        "sections 5.13, 7.40",
    ),
    Fault(
        "refused_reservation_made",
        _V,
        "refuses a reservation and makes it all the same",
        "section 7.40: the reservation has not been made",
    ),
    Fault(
        "missing_reservations_accepted",
        _V,
        "accepts reservations although it has none",
        "sections 5.13, 7.40: Rejected",
    ),
    Fault(
        "connector_zero_refused",
        _V,
        "rejects reservations of connector 0 although ReserveConnectorZeroSupported is true",
        "section 5.13; 9.3.1",
    ),
    Fault("cancel_reservation_refused", _V, "rejects CancelReservation of a reservation that it has", "section 5.1"),
    Fault("cancel_reservation_ignored", _V, "accepts CancelReservation and keeps the reservation", "section 5.1"),
    Fault(
        "unknown_reservation_cancelled",
        _V,
        "accepts CancelReservation of a reservation that it does not have",
        "section 5.1: Rejected",
    ),
    Fault(
        "unknown_reservation_cancels_all",
        _V,
        "rejects CancelReservation of a reservation that it does not have, and cancels those that it has",
        "section 5.1: the reservation with the given id",
    ),
    Fault(
        "reservation_parent_ignored",
        _V,
        "lets no other tag of the reserving group charge on a reserved connector",
        "section 5.13: except when the parent idTag matches",
    ),
    Fault(
        "reservation_parent_not_asked",
        _V,
        "does not ask for the group of a remotely sent tag before it compares it with the reservation's",
        "section 5.13: an Authorize.req for a tag whose parent idTag is not known",
    ),
)

_BOTH: tuple[Fault, ...] = (
    Fault(
        "remote_start_rejected",
        _V,
        "rejects every RemoteStartTransaction",
        "section 5.11: Accepted where the tag may charge",
    ),
)

FAULTS16_LISTS: tuple[Fault, ...] = (*_LISTS, *_RESERVATIONS, *_BOTH)
