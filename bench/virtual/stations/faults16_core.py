"""Wrong behaviours of the OCPP 1.6 stack: resets, unlocking, loss of supply, offline behaviour, faults, clock-aligned values."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_CORE: tuple[Fault, ...] = (
    # -- resets and restarts
    Fault("reset_rejected", _V, "rejects every Reset", "section 5.14: it is asked to reset itself"),
    Fault(
        "soft_reset_stops_afterwards",
        _V,
        "restarts on a soft reset at once and tells the end of the transaction after the boot",
        "section 5.14: StopTransaction.req for any ongoing transaction before the reset",
    ),
    Fault(
        "soft_reset_keeps_energy",
        _V,
        "tells the end of transactions on a soft reset, restarts nothing and goes on supplying energy",
        "sections 5.14, 4.10: stop ongoing transactions gracefully",
    ),
    Fault(
        "no_boot_after_power_loss",
        _V,
        "comes back from a loss of supply without a BootNotification",
        "section 4.2: BootNotification each time it boots or reboots",
    ),
    Fault("availability_rejected", _V, "rejects every ChangeAvailability", "section 5.2"),
    Fault(
        "operative_not_told",
        _V,
        "is in service again after a change to Operative, and does not report it",
        "section 5.2: the new availability is reported",
    ),
    Fault("operative_rejected", _V, "rejects every change to Operative", "section 5.2"),
    Fault(
        "available_after_boot_with_cable",
        _V,
        "reports a connector as Available after a start although an EV is connected",
        "sections 4.9, 7.7; errata 3.22: the current status of every connector",
    ),
    Fault(
        "supplies_after_start",
        _V,
        "supplies energy to whatever is connected when it starts",
        "section 4.1: energy is supplied after authorisation only",
    ),
    Fault(
        "station_availability_not_passed_on",
        _V,
        "takes connector 0 out of service and leaves the connectors in service",
        "section 5.2: connector 0 is the station and all its connectors",
    ),
    Fault(
        "forgets_unavailable_once_started",
        _V,
        "reports itself Unavailable while it starts, and Available some seconds later, whatever was commanded before",
        "sections 4.9, 5.2: Unavailable by command persists; the time of a start is a purpose of its own",
    ),
    # -- unlocking and locking
    Fault(
        "unlock_not_supported",
        _V,
        "answers NotSupported to UnlockConnector although it has locks",
        "sections 5.18, 7.46; errata 3.87",
    ),
    Fault(
        "unlock_drives_home",
        _V,
        "drives the lock the wrong way on UnlockConnector without a transaction, and answers Unlocked",
        "section 5.18: whether it was able to unlock",
    ),
    Fault(
        "unlock_answered_only",
        _V,
        "stops the transaction on UnlockConnector, answers Unlocked and never moves the lock",
        "section 5.18: whether it was able to unlock",
    ),
    Fault(
        "unlock_keeps_transaction",
        _V,
        "opens the lock on UnlockConnector and goes on with the transaction",
        "section 5.18: the transaction is finished first",
    ),
    Fault(
        "unlock_keeps_energy",
        _V,
        "opens the lock on UnlockConnector, tells the end of the transaction and goes on supplying energy",
        "sections 5.18, 4.10: the transaction is finished first",
    ),
    Fault(
        "captive_cable_unlocked",
        _V,
        "answers Unlocked for a captive cable",
        "section 7.46; errata 3.87: NotSupported without a lock",
    ),
    Fault(
        "unknown_connector_unlock_failed",
        _V,
        "answers UnlockFailed for a connector that it has not",
        "errata 3.87: NotSupported for an unknown connector",
    ),
    Fault(
        "locked_after_ev_disconnect",
        _V,
        "keeps the plug locked when the cable is unplugged at the EV, whatever is configured",
        "section 9.1.33 UnlockConnectorOnEVSideDisconnect",
    ),
    Fault(
        "lock_failure_ignored",
        _V,
        "does not look whether the lock holds the plug",
        "sections 7.6, 4.9 A9, B9: ConnectorLockFailure",
    ),
    Fault(
        "lock_failure_as_other_error",
        _V,
        "reports a lock that failed as OtherError",
        "section 7.6: ConnectorLockFailure",
    ),
    Fault(
        "finishing_outlives_the_cable",
        _V,
        "goes on with Finishing when the cable is out",
        "section 4.9 F1: all user actions completed",
    ),
    # -- faults
    Fault("faults_not_reported", _V, "leaves out every Faulted", "section 4.9 A9, B9; errata 3.19"),
    Fault(
        "starts_while_faulted",
        _V,
        "starts transactions at a connector that it reports as Faulted",
        "sections 4.9 A9, 7.7: Faulted is not available for energy delivery",
    ),
    Fault(
        "supplies_while_faulted",
        _V,
        "supplies energy to an EV at a connector that it reports as Faulted",
        "sections 4.9 A9, 7.7: Faulted is not available for energy delivery",
    ),
    # -- loss of supply
    Fault(
        "backup_supply_unused",
        _V,
        "does nothing with its back-up supply when mains is lost",
        "section 7.36 PowerLoss; OCTT 1.6 TC_032_1_CS: transactions are stopped before it goes down",
    ),
    Fault(
        "interrupted_transaction_forgotten",
        _V,
        "never tells the end of a transaction that a loss of supply interrupted",
        "sections 4.10, 7.36: StopTransaction with reason PowerLoss",
    ),
    # -- offline
    Fault(
        "offline_meter_value_skipped",
        _V,
        "loses the second of the meter values that it cannot deliver at once",
        "section 3.7: any transaction-related message is queued while offline",
    ),
    Fault(
        "queued_messages_stamped_when_sent",
        _V,
        "stamps start and stop of a transaction with the time at which it sends them",
        "sections 6.45, 6.49: the time at which the transaction is started or stopped",
    ),
    Fault(
        "meter_values_of_no_transaction",
        _V,
        "leaves the transactionId out of every MeterValues",
        "section 4.7, errata 3.16: the transaction that is ongoing",
    ),
    Fault(
        "offline_meter_values_of_another_transaction",
        _V,
        "puts transactionId -1 into the meter values that it cannot deliver at once",
        "section 4.7, errata 3.16: the transaction that is ongoing; errata 3.18: -1 only where none was given",
    ),
    Fault(
        "offline_start_without_a_clock",
        _V,
        "stamps the start of a transaction that began offline with a time of 1970",
        "section 6.45: the time at which the transaction is started",
    ),
    Fault(
        "stop_stamped_with_the_start",
        _V,
        "stamps the end of every transaction with the time of its start",
        "section 6.49: the time at which the transaction is stopped",
    ),
    Fault(
        "queue_newest_first",
        _V,
        "delivers the newest of its queued messages first",
        "section 3.7: chronological order",
    ),
    Fault(
        "offline_start_not_told",
        _V,
        "never sends StartTransaction for a transaction that began offline",
        "sections 3.5.4, 3.7: StartTransaction for any transaction that was authorized offline",
    ),
    Fault(
        "offline_start_with_other_tag",
        _V,
        "puts another idTag into the StartTransaction of a transaction that began offline",
        "sections 3.5.4, 4.8, 6.45: the transaction carries the identifier that started it",
    ),
    Fault(
        "offline_stop_not_told",
        _V,
        "never sends StopTransaction for a transaction that ended offline",
        "section 3.7: transaction-related messages are queued while offline",
    ),
    Fault(
        "offline_stop_without_transaction_id",
        _V,
        "sends StopTransaction with transactionId -1 for a transaction that ended offline",
        "sections 6.49, 4.8: the transactionId of StartTransaction.conf",
    ),
    Fault(
        "offline_id_refused",
        _V,
        "authorizes nobody while it is offline, whatever is configured",
        "sections 3.5, 9.1.12 LocalAuthorizeOffline",
    ),
    Fault(
        "own_tag_needs_csms",
        _V,
        "stops a transaction by the tag that began it only after the CSMS accepted the tag again",
        "section 4.1: Authorize.req only for another identifier than the one that started the transaction",
    ),
    Fault(
        "offline_changes_not_told",
        _V,
        "does not report, once it is online, a status that changed while it was offline",
        "section 4.9: the current status, if it changed while offline",
    ),
    Fault(
        "offline_pause_not_told",
        _V,
        "does not report, once it is online, that it became SuspendedEVSE while it was offline",
        "section 4.9: the current status, if it changed while offline",
    ),
    Fault(
        "stop_without_transaction_id",
        _V,
        "sends every StopTransaction with transactionId -1",
        "sections 6.49, 4.8: the transactionId of StartTransaction.conf",
    ),
    Fault(
        "invalid_id_always_stops",
        _V,
        "stops the transaction when StartTransaction.conf is not Accepted, whatever is configured",
        "section 9.1.24 StopTransactionOnInvalidId",
    ),
    Fault(
        "invalid_id_stops_later",
        _V,
        "reports SuspendedEVSE when StartTransaction.conf is not Accepted, and stops the transaction some seconds later",
        "section 9.1.24 StopTransactionOnInvalidId",
    ),
    Fault(
        "invalid_id_stops_in_the_end",
        _V,
        "reports SuspendedEVSE when StartTransaction.conf is not Accepted, and stops the transaction most of a minute later",
        "section 9.1.24 StopTransactionOnInvalidId",
    ),
    Fault(
        "invalid_id_keeps_energy",
        _V,
        "reports SuspendedEVSE when StartTransaction.conf is not Accepted, and supplies energy on",
        "sections 3.5.4, 4.8; errata 3.17: stop energy delivery to the vehicle",
    ),
    Fault("stop_reason_always_other", _V, "gives every StopTransaction the reason Other", "sections 4.10, 7.36"),
    # -- clock-aligned values
    Fault("aligned_too_rarely", _V, "takes clock-aligned values every second time only", "section 9.1.5; errata 3.15"),
    Fault("aligned_context_other", _V, "marks clock-aligned values as Other", "section 7.35 ReadingContext"),
    Fault("aligned_context_wrong", _V, "marks clock-aligned values as Sample.Periodic", "section 7.35 ReadingContext"),
    Fault(
        "aligned_timestamps_frozen",
        _V,
        "stamps every clock-aligned value with the time of the first",
        "section 7.33: the timestamp of the measured value",
    ),
    Fault(
        "aligned_measurand_missing",
        _V,
        "leaves out the last measurand of MeterValuesAlignedData",
        "sections 3.16.2, 9.1.15 MeterValuesAlignedData",
    ),
)
