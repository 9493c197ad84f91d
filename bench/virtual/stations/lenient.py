"""Unusual behaviours of the virtual stations that a document allows. A suite that fails a station for one of them is wrong.

They are switched on like faults, but break nothing. Sections are those of OCPP 1.6 edition 2; errata of its errata sheet;
OCTT is the test case document for 1.6 of 2024-04.
"""

from collections.abc import Mapping

from bench.virtual.stations.allowed import Lenient
from bench.virtual.stations.clock import SELDOM
from bench.virtual.stations.lenient16 import LENIENT16
from bench.virtual.stations.lenient16_sessions import LENIENT16_SESSIONS
from bench.virtual.stations.lenient201 import LENIENT201

__all__ = ["LENIENT", "Lenient"]

_V = ("1.6",)


_LENIENT = (
    Lenient(
        "aligned_in_meter_values",
        ("2.0.1",),
        "tells clock-aligned values of a transaction in MeterValues, and none while it is offline",
        "J01.FR.22: a MeterValuesRequest or a TransactionEventRequest; E04.FR.01 has TransactionEvents queued only",
    ),
    Lenient(
        "takes_the_time_seldom",
        ("1.6", "2.0.1"),
        f"sets its clock by one in {SELDOM} of the answers that tell it the time",
        "section 4.6; G02.FR.06: to set the clock by heartbeats is RECOMMENDED",
    ),
    Lenient(
        "sets_its_clock_once",
        ("1.6", "2.0.1"),
        "sets its clock by the first answer that it gets after a start, and by none afterwards",
        "section 4.6; G02.FR.06: to set the clock by heartbeats is RECOMMENDED",
    ),
    Lenient(
        "hangs_up_when_rejected",
        _V,
        "closes its connection when BootNotification is Rejected and comes back before the interval is over",
        "section 4.2: it MAY close its communication channel while it is Rejected",
    ),
    Lenient(
        "first_connection_dropped",
        _V,
        "drops its first connection after a start before it sent anything, and connects again",
        "OCPP-J 1.6 section 5.4; section 5.14 fixes no number of attempts",
    ),
    Lenient(
        "no_sessions_before_accepted",
        _V,
        "after a restart lets nobody charge before the CSMS has accepted it again, whatever list and cache say",
        "section 4.2.1: it is the operator's choice whether transactions are accepted before the station was accepted",
    ),
    Lenient(
        "certificates_taken_in_the_clear",
        ("2.0.1",),
        "installs a root certificate for its CSMS that comes over a connection without TLS",
        "A05.FR.02: a valid one has to be there before a profile with TLS may be chosen; M05.FR.01: it attempts to install it",
    ),
    Lenient(
        "unavailable_while_starting",
        _V,
        "reports everything as Unavailable after an accepted boot, and what holds some seconds later",
        "section 4.9: it MAY use Unavailable for purposes of its own, such as the time until it was accepted",
    ),
    Lenient(
        "pilot_error_is_a_suspension",
        _V,
        "tells an error of the control pilot as SuspendedEVSE with EVCommunicationError",
        "section 7.6: EVCommunicationError is not a real error, the status is SuspendedEVSE",
    ),
    Lenient(
        "unknown_cable_refused",
        _V,
        "rejects a remote start where a plug is in whose resistor codes no cable",
        "section 5.11: Rejected when the Charge Point does not accept the request",
    ),
    Lenient(
        "other_messages_for_heartbeats",
        _V,
        "sends a vendor's DataTransfer within every heartbeat interval, and so no Heartbeat",
        "section 4.6: it MAY skip a Heartbeat when another message was sent within the interval",
    ),
    Lenient(
        "statuses_settle_first",
        _V,
        "sends a status once it has been stable for 3 s, whatever MinimumStatusDuration says",
        "section 4.9: a manufacturer's minimal status duration, to which MinimumStatusDuration is added",
    ),
    Lenient(
        "suspended_before_charging",
        _V,
        "reports SuspendedEVSE and SuspendedEV between Preparing and Charging",
        "section 4.9: a short SuspendedEV and/or SuspendedEVSE in between",
    ),
    Lenient(
        "start_told_after_charging",
        _V,
        "sends StartTransaction some seconds after the status Charging",
        "OCTT 1.2: StatusNotification(Charging) and StartTransaction may be reversed",
    ),
    Lenient(
        "finishing_after_stop_told",
        _V,
        "goes on with the status it had until StopTransaction is sent, and reports Finishing then",
        "OCTT 1.2: StatusNotification(Finishing) and StopTransaction may be reversed",
    ),
    Lenient(
        "hard_reset_stops_afterwards",
        _V,
        "restarts on a hard reset at once and tells the end of a transaction after the boot",
        "section 5.14, errata 3.36: not required to stop gracefully; OCTT TC_015_CS: either before or after the boot",
    ),
    Lenient(
        "soft_reset_without_boot",
        _V,
        "ends transactions on a soft reset and restarts an application that needs no new registration",
        "section 5.14: the application, if possible; OCTT TC_014_CS, TC_016_CS: the BootNotification is optional",
    ),
    Lenient(
        "soft_reset_takes_its_time",
        _V,
        "begins with what a soft reset asks for 45 s after it accepted that",
        "section 5.14: gracefully, and no time is given; PIXIT long_operation_timeout_s",
    ),
    Lenient(
        "boots_slowly",
        ("1.6", "2.0.1"),
        "takes 115 s from a power-up or reset until it connects",
        "PIXIT long_operation_timeout_s; section 5.14, and OCPP 2.0.1 B01, B11, give no time",
    ),
    Lenient(
        "statuses_repeated",
        _V,
        "tells the status of every connector, changed or not, every 7 s",
        "section 4.9, errata 3.19: a change is told; nothing forbids to tell a status again",
    ),
    Lenient(
        "other_messages_beside_heartbeats",
        _V,
        "sends a vendor's DataTransfer every 4 s, and heartbeats at their interval all the same",
        "section 4.6: it MAY skip heartbeats then, and need not; section 4.3",
    ),
    Lenient(
        "sent_again_in_local_time",
        ("1.6", "2.0.1"),
        "writes the times of a message of a transaction in local time, with offset and microseconds, when it is sent again",
        "section 3.15, errata 3.10; part 2, 3.1: times are those of RFC 3339, which writes one moment in many ways",
    ),
    Lenient(
        "timestamps_in_local_time",
        _V,
        "writes timestamps with an offset of its time zone and with microseconds",
        "sections 3.14, 3.15: UTC is recommended, ISO 8601 with any fraction of seconds; JSON schema: date-time",
    ),
    Lenient(
        "resumes_after_power_loss",
        ("1.6", "2.0.1"),
        "goes on with a transaction that a loss of supply interrupted",
        "OCTT TC_032_2_CS: or the transaction is resumed, and the driver stops it; B01, step 5: Occupied when it resumes a transaction",
    ),
    Lenient(
        "tags_in_small_letters",
        _V,
        "sends every idTag in small letters",
        "section 7.15: CiString20Type is case-insensitive",
    ),
    Lenient(
        "keys_in_capitals",
        _V,
        "reports configuration keys in capitals and in reverse order",
        "section 7.17: CiString50Type is case-insensitive; section 5.8 fixes no order",
    ),
    Lenient(
        "no_authorization_cache",
        _V,
        "has no authorization cache, nor the keys AuthorizationCacheEnabled and MinimumStatusDuration",
        "errata 3.23: the cache is optional, ClearCache is Rejected then; sections 9.1.2 and 9.1.20: optional keys",
    ),
    Lenient(
        "missing_local_list_by_error",
        _V,
        "says by CALLERROR NotSupported that it has no local list",
        "OCTT TC_042_1_CS, TC_043_1_CS: or a CALLERROR; OCPP-J 4.2.3",
    ),
    Lenient(
        "asks_for_reserving_tags",
        _V,
        "sends Authorize for the tag of a reservation as soon as that is made",
        "section 5.13: recommended between ReserveNow and the transaction",
    ),
    Lenient(
        "refuses_a_remote_start_after_asking",
        _V,
        "authorizes the tag of a remote start before it answers, and answers Rejected when the tag is refused",
        "section 5.11: the answer says whether it will attempt to start; AuthorizeRemoteTxRequests: first authorize",
    ),
    Lenient(
        "measurands_apart",
        _V,
        "sends every measurand in a MeterValue of its own, all with the same timestamp",
        "section 4.7: one or more meterValue elements, each with one or more values of one point in time",
    ),
    Lenient(
        "measurands_in_messages_apart",
        _V,
        "sends every measurand in a MeterValues.req of its own",
        "section 4.7: a MeterValues.req holds one or more values; sections 3.16.1, 5.17 fix no number of messages",
    ),
    Lenient(
        "defaults_left_out",
        _V,
        "leaves out context, measurand, location and unit where they have their defaults",
        "section 7.43: optional fields with defaults",
    ),
    Lenient(
        "register_in_kwh",
        _V,
        "samples its register in kWh with all decimals, and rounds meterStart and meterStop up to whole Wh",
        "sections 7.31, 7.45: Wh or kWh; sections 6.45, 6.49: integers",
    ),
    Lenient(
        "register_by_phase",
        _V,
        "samples its register as one value a phase, without a total",
        "sections 3.16.3, 7.43: values by phase; a value without phase is optional",
    ),
    Lenient(
        "main_meter_told",
        _V,
        "sends values of its main meter for connector 0 before those of a connector",
        "sections 3.16.3, 4.7: connector 0 stands for the whole station",
    ),
    Lenient(
        "extra_readings",
        _V,
        "sends a reading at the start of the transaction, and one of its own between the periodic ones",
        "section 7.35: Transaction.Begin and Other; section 4.7: it decides when it sends meter values",
    ),
    Lenient(
        "frequency_without_unit",
        _V,
        "samples the frequency as well, and names no unit for it",
        "section 7.43: a unit is optional, and Wh is the default for energy only; errata 3.86: that of a frequency is Hertz",
    ),
    Lenient(
        "answers_late",
        _V,
        "sends every answer 20 s after it did what was asked",
        "PIXIT message_timeout_s; errata 3.29: a composite schedule begins at the receipt of the request",
    ),
    Lenient(
        "checks_firmware_slowly",
        _V,
        "takes two minutes to check an image, and five to install it",
        "PIXIT firmware_timeout_s; white paper edition 3, L01: no time is fixed for either",
    ),
    Lenient(
        "pauses_its_download",
        _V,
        "tells DownloadPaused and Downloading again while it downloads a signed image",
        "white paper edition 3, 6.6: an intermediate state; L01.FR.01: each new state is told",
    ),
    Lenient(
        "restarts_after_a_failed_installation",
        _V,
        "restarts with its old firmware after InstallationFailed",
        "OCTT TC_044_3_CS, steps 9 to 13: the restart is optional, and may come before or after InstallationFailed",
    ),
    Lenient(
        "profiles_in_watts_only",
        _V,
        "takes charging schedules in W only",
        "section 9.4.2, errata 3.88: ChargingScheduleAllowedChargingRateUnit is Power",
    ),
    Lenient(
        "composite_periods_split",
        _V,
        "splits every period of a composite schedule in two with the same limit, and begins them a second early",
        "section 5.7: intervals up to the duration, their number and rounding left open",
    ),
    Lenient(
        "refuses_by_callerror",
        _V,
        "answers CALLERROR PropertyConstraintViolation where it could answer Rejected, if the document allows either",
        "OCTT TC_027_CS, TC_040_2_CS, TC_055_CS, TC_058_1_CS, TC_060_CS",
    ),
)

LENIENT: Mapping[str, Lenient] = {
    entry.name: entry for entry in (*_LENIENT, *LENIENT16, *LENIENT16_SESSIONS, *LENIENT201)
}
"""Every unusual and allowed behaviour of the virtual stations, by name."""
