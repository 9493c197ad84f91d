"""Wrong behaviours of the OCPP 1.6 stack that were seen in the field: transactions, tags, reservations. Sections are those of OCPP 1.6 edition 2."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_TRANSACTIONS: tuple[Fault, ...] = (
    Fault(
        "stop_of_nobody_at_the_start",
        _V,
        "tells the end of a transaction -1, ten minutes ago, as soon as a transaction has begun",
        "sections 4.10, 6.49; errata 3.18",
    ),
    Fault(
        "end_by_unplugging_not_told",
        _V,
        "ends a transaction whose EV is unplugged and sends no StopTransaction",
        "sections 4.10, 9.1.23",
    ),
    Fault(
        "emergency_stop_imagined",
        _V,
        "tells an EmergencyStop 5 s after the start, and supplies on until it is stopped remotely",
        "sections 4.10, 7.36, 4.1",
    ),
    Fault(
        "remote_stop_imagined",
        _V,
        "ends a transaction after 20 s with reason Remote and meterStop 0, which nobody asked for",
        "sections 4.10, 7.36, 6.49",
    ),
    Fault(
        "concurrent_start_stopped_as_nobody",
        _V,
        "answers ConcurrentTx in StartTransaction.conf with the end of a transaction -1, and supplies on",
        "errata 3.17; section 6.49",
    ),
    Fault(
        "meter_stop_rounded_up",
        _V,
        "rounds its register down for meterStart and up for meterStop",
        "errata 3.78: registers as they are read; what one transaction ends with is what the next begins with",
    ),
    Fault(
        "second_transaction_needs_replugging",
        _V,
        "accepts a remote start after a transaction and begins nothing until the cable was pulled",
        "section 5.11, errata 3.32",
    ),
    Fault(
        "late_authorization_reopens",
        _V,
        "supplies without a transaction when Authorize.conf comes after the transaction was stopped",
        "sections 4.1, 4.8, 5.12",
    ),
    Fault(
        "end_sample_sent_again",
        _V,
        "sends the last reading of a transaction that it told as ended once more after a restart",
        "section 7.35 Transaction.End; 3.16.1",
    ),
    Fault(
        "known_tag_bypasses_the_csms",
        _V,
        "supplies energy to a tag that it knows, without Authorize and without StartTransaction",
        "section 4.8: StartTransaction.req for a transaction that has been started",
    ),
    Fault(
        "reader_drops_the_last_byte",
        _V,
        "reads every tag but for its last byte, the last two characters of its identifier",
        "section 7.28: the identifier; 6.1 idTag",
    ),
    Fault(
        "offline_list_needs_pre_authorize",
        _V,
        "knows no tag offline unless LocalPreAuthorize is true",
        "sections 3.5, 9.1.12, 9.1.13",
    ),
    Fault(
        "expiry_of_tags_ignored",
        _V,
        "takes a tag from list or cache for accepted after its expiryDate",
        "sections 3.5.1, 3.5.4",
    ),
    Fault(
        "foreign_start_ends_the_reservation",
        _V,
        "lets every tag begin at a reserved connector, and forgets the reservation then",
        "section 5.13",
    ),
    Fault(
        "zero_reservation_takes_a_connector",
        _V,
        "reserves its first free connector for a reservation of connector 0",
        "section 5.13: it SHALL NOT reserve a specific connector",
    ),
)
