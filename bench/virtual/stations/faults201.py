"""Wrong behaviours of the OCPP 2.0.1 stack. Requirement ids are those of Part 2, edition 3."""

from bench.virtual.stations.fault import Fault

_V = ("2.0.1",)

FAULTS201: tuple[Fault, ...] = (
    Fault(
        "pending_triggers_forgotten",
        _V,
        "accepts to send StatusNotification and MeterValues while it is pending, and sends none",
        "F06.FR.03, B02.FR.02: what was triggered is sent, also before it is accepted",
    ),
    Fault(
        "pending_report_stalls",
        _V,
        "sends the first part of a report only that is asked for while it is pending",
        "B07.FR.03, B02.FR.01: the report is sent in as many messages as it takes",
    ),
    Fault(
        "unknown_message_types_ignored",
        _V,
        "does not answer a message of a type that it does not know",
        "Part 4, 4.4: it answers with a CALLERROR MessageTypeNotSupported",
    ),
    Fault(
        "registers_only_once",
        _V,
        "sends no BootNotification when it is powered up again after it was accepted once",
        "B01.FR.01: a BootNotification after every start-up",
    ),
    Fault("boot_reason_unknown", _V, "boots with reason Unknown whatever made it restart", "B01.FR.09"),
    Fault(
        "status_missing_after_boot",
        _V,
        "reports no status of its last connector once the boot is accepted",
        "B01.FR.05: a StatusNotification for each connector",
    ),
    Fault(
        "startup_event_missing",
        _V,
        "sends no SecurityEventNotification for its restart",
        "A04.FR.01; Part 2 appendices, security events: StartupOfTheDevice and ResetOrReboot are critical",
    ),
    Fault(
        "variables_read_back_as_default",
        _V,
        "answers GetVariables with the factory default of a variable that was set to something else",
        "B06.FR.10: attributeValue is the value found",
    ),
    Fault(
        "read_variables_without_attribute_type",
        _V,
        "leaves attributeType out of its GetVariables results",
        "B06.FR.03, B06.FR.11",
    ),
    Fault(
        "writable_variables_refused",
        _V,
        "answers SetVariables of a writable variable with Rejected and keeps the old value",
        "B05.FR.10",
    ),
    Fault(
        "written_variables_without_attribute_type",
        _V,
        "leaves attributeType out of its SetVariables results",
        "B05.FR.03, B05.FR.12",
    ),
    Fault(
        "variable_results_doubled",
        _V,
        "answers GetVariables and SetVariables with two results for each variable",
        "B05.FR.01, B06.FR.01",
    ),
    Fault(
        "variable_results_cut_short",
        _V,
        "answers GetVariables and SetVariables with ten results at most",
        "B05.FR.01, B06.FR.01: a result for each element",
    ),
    Fault(
        "omitted_attribute_type_stays_omitted",
        _V,
        "gives no attributeType in the results of GetVariables and SetVariables where the request gave none",
        "B05.FR.12, B06.FR.11",
    ),
    Fault(
        "energy_without_authorization",
        _V,
        "offers energy as soon as an EV is connected, and tells nothing of it",
        "C01.FR.01: energy only after authorisation",
    ),
    Fault(
        "cable_starts_no_transaction",
        _V,
        "starts no transaction at the plug although TxStartPoint contains EVConnected",
        "E01.FR.02, E02.FR.06",
    ),
    Fault(
        "charges_on_refused_token",
        _V,
        "takes a token for authorised although AuthorizeResponse says it is not Accepted",
        "C01.FR.01: energy only after authorisation; E02.FR.20 (note): no TransactionEvent for a refused token",
    ),
    Fault(
        "authorize_never_asked",
        _V,
        "takes every presented token for authorised without an AuthorizeRequest",
        "C01.FR.02",
    ),
    Fault("occupied_unreported", _V, "sends no StatusNotification when a cable is plugged in", "E02.FR.05, G01.FR.03"),
    Fault(
        "id_token_missing_in_event",
        _V,
        "never puts the idToken into a TransactionEvent",
        "E01.FR.10, E02.FR.01, E03.FR.01",
    ),
    Fault(
        "authorization_reported_as_state_change",
        _V,
        "gives the TransactionEvent of an authorisation the trigger ChargingStateChanged",
        "E02.FR.01, E02.FR.20: triggerReason Authorized",
    ),
    Fault(
        "charging_state_unreported",
        _V,
        "leaves chargingState out of TransactionEvents of type Updated",
        "E01.FR.18, E02.FR.13",
    ),
    Fault("seq_no_stands_still", _V, "gives every TransactionEvent the seqNo 0", "E01.FR.07, E02.FR.07"),
    Fault("seq_no_counts_by_two", _V, "raises the seqNo of TransactionEvents by 2 each time", "E01.FR.07, E02.FR.07"),
    Fault("evse_missing_in_event", _V, "never puts evse into a TransactionEvent", "E01.FR.16"),
    Fault(
        "request_start_refused",
        _V,
        "answers RequestStartTransaction with Rejected when it could start",
        "F01.FR.01, F01.FR.02",
    ),
    Fault(
        "request_start_ignored",
        _V,
        "accepts RequestStartTransaction and does nothing",
        "F01.FR.03: a TransactionEvent follows; F01.FR.05: the transaction starts",
    ),
    Fault(
        "remote_start_id_missing",
        _V,
        "does not put the remoteStartId into the next TransactionEvent",
        "F01.FR.25, F02.FR.01",
    ),
    Fault(
        "remote_start_reported_as_authorized",
        _V,
        "gives the TransactionEvent after a remote start the trigger Authorized",
        "F01.FR.19: triggerReason RemoteStart",
    ),
    Fault(
        "remote_start_without_transaction_id",
        _V,
        "leaves the id of the transaction that already runs out of RequestStartTransactionResponse",
        "F01.FR.13",
    ),
    Fault(
        "stopped_reason_always_other",
        _V,
        "gives every transaction that it tells as Ended the stoppedReason Other",
        "E06.FR.08, ReasonEnumType: the reason that holds",
    ),
    Fault(
        "ended_register_reads_high",
        _V,
        "reports 150 Wh more than the register in the Transaction.End reading",
        "J02.FR.17 (SHOULD): register values exactly as read; E06.FR.11: the reading at the end",
    ),
    Fault(
        "begin_register_starts_at_zero",
        _V,
        "reports 0 Wh in the Transaction.Begin reading whatever the register says",
        "J02.FR.17 (SHOULD): registers are not re-based at the start of a transaction; J02.FR.16",
    ),
)
