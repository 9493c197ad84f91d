"""Unusual behaviours of the OCPP 2.0.1 stack that a document allows. Ids are those of part 2, edition 3."""

from bench.virtual.stations.allowed import Lenient

_V = ("2.0.1",)

LENIENT201: tuple[Lenient, ...] = (
    Lenient(
        "statuses_by_events",
        _V,
        "tells changes of a connector's state by NotifyEvent of AvailabilityState",
        "G01.FR.03, G01.FR.04, G01.FR.07: a StatusNotification or a NotifyEvent",
    ),
    Lenient(
        "beats_whatever_is_sent",
        _V,
        "sends a Heartbeat at every interval, however much else it sends",
        "G02.FR.05: to start the interval anew with other messages is recommended",
    ),
    Lenient(
        "rejects_every_trigger",
        _V,
        "answers Rejected to every TriggerMessage of what it has",
        "F06.FR.05: it is up to the station whether it accepts",
    ),
    Lenient(
        "summary_not_supported",
        _V,
        "answers NotSupported to GetBaseReport of the SummaryInventory",
        "B07.FR.12: configuration and full inventory are the least; B07.FR.02",
    ),
    Lenient(
        "reports_in_many_parts",
        _V,
        "sends every variable of a report in a NotifyReport of its own",
        "B07.FR.03: one or more messages; B07.FR.10",
    ),
    Lenient(
        "sequence_numbers_go_on",
        _V,
        "counts the events of an EVSE on from one transaction to the next",
        "E, 1.3.2.1 Sequence Number Generation: a seqNo that increases continuously is allowed; E01.FR.07",
    ),
    Lenient(
        "charging_state_in_every_event",
        _V,
        "tells chargingState in every TransactionEvent, changed or not",
        "TransactionType chargingState: optional, required when it changed",
    ),
    Lenient(
        "evse_in_every_event",
        _V,
        "names EVSE and connector in every TransactionEvent once an EV is connected",
        "TransactionEventRequest evse: optional, and required once only (E01.FR.16)",
    ),
    Lenient(
        "measurands_apart_in_events",
        _V,
        "gives every measurand a MeterValue of its own, all with the same timestamp",
        "TransactionEventRequest meterValue: any number; MeterValueType sampledValue: one or more",
    ),
    Lenient(
        "defaults_left_out_in_events",
        _V,
        "leaves out context, measurand, location and unit where they have their defaults",
        "SampledValueType: optional fields with defaults; UnitOfMeasureType unit",
    ),
    Lenient(
        "ends_transactions_at_the_plug",
        _V,
        "has EVConnected as its only TxStopPoint, for reading only",
        "2.6.5 TxStopPoint: the choice is the station's; E06.FR.02",
    ),
    Lenient(
        "starts_when_all_is_ready",
        _V,
        "has PowerPathClosed as its only TxStartPoint, for reading only",
        "2.6.4 TxStartPoint: the choice is the station's; E01.FR.05",
    ),
    Lenient(
        "other_events_meanwhile",
        _V,
        "sends later TransactionEvents while one that failed waits for its next attempt",
        "E, 1.3.2: where delivery fails and is tried again later, events may arrive in another order; E13.FR.03",
    ),
    Lenient(
        "no_password_variable",
        _V,
        "has no variable BasicAuthPassword",
        "2.2.1 BasicAuthPassword: not required",
    ),
)
