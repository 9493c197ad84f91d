"""Wrong behaviours of the OCPP 1.6 stack in smart charging. Sections are those of OCPP 1.6 edition 2; errata of its errata sheet."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_SMART: tuple[Fault, ...] = (
    Fault("profile_not_installed", _V, "accepts SetChargingProfile and forgets the profile", "sections 5.16, 7.11"),
    Fault(
        "composite_without_profiles",
        _V,
        "limits the current by its profiles, and reports a composite schedule without them",
        "section 5.7: the result of all active schedules",
    ),
    Fault("composite_in_watts", _V, "reports every composite schedule in W", "section 6.21: the unit can be forced"),
    Fault(
        "composite_duration_ignored",
        _V,
        "reports a composite schedule of a day, whatever duration is asked for",
        "section 5.7: from the moment of the request up to the duration; errata 3.29",
    ),
    Fault(
        "composite_start_in_local_time",
        _V,
        "gives scheduleStart two hours ahead, its local time marked as UTC",
        "sections 5.7, 6.22: the schedule begins with the request",
    ),
    Fault(
        "composite_names_connector_0",
        _V,
        "reports the composite schedule of a connector under connectorId 0",
        "section 6.22: the connector that the schedule applies to",
    ),
    Fault(
        "composite_limits_doubled",
        _V,
        "reports twice the limits that it keeps",
        "section 5.7: the result of all active schedules",
    ),
    Fault(
        "default_not_for_running_transactions",
        _V,
        "leaves a running transaction alone when a TxDefaultProfile comes",
        "errata 3.8: the transaction SHALL switch to the new TxDefaultProfile",
    ),
    Fault(
        "tx_profile_without_transaction_accepted",
        _V,
        "accepts a TxProfile where no transaction runs",
        "section 3.13.1: discard it and return an error status; 5.16.4",
    ),
    Fault(
        "tx_profile_of_another_transaction_accepted",
        _V,
        "accepts a TxProfile whose transactionId is not that of the transaction there",
        "sections 3.13.1, 7.8: the profile is matched to its transaction",
    ),
    Fault(
        "rejected_profile_installed",
        _V,
        "answers Rejected to a TxProfile without its transaction, and limits by it all the same",
        "section 7.11: what is Rejected will not be executed",
    ),
    Fault(
        "rejected_profile_applied",
        _V,
        "answers Rejected to a TxProfile of another transaction, tells nothing of it, and limits the current by its first limit",
        "section 7.11: what is Rejected will not be executed",
    ),
    Fault(
        "remote_start_profile_ignored",
        _V,
        "starts the transaction of a remote start without the profile that came with it",
        "section 5.16.2; errata 3.42: the profile is applied to the new transaction",
    ),
    Fault(
        "remote_start_with_any_profile",
        _V,
        "accepts a remote start whose profile is no TxProfile",
        "section 5.16.2: the purpose MUST be TxProfile",
    ),
    Fault(
        "default_overrules_tx_profile",
        _V,
        "goes by the TxDefaultProfile although there is a TxProfile",
        "section 3.13.1: the TxProfile SHALL overrule the default",
    ),
    Fault(
        "default_after_tx_schedule",
        _V,
        "goes back to the TxDefaultProfile when the schedule of the TxProfile has run out",
        "section 3.13.1: overruled for the duration of the transaction",
    ),
    Fault(
        "only_the_first_period",
        _V,
        "keeps the limit of a schedule's first period to its end",
        "section 7.14: each period ends where the next starts",
    ),
    Fault("clear_profile_ignored", _V, "accepts ClearChargingProfile and clears nothing", "section 5.5; errata 3.25"),
    Fault(
        "clear_profile_by_criteria_ignored",
        _V,
        "clears profiles by id only",
        "section 6.13; errata 3.25: all that match the fields",
    ),
    Fault(
        "clear_profile_without_criteria_ignored",
        _V,
        "clears nothing when no field is given",
        "errata 3.25: all profiles are cleared",
    ),
    Fault(
        "clear_profile_clears_all",
        _V,
        "clears every profile, whichever is named",
        "section 6.13; errata 3.25: all that match the fields",
    ),
    Fault("clear_profile_unknown", _V, "answers Unknown to every ClearChargingProfile", "section 7.21"),
)
