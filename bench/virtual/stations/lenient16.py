"""Unusual behaviours of the OCPP 1.6 stack that a document allows: statuses, remote control, configuration. Sections are those of edition 2."""

from bench.virtual.stations.allowed import Lenient

_V = ("1.6",)

LENIENT16: tuple[Lenient, ...] = (
    Lenient(
        "refuses_starts_while_finishing",
        _V,
        "takes no start of whatever kind while the cable of a stopped transaction is in, and stays Finishing until it is out",
        "section 4.9, F1: all user actions completed; section 7.7: Finishing is not yet available for a new user; section 5.11",
    ),
    Lenient(
        "one_measurand_at_a_time",
        _V,
        "takes lists of one measurand only, has no key for their length, and every list replaces the one before",
        "section 5.3: without the MaxLength key of a list, one item is assumed",
    ),
    Lenient(
        "keys_in_small_letters",
        _V,
        "reports configuration keys in small letters",
        "sections 7.17, 7.29: keys are CiString50Type, which is case-insensitive",
    ),
    Lenient(
        "triggers_of_real_connectors",
        _V,
        "answers a TriggerMessage of connector 0 with CALLERROR PropertyConstraintViolation",
        "section 6.51: connectorId > 0, where section 5.17 asks for connector 0; OCPP-J 1.6 4.2.3, table 7",
    ),
    Lenient(
        "each_failed_upload_told",
        _V,
        "tells UploadFailed of every attempt that fails, and Uploading of the next",
        "section 4.4: it tells that an upload is busy, has finished or failed; 7.24; 6.25 leaves open what is told between attempts",
    ),
)
