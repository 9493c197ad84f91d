"""Messages with values, fields or types that their schema does not have. Sections are those of OCPP 1.6 edition 2."""

from collections.abc import Iterator, Sequence
from typing import Any

from bench.virtual.stations.wire.frame import Frame, Spoil, Wire, WireFault, changed

_V = ("1.6",)
_V201 = ("2.0.1",)
_SMALL = 10.0
"""Below this a value has one digit before its point, and is padded to two by a station that pads."""


def _samples(frame: Frame) -> Iterator[dict[str, Any]]:
    for name in ("meterValue", "transactionData"):
        for value in frame.payload.get(name, []):
            yield from value["sampledValue"]


def _sampled(frame: Frame) -> bool:
    return frame.is_call("MeterValues", "StopTransaction")


def _add_to_samples(sample: dict[str, Any]) -> Spoil:
    """Adds a sample to each meter value of MeterValues."""

    def add(frame: Frame) -> None:
        for value in frame.payload["meterValue"]:
            value["sampledValue"].append(dict(sample))

    return changed(add, when=lambda frame: frame.is_call("MeterValues"))


def _number(frame: Frame) -> None:
    for sample in _samples(frame):
        sample["value"] = float(sample["value"])


def _padded(frame: Frame) -> None:
    for sample in _samples(frame):
        if abs(float(sample["value"])) < _SMALL:
            sample["value"] = f" {float(sample['value']):.1f}"


def _line_to_neutral(frame: Frame) -> None:
    """Currents and powers of a phase are told as voltages would be; those of L1 are left out."""
    for value in (*frame.payload.get("meterValue", []), *frame.payload.get("transactionData", [])):
        kept = []
        for sample in value["sampledValue"]:
            of_load = sample.get("measurand", "").startswith(("Current.", "Power.Active"))
            phase = sample.get("phase", "")
            if of_load and phase == "L1" and len(value["sampledValue"]) > 1:
                continue
            if of_load and phase in ("L2", "L3"):
                sample["phase"] = f"{phase}-N"
            kept.append(sample)
        value["sampledValue"] = kept


def _stored(frame: Frame) -> None:
    """The firmware marks what it stored with a context of the list (message_queue.STORED)."""
    for sample in _samples(frame):
        if sample.get("context") == "Trigger":
            sample["context"] = "Sample.Stored"


def _old_layout(frame: Frame) -> None:
    """MeterValues as OCPP 1.5 had them."""
    values = frame.payload.pop("meterValue")
    frame.payload["values"] = [{"timestamp": value["timestamp"], "values": value["sampledValue"]} for value in values]


def _without_samples(frame: Frame) -> None:
    data = frame.payload.get("transactionData") or [{"timestamp": frame.payload["timestamp"]}]
    frame.payload["transactionData"] = [{**value, "sampledValue": []} for value in data]


def _without_periods(frame: Frame) -> None:
    frame.payload["chargingSchedule"]["chargingSchedulePeriod"] = []


def _old_shape(frame: Frame, _wire: Wire) -> Sequence[str] | None:
    if frame.answers("SetChargingProfile"):
        return [f'[4,"{frame.message_id}","FormatViolation","csChargingProfiles is a required property",{{}}]']
    if not frame.is_call("StatusNotification"):
        return None
    status, stamp = frame.payload["connectorStatus"], frame.payload["timestamp"]
    frame.payload.clear()
    frame.payload.update(connectorId=1, errorCode="NoError", status=status, timestamp=stamp)
    return [frame.text()]


SCHEMA: tuple[WireFault, ...] = (
    WireFault(
        "signal_strength_as_iccid",
        _V,
        "tells the strength of its radio signal as the number of a SIM card",
        "section 6.3: iccid is the ICCID of the modem's SIM card",
        spoil=changed(
            lambda frame: frame.payload.update(iccid="-67"), when=lambda frame: frame.is_call("BootNotification")
        ),
    ),
    WireFault(
        "frequency_in_hz",
        _V,
        "samples the frequency as well, with the unit Hz",
        "errata 3.86: the unit of a frequency is Hertz; section 7.45: the units there are",
        spoil=_add_to_samples({"measurand": "Frequency", "value": "50.0", "unit": "Hz"}),
    ),
    WireFault(
        "stored_values_of_another_context",
        _V,
        "tells MeterValues that it could not deliver when they were taken with the context Sample.Stored",
        "section 7.35: the contexts there are",
        spoil=changed(_stored, when=lambda frame: frame.is_call("MeterValues")),
    ),
    WireFault(
        "phases_line_to_neutral",
        _V,
        "samples currents and powers of phases 2 and 3 as of L2-N and L3-N, and leaves those of phase 1 out",
        "section 7.34: a phase to neutral is a place for voltages; section 3.16.3",
        spoil=changed(_line_to_neutral, when=_sampled),
    ),
    WireFault(
        "sampled_numbers_unquoted",
        _V,
        "writes sampled values as JSON numbers",
        "section 7.43: value is a String",
        spoil=changed(_number, when=_sampled),
    ),
    WireFault(
        "small_values_padded",
        _V,
        "writes sampled values below 10 with a blank before them",
        "section 7.43: a raw value is a decimal number",
        spoil=changed(_padded, when=_sampled),
    ),
    WireFault(
        "meter_values_of_1_5",
        _V,
        "sends MeterValues in the layout of OCPP 1.5",
        "section 6.31: meterValue with sampledValue; OCPP-J 1.6 section 3.1.2: the version that was agreed",
        spoil=changed(_old_layout, when=lambda frame: frame.is_call("MeterValues")),
    ),
    WireFault(
        "serial_number_too_long",
        _V,
        "boots with a serial number of 28 characters",
        "section 6.3: chargePointSerialNumber is a CiString25Type",
        spoil=changed(
            lambda frame: frame.payload.update(chargePointSerialNumber="SN-0000-1111-2222-3333-44445"),
            when=lambda frame: frame.is_call("BootNotification"),
        ),
    ),
    WireFault(
        "transaction_data_without_samples",
        _V,
        "stops transactions with meter values that hold no sampled value",
        "section 7.33: sampledValue 1..*",
        spoil=changed(_without_samples, when=lambda frame: frame.is_call("StopTransaction")),
    ),
    WireFault(
        "composite_schedule_without_periods",
        _V,
        "answers GetCompositeSchedule with a schedule that has no period",
        "section 7.13: chargingSchedulePeriod 1..*",
        spoil=changed(
            _without_periods,
            when=lambda frame: frame.answers("GetCompositeSchedule") and "chargingSchedule" in frame.payload,
        ),
    ),
    WireFault(
        "trigger_reason_left_out",
        _V201,
        "sends transaction events after the first one without a triggerReason",
        "part 2, E01.FR.15 and TransactionEventRequest: triggerReason 1..1",
        spoil=changed(
            lambda frame: frame.payload.pop("triggerReason", None),
            when=lambda frame: frame.is_call("TransactionEvent") and frame.payload["eventType"] != "Started",
        ),
    ),
    WireFault(
        "messages_of_1_6",
        _V201,
        "reports statuses in the fields of OCPP 1.6, and finds the field of 1.6 missing in SetChargingProfile",
        "part 4, 3.1.2: the version that was agreed; part 2, FR.02, FR.03",
        spoil=_old_shape,
    ),
)
