"""What every power analyser's answer comes down to: voltage, current and power of each wired channel, and a frequency."""

import math
import re
from collections.abc import Mapping, Sequence

from bench.errors import InstrumentFault
from bench.links.visa import VisaLink
from bench.measured import Stopwatch, phase_name
from bench.roles import Reading
from harness.model.topology import InstrumentEntry

_NO_ERROR = re.compile(r'[+-]?0,".*"')
_NO_MORE: Mapping[str, float] = {}


def phase_reading(
    link: VisaLink,
    entry: InstrumentEntry,
    watch: Stopwatch,
    numbers: Sequence[float],
    more: Mapping[str, float] = _NO_MORE,
) -> Reading:
    """A reading of `numbers`: voltage, current and power channel by channel, and the frequency last. `more` goes with it.

    An infinite number is one that the instrument tells as beyond its range, a NaN one that it did not measure: both raise
    InstrumentFault, but for the frequency, which is left out, as without voltage there is no cycle to time.
    """
    channels = range(1, len(entry.phases) + 1)
    values: dict[str, float] = {}
    for channel in channels:
        voltage, current, power = numbers[3 * channel - 3 : 3 * channel]
        values[phase_name(entry, "voltage", channel) + "_v"] = voltage
        values[phase_name(entry, "current", channel) + "_a"] = current
        values[phase_name(entry, "power", channel) + "_w"] = power
    values.update(more)
    _refuse(
        link, [name for name, value in values.items() if math.isinf(value)], "is beyond its range at", "a higher range"
    )
    _refuse(
        link, [name for name, value in values.items() if math.isnan(value)], "has no numbers for", "ranges and wiring"
    )
    if math.isfinite(numbers[-1]) and numbers[-1] > 0:
        values["frequency_hz"] = numbers[-1]
    powers = tuple(phase_name(entry, "power", channel) + "_w" for channel in channels)
    return watch.reading(entry, values, {"power_w": powers})


def tells_no_error(answer: str) -> bool:
    """Whether this answer of an error queue says that it is empty: number 0 and a whole text in quotes."""
    return _NO_ERROR.fullmatch(answer.strip()) is not None


async def given_up(link: VisaLink, what: str, cure: str) -> InstrumentFault:
    """Drop the connection, so that the next one begins with all settings, and give the fault to raise."""
    await link.exchange(link.drop)
    return link.fault(what, cure)


def _refuse(link: VisaLink, names: list[str], what: str, look_at: str) -> None:
    if names:
        raise link.fault(f"{what} {', '.join(names)}", f"check {look_at}")
