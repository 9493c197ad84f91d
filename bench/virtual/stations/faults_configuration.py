"""Wrong behaviours with configuration keys and variables. Sections are those of OCPP 1.6 edition 2, ids those of OCPP 2.0.1 part 2, edition 3."""

from bench.virtual.stations.fault import Fault

_V16 = ("1.6",)
_V201 = ("2.0.1",)

MISSPELT = "WebSocketPintInterval"
UNBUILT_ACTIONS = frozenset({"ClearCache", "GetCompositeSchedule", "GetDiagnostics"})
UNBUILT_KEYS = frozenset({"TransactionMessageAttempts", "TransactionMessageRetryInterval", "ResetRetries"})
"""What a station lacks that tells that it has the profiles to which it belongs."""

FAULTS_CONFIGURATION: tuple[Fault, ...] = (
    Fault(
        "unsupported_measurands_dropped",
        _V16,
        "accepts a list with a measurand that it has not, and stores the others",
        "section 3.16.4: it SHALL respond Rejected, and change nothing",
    ),
    Fault(
        "measurands_by_phase_only",
        _V16,
        "takes Current.Import.L1 and rejects Current.Import",
        "section 9.1.17: the phase is optional; section 7.31: the measurands",
    ),
    Fault(
        "ping_interval_misspelt",
        _V16,
        "calls WebSocketPingInterval WebSocketPintInterval, and does not know the right name",
        "section 9.1.34",
    ),
    Fault(
        "profiles_advertised_in_vain",
        _V16,
        "tells that it has all profiles, answers NotImplemented to ClearCache, GetCompositeSchedule and GetDiagnostics, and has not all required keys",
        "section 3.3, errata 3.3; chapter 9",
    ),
    Fault(
        "boolean_text_taken_for_false",
        _V201,
        "accepts every text for a boolean variable, and takes it for false",
        "B05.FR.07: an incorrectly formatted value is Rejected",
    ),
    Fault(
        "reports_wrong_mutability",
        _V201,
        "reports intervals that can be written as ReadOnly, and leaves out what is WriteOnly",
        "B07.FR.07, B07.FR.08",
    ),
    Fault(
        "hangs_up_on_a_password",
        _V201,
        "closes the connection on SetVariables of SecurityCtrlr.BasicAuthPassword before it answered",
        "B05.FR.01",
    ),
    Fault(
        "summary_report_never_sent",
        _V201,
        "accepts GetBaseReport of the SummaryInventory and sends no NotifyReport",
        "B07.FR.02, B07.FR.03",
    ),
)
