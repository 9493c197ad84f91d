"""What stations tell of their meters, and is not what these read. Sections are those of OCPP 1.6 edition 2."""

from bench.virtual.stations.wire.frame import Frame, WireFault, changed
from bench.virtual.stations.wire.values import (
    CURRENT,
    POWER,
    REGISTER,
    VOLTAGE,
    leave_out,
    measurand,
    meter_values,
    rewrite,
    samples,
)

_V16 = ("1.6",)
_V2 = ("2.0.1",)
_NO_ENERGY_W = 5.0
"""Power below which nothing is charged."""


def _is_idle(frame: Frame) -> bool:
    return frame.is_call("MeterValues") and "transactionId" not in frame.payload


def _is_of_transaction(frame: Frame) -> bool:
    named = "transactionId" in frame.payload or "transactionInfo" in frame.payload
    return frame.is_call("MeterValues", "TransactionEvent") and named


def _has_values(frame: Frame) -> bool:
    return bool(meter_values(frame))


def _without_samples(frame: Frame) -> None:
    for value in meter_values(frame):
        value["sampledValue"] = []


def _rests(frame: Frame) -> bool:
    """Whether the values of a transaction show that nothing is being charged."""
    told = [float(one["value"]) for one in samples(frame, POWER)]
    return _is_of_transaction(frame) and bool(told) and max(told) < _NO_ENERGY_W


def _doubled(frame: Frame) -> None:
    for value in meter_values(frame):
        value["sampledValue"].append(dict(value["sampledValue"][0]))


def _on_l1(frame: Frame) -> None:
    for one in samples(frame, REGISTER):
        one.setdefault("phase", "L1")


def _without_unit(frame: Frame) -> None:
    for one in samples(frame, POWER):
        one.pop("unitOfMeasure", None)
        one["value"] = float(one["value"]) + 0.37957763671875


METERING: tuple[WireFault, ...] = (
    WireFault(
        "sampled_values_empty",
        _V16,
        "tells meter values of an idle connector without any value in them",
        "section 7.33: sampledValue, 1..*",
        spoil=changed(_without_samples, when=_is_idle),
    ),
    WireFault(
        "meter_value_list_empty",
        _V16,
        "tells an empty list of meter values of an idle connector",
        "section 6.31: meterValue, 1..*",
        spoil=changed(lambda frame: frame.payload.update(meterValue=[]), when=_is_idle),
    ),
    WireFault(
        "power_without_unit",
        _V2,
        "samples power with 14 decimals and without a unit",
        "UnitOfMeasureType: the default unit is that of energy",
        spoil=changed(_without_unit, when=_has_values),
    ),
    WireFault(
        "power_not_sampled",
        _V16,
        "takes Power.Active.Import into MeterValuesSampledData, and never samples it",
        "sections 3.16.1, 9.1.17 MeterValuesSampledData",
        spoil=changed(
            lambda frame: leave_out(frame, lambda one: measurand(one) == POWER), when=lambda f: f.is_call("MeterValues")
        ),
    ),
    WireFault(
        "l2_and_l3_not_sampled",
        _V16,
        "tells current and voltage of L1 only, of a meter and a load of three phases",
        "section 3.16.3: all phases that can be measured are reported",
        spoil=changed(
            lambda frame: leave_out(frame, lambda one: str(one.get("phase", ""))[:2] in {"L2", "L3"}), when=_has_values
        ),
    ),
    WireFault(
        "power_reads_a_tenth",
        _V16,
        "tells a tenth of the power; current, voltage and register are right",
        "section 7.31: Power.Active.Import is the power imported by the EV",
        spoil=changed(lambda frame: rewrite(frame, lambda watts: watts / 10, POWER), when=_has_values),
    ),
    WireFault(
        "voltage_zero_while_charging",
        _V16,
        "tells 0 V on every phase as long as a transaction runs",
        "sections 3.16.3, 4.7: a sample is a value taken at that time",
        spoil=changed(lambda frame: rewrite(frame, lambda _: 0.0, VOLTAGE), when=_is_of_transaction),
    ),
    WireFault(
        "power_and_current_missing_in_pauses",
        ("1.6", "2.0.1"),
        "leaves power and current out of the samples of a transaction while nothing is charged",
        "sections 3.16.1, 9.1.17 MeterValuesSampledData; OCPP 2.0.1 J02.FR.11",
        spoil=changed(lambda frame: leave_out(frame, lambda one: measurand(one) in {POWER, CURRENT}), when=_rests),
    ),
    WireFault(
        "sample_told_twice",
        ("1.6", "2.0.1"),
        "lists the first value of every set of samples twice",
        "section 7.33; OCPP 2.0.1 J02.FR.02: each value of one point in time",
        spoil=changed(_doubled, when=_has_values),
    ),
    WireFault(
        "register_told_on_l1",
        _V16,
        "tells the register of all phases as that of L1, and no other",
        "sections 7.34, 7.43: a value without a phase is the overall one",
        spoil=changed(_on_l1, when=_has_values),
    ),
)
