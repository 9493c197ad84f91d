"""A single-shot acquisition over one EVSE, whatever the dialect: pilot on channel 1, L1's voltage on 2, L1's current on 3.

Waveforms come from the plant's own record of what was there, quantised to 8 bits of each channel's span. Nothing ticks: whether the
trigger came is found out when somebody asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bench.virtual.instruments.scope_config import ScopeConfig
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.waves import Piece, Wave, current_pieces, voltage_pieces

SEARCH_STEP_S = 20e-6
TRIGGER_S = 5e-9
SEARCHED_S = 0.03
"""A piece repeats itself within this time: an edge that is not found in it is not in the piece (currents that rise slowly excepted)."""

PILOT_CHANNEL, VOLTAGE_CHANNEL, CURRENT_CHANNEL = 1, 2, 3
CODES = 256
ZERO_CODE = 128

State = Literal["stopped", "filling", "waiting", "triggered", "done"]


@dataclass(slots=True)
class ShotSettings:
    """Window and trigger as the dialect set them; the window's start lies `before_s` before the trigger."""

    window_s: float = 0.002
    before_s: float = 0.001
    channel: int = PILOT_CHANNEL
    level: float = 0.0
    rising: bool = True


class Shot:
    """One acquisition memory: armed, triggered by the plant's truth or by force, then read."""

    def __init__(self, evse: PlantEvse, config: ScopeConfig) -> None:
        self.settings = ShotSettings()
        self._evse = evse
        self._config = config
        self._armed_at: float | None = None
        self._searched_to = 0.0
        self._was: float | None = None
        self.trigger_at: float | None = None

    def arm(self, now: float) -> None:
        """Begin one acquisition."""
        self._armed_at = now
        self._searched_to = now + self.settings.before_s
        self._was = None
        self.trigger_at = None

    def stop(self) -> None:
        """Give up."""
        self._armed_at = None

    def force(self, now: float) -> None:
        """Trigger now, if it was armed and had no trigger yet."""
        if self._armed_at is not None and self.state(now) in {"filling", "waiting"}:
            self.trigger_at = max(now, self._armed_at + self.settings.before_s)

    def state(self, now: float) -> State:
        """How far it has come."""
        if self._armed_at is None:
            return "stopped"
        if self.trigger_at is None:
            self.trigger_at = self._found(now)
        if self.trigger_at is not None:
            after_s = self.settings.window_s - self.settings.before_s
            return "done" if now >= self.trigger_at + after_s else "triggered"
        return "waiting" if now >= self._armed_at + self.settings.before_s else "filling"

    def span(self, channel: int) -> float:
        """Full scale of a channel from lowest to highest code, in V or A."""
        spans = {VOLTAGE_CHANNEL: self._config.voltage_span_v, CURRENT_CHANNEL: self._config.current_span_a}
        return spans.get(channel, self._config.pilot_span_v)

    def codes(self, channel: int, points: int) -> bytes:
        """The samples of a channel over the window, one byte each; the first at the window's start."""
        if self.trigger_at is None:
            return bytes([ZERO_CODE] * points)
        start, step = self.trigger_at - self.settings.before_s, self.settings.window_s / points
        per_unit = CODES / self.span(channel)
        codes = bytearray()
        for _, end, wave in self._pieces(channel, start, start + self.settings.window_s):
            while len(codes) < points and start + len(codes) * step < end:
                code = round(wave(start + len(codes) * step) * per_unit) + ZERO_CODE
                codes.append(min(max(code, 0), CODES - 1))
        return bytes(codes) + bytes([ZERO_CODE] * (points - len(codes)))

    def _pieces(self, channel: int, t1: float, t2: float) -> Iterator[Piece]:
        evse = self._evse
        if channel == PILOT_CHANNEL:
            return evse.pilot_history.pieces(t1, t2, evse.pilot_frequency_hz, evse.pilot_edge_tau_s)
        if channel == VOLTAGE_CHANNEL:
            return voltage_pieces(evse.history, t1, t2, evse.supply_frequency_hz)
        if channel == CURRENT_CHANNEL:
            return current_pieces(evse.history, evse.inrushes, t1, t2, evse.supply_frequency_hz)
        return iter(())

    def _found(self, now: float) -> float | None:
        """The first crossing since the last search."""
        begin = self._searched_to
        if now <= begin:
            return None
        self._searched_to = now
        for start, end, wave in self._pieces(self.settings.channel, begin, now):
            if self._was is not None and self._crosses(self._was, wave(start)):
                return start
            found = self._within(start, min(end, start + SEARCHED_S), wave)
            if found is not None:
                return found
            self._was = wave(end)
        return None

    def _within(self, start: float, end: float, wave: Wave) -> float | None:
        was, t = wave(start), start
        while t < end:
            t += SEARCH_STEP_S
            value = wave(min(t, end))
            if self._crosses(was, value):
                return self._between(t - SEARCH_STEP_S, min(t, end), wave)
            was = value
        return None

    def _between(self, before: float, after: float, wave: Wave) -> float:
        """The crossing between two instants, as closely as a trigger circuit knows it."""
        while after - before > TRIGGER_S:
            middle = (before + after) / 2
            if (wave(middle) >= self.settings.level) is self.settings.rising:
                after = middle
            else:
                before = middle
        return after

    def _crosses(self, was: float, value: float) -> bool:
        level = self.settings.level
        return was < level <= value if self.settings.rising else was > level >= value
