"""Wrong behaviours of the OCPP 1.6 stations with messages that wait. Sections are those of OCPP 1.6 edition 2; errata of its sheet."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_QUEUE: tuple[Fault, ...] = (
    Fault(
        "in_flight_message_lost",
        _V,
        "gives up a transaction-related message whose answer was outstanding when the connection ended",
        "section 3.7.1: a message is skipped only after repeated failures to process it",
    ),
    Fault(
        "in_flight_stop_lost",
        _V,
        "gives up a StopTransaction whose answer was outstanding when the connection ended",
        "section 3.7.1: a message is skipped only after repeated failures to process it; 4.10",
    ),
    Fault(
        "stop_told_without_end",
        _V,
        "sends every StopTransaction once more, after it was answered",
        "section 3.7.1: a message is sent again only as long as it keeps failing",
    ),
    Fault(
        "failed_message_dropped",
        _V,
        "gives up a transaction-related message that had no answer, at the first attempt",
        "section 3.7.1 with TransactionMessageAttempts; 4.8, 4.10",
    ),
    Fault(
        "queued_starts_lost_at_reboot",
        _V,
        "forgets at a restart each StartTransaction that waits, and sends the StopTransaction alone",
        "section 3.7.1: a message is skipped only after repeated failures to process it; 4.8",
    ),
    Fault(
        "queue_of_100",
        _V,
        "has room for 100 waiting messages, and drops what comes when it is full",
        "section 3.7: transaction-related messages are queued while offline",
    ),
    Fault(
        "id_of_repeated_start_ignored",
        _V,
        "says -1 as the transactionId of a transaction whose StartTransaction was answered at the second attempt",
        "errata 3.18: -1 only where no StartTransaction.conf was received; sections 6.31, 6.49",
    ),
    Fault(
        "id_of_offline_start_forgotten",
        _V,
        "stops a transaction that began offline with transactionId -1, although its StartTransaction was answered",
        "errata 3.18: -1 only where no StartTransaction.conf was received; section 6.49",
    ),
    Fault(
        "queued_messages_name_connector_1",
        _V,
        "after a restart names connector 1 in every message that waits",
        "section 3.8; 6.31, 6.45: the connector of the transaction",
    ),
    Fault(
        "transaction_data_lost_by_outage",
        _V,
        "leaves transactionData out of a StopTransaction that could not be told at once",
        "section 9.1.27 StopTxnSampledData; 3.16.1",
    ),
)
