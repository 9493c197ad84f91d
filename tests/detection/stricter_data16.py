"""OCPP 1.6: rules on meter values, configuration, charging schedules and files, each stricter than the document by what one unusual station makes use of."""

from itertools import pairwise
from unittest.mock import patch

from harness.oracle.invariants import meters, sample_kind, samples
from harness.oracle.invariants.keys16 import STANDARD
from tests.detection.tightening import Run, expecting, no_status, sooner

REGISTER = "Energy.Active.Import.Register"


def sampled(seen):
    """Each sampled value of a MeterValues."""
    return [
        sample
        for one in seen.of("MeterValues")
        for value in one.payload["meterValue"]
        for sample in value["sampledValue"]
    ]


def sets(seen):
    """The values of each MeterValues, one set for each of its points in time."""
    return [value["sampledValue"] for one in seen.of("MeterValues") for value in one.payload["meterValue"]]


def registers_in_other_units(seen):
    """Our rule on units, with Wh as the only one of an energy."""
    units = patch.dict(sample_kind._UNITS, {"Energy.Active": {"Wh"}})
    unread = patch.multiple(
        sample_kind, fits=sample_kind.fits.__wrapped__, _kinds={}
    )  # what was read before is remembered
    with units, unread, patch.object(meters, "_shapes", {}):
        return seen.breaches(samples.UNITS)


def one_time_twice_in_a_message(seen):
    times = [[value["timestamp"] for value in one.payload["meterValue"]] for one in seen.of("MeterValues")]
    return [listed for listed in times if len(set(listed)) < len(listed)]


def one_time_in_two_messages(seen):
    told = [(one.payload["connectorId"], one.payload["meterValue"][0]["timestamp"]) for one in seen.of("MeterValues")]
    return [now for before, now in pairwise(told) if before == now]


def registers_without_a_total(seen):
    phases = [
        {sample.get("phase", "") for sample in one if sample.get("measurand", REGISTER) == REGISTER}
        for one in sets(seen)
    ]
    return [found for found in phases if found and "" not in found]


def keys_told(seen):
    return [entry for one in seen.answers("GetConfiguration") for entry in one.payload.get("configurationKey", [])]


def written(seen, form):
    """Standard keys that are written so, and otherwise than in the document."""
    return [
        key
        for entry in keys_told(seen)
        if (key := entry["key"]) not in STANDARD and key in {form(name) for name in STANDARD}
    ]


def refused_lists(seen):
    return [
        one for one in seen.answers("ChangeConfiguration") if "," in one.request["value"] and one.status == "Rejected"
    ]


def neither_key(seen):
    """Whole lists that hold neither of two optional keys."""
    whole = [one.payload["configurationKey"] for one in seen.answers("GetConfiguration") if not one.request.get("key")]
    names = [{entry["key"].lower() for entry in entries} for entries in whole]
    return [listed for listed in names if not listed & {"authorizationcacheenabled", "minimumstatusduration"}]


def without_amperes(seen):
    units = [entry["value"] for entry in keys_told(seen) if entry["key"] == "ChargingScheduleAllowedChargingRateUnit"]
    return [unit for unit in units if "Current" not in unit]


def periods_that_change_nothing(seen):
    schedules = [
        one.payload["chargingSchedule"] for one in seen.answers("GetCompositeSchedule") if one.status == "Accepted"
    ]
    return [
        now
        for schedule in schedules
        for before, now in pairwise(schedule["chargingSchedulePeriod"])
        if before["limit"] == now["limit"]
    ]


def told_in_between(seen):
    """Failures of one order that were not its end."""
    told = [
        one for one in seen.said if one.of_station and one.action in {"GetDiagnostics", "DiagnosticsStatusNotification"}
    ]
    names = [one.status or one.action for one in told if one.kind == "call" or one.action == "GetDiagnostics"]
    return [pair for pair in pairwise(names) if pair == ("UploadFailed", "Uploading")]


def restarted_after_failure(seen):
    failed = [one.t for one in seen.of("FirmwareStatusNotification") if one.status == "InstallationFailed"]
    return [boot for boot in seen.accepted_boots() if any(0 < boot.t - t < 60 for t in failed)]


RUNS = {
    "values": Run(
        "1.6",
        {
            "measurands_apart": one_time_twice_in_a_message,
            "defaults_left_out": lambda seen: [one for one in sampled(seen) if "measurand" not in one],
            "extra_readings": lambda seen: [
                one for one in sampled(seen) if one.get("context") in {"Other", "Transaction.Begin"}
            ],
            "main_meter_told": lambda seen: [one for one in seen.of("MeterValues") if one.payload["connectorId"] == 0],
            "keys_in_capitals": lambda seen: written(seen, str.upper),
            "composite_periods_split": periods_that_change_nothing,
            "restarts_after_a_failed_installation": restarted_after_failure,
        },
        ("TC_070_CS", "TC_019_CS", "TC_056_CS", "TC_044_3_CS"),
    ),
    "values in other forms": Run(
        "1.6",
        {
            "measurands_in_messages_apart": one_time_in_two_messages,
            "register_in_kwh": registers_in_other_units,
            "frequency_without_unit": lambda seen: [
                one for one in sampled(seen) if one.get("measurand") == "Frequency" and "unit" not in one
            ],
            "profiles_in_watts_only": without_amperes,
            "each_failed_upload_told": told_in_between,
        },
        ("TC_070_CS", "TC_056_CS", "ROB_DIAGNOSTICS_01"),
    ),
    "keys": Run(
        "1.6",
        {
            "register_by_phase": registers_without_a_total,
            "keys_in_small_letters": lambda seen: written(seen, str.lower),
            "one_measurand_at_a_time": refused_lists,
        },
        ("TC_070_CS", "TC_019_CS", "ROB_VALUE_03"),
    ),
    "no cache": Run("1.6", {"no_authorization_cache": neither_key}, ("TC_019_CS",), station="virtual-basic"),
    "firmware": Run(
        "1.6",
        {
            "checks_firmware_slowly": expecting(("SignedFirmwareStatusNotification",), sooner(60.0)),
            "pauses_its_download": expecting(("SignedFirmwareStatusNotification",), no_status("DownloadPaused")),
        },
        ("TC_080_CS",),
        station="virtual-secure1",
    ),
}
