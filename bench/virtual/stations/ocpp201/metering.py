"""Meter readings as OCPP meter values (Part 2, 2.32 MeterValueType, 2.41 SampledValueType, 3.50)."""

from collections.abc import Iterable
from typing import Any

from bench.virtual.hardware import StationMeterReading

_PHASES = ("L1", "L2", "L3")
_UNITS = {
    "Energy.Active.Import.Register": "Wh",
    "Power.Active.Import": "W",
    "Current.Import": "A",
    "Current.Offered": "A",
    "Voltage": "V",
    "Frequency": "Hz",
}


def meter_value(
    timestamp: str, reading: StationMeterReading, measurands: Iterable[str], context: str, offered_a: float, phases: int
) -> dict[str, Any] | None:
    """One MeterValueType of these measurands, None when none is asked for.

    Current and voltage are given per phase, energy and power as totals (the meter has no register per phase).
    """
    samples = [
        {
            "value": value,
            "context": context,
            "measurand": measurand,
            "phase": phase,
            "location": "Outlet",
            "unit_of_measure": {"unit": _UNITS[measurand]},
        }
        for measurand in measurands
        for phase, value in _values(measurand, reading, offered_a)[: None if phases > 1 else 1]
    ]
    return {"timestamp": timestamp, "sampled_value": samples} if samples else None


_DEFAULTS = {
    "context": "Sample.Periodic",
    "measurand": "Energy.Active.Import.Register",
    "location": "Outlet",
    "unit_of_measure": {"unit": "Wh"},
}
"""What a sampled value means that leaves these fields out (2.41 SampledValueType, 2.50 UnitOfMeasureType)."""


def without_defaults(sample: dict[str, Any]) -> dict[str, Any]:
    """The sampled value without what it means all the same."""
    return {name: value for name, value in sample.items() if _DEFAULTS.get(name) != value}


def _values(measurand: str, reading: StationMeterReading, offered_a: float) -> list[tuple[str | None, float]]:
    if measurand == "Energy.Active.Import.Register":
        return [(None, reading.energy_wh)]
    if measurand == "Power.Active.Import":
        return [(None, round(sum(reading.power_w), 3))]
    if measurand == "Current.Import":
        return list(zip(_PHASES, reading.current_a, strict=True))
    if measurand == "Voltage":
        return [(f"{phase}-N", volts) for phase, volts in zip(_PHASES, reading.voltage_v, strict=True)]
    return [(None, reading.frequency_hz if measurand == "Frequency" else offered_a)]
