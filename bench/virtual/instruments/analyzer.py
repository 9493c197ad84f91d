"""A three-phase power analyser at one EVSE's outlet, in the short language of a ZES LMG600.

Its commands were read in public code, not tried on an instrument (`lmg670.py`): `*zlang short`, `actn`, `utrms1?`,
`itrms1?`, `p1?`, `fcyc1?`, `iauto1`, `irng1`, `uauto1`, `urng1`, `syst:err:all?`.
"""

from dataclasses import dataclass, field

from bench.virtual.instruments.scpi import Arguments, ScpiError, ScpiInstrument, Suffixes, number
from bench.virtual.instruments.server import Channel, Latency, latched
from bench.virtual.plant.evse import PlantEvse
from bench.virtual.plant.history import ZERO, Window
from bench.virtual.plant.plant import Plant

CHANNELS = 3


@dataclass(frozen=True, slots=True)
class AnalyzerConfig:
    """Errors of the instrument; values are means over one measuring cycle and stand still until the next one.

    `current_noise_a` adds to the true RMS current as noise does, in squares: it is what an open outlet reads.
    """

    cycle_s: float = 0.1
    voltage: Channel = field(default_factory=lambda: Channel(0.0002, 0.0, 0.001))
    current: Channel = field(default_factory=lambda: Channel(-0.0001, 0.0, 0.0001))
    power: Channel = field(default_factory=lambda: Channel(0.0002, 0.0, 0.001))
    frequency: Channel = field(default_factory=lambda: Channel(0.00001, 0.0, 0.0001))
    current_noise_a: float = 0.002


class OutletView:
    """What an analyser with this configuration sees of an outlet, behind the contactor: one measuring cycle at a time."""

    def __init__(self, plant: Plant, evse: PlantEvse, config: AnalyzerConfig) -> None:
        self._plant = plant
        self._evse = evse
        self._config = config

    def newest(self, cycle_s: float | None = None) -> Window:
        """The last cycle that has ended, of `cycle_s` where the instrument was told another one."""
        cycle_s = self._config.cycle_s if cycle_s is None else cycle_s
        end = latched(self._plant.now(), cycle_s)
        try:
            return self._evse.history.window(end - cycle_s, end)
        except ValueError:  # no cycle has ended since the instrument was switched on
            return Window(ZERO, ZERO, ZERO, 0.0)

    def voltage_v(self, cycle: Window, channel: int) -> float:
        """RMS voltage as the instrument measures it; channels count from 0."""
        return self._config.voltage.read(cycle.voltage_v[channel])

    def current_a(self, cycle: Window, channel: int) -> float:
        """RMS current, with the instrument's own noise in it."""
        true_a = cycle.current_a[channel]
        return self._config.current.read((true_a**2 + self._config.current_noise_a**2) ** 0.5)

    def power_w(self, cycle: Window, channel: int) -> float:
        """Active power."""
        return self._config.power.read(cycle.power_w[channel])

    def frequency_hz(self, cycle: Window) -> float:
        """Frequency at the end of the cycle."""
        return self._config.frequency.read(cycle.frequency_hz)

    def energy_wh(self, since: float, until: float, channel: int) -> float:
        """What was counted from one instant to another, with the gain error of the power."""
        totals = [self._evse.history.totals(t).energy_ws[channel] for t in (since, until)]
        return (totals[1] - totals[0]) / 3600.0 * (1.0 + self._config.power.gain_error)


class VirtualAnalyzer(ScpiInstrument):
    """Channels 1 to 3 are L1 to L3, voltages taken at the outlet, behind the contactor."""

    def __init__(
        self, name: str, plant: Plant, evse: PlantEvse, config: AnalyzerConfig, latency: Latency | None = None
    ) -> None:
        super().__init__(name, f"ZES ZIMMER Electronic Systems GmbH,LMG641,VIRTUAL{evse.evse_id:03d},1.0", latency)
        self._view = OutletView(plant, evse, config)
        self._short = False
        self._actual: Window | None = None
        self._range: dict[str, list[float | None]] = {}
        self.reset()
        self.command("*ZLANG", self._language)
        self.command("ACTN", self._take)
        self.command("UTRMS{n}?", self._voltage)
        self.command("ITRMS{n}?", self._current)
        self.command("P{n}?", self._power)
        self.command("FCYC{n}?", self._frequency)
        for quantity in ("U", "I"):
            self._add_range_commands(quantity)

    def reset(self) -> None:
        """Automatic ranges, and the newest cycle until the next `actn`."""
        self._actual = None
        self._range = {"U": [None] * CHANNELS, "I": [None] * CHANNELS}

    def _add_range_commands(self, quantity: str) -> None:
        def set_automatic(arguments: Arguments, suffixes: Suffixes) -> None:
            channel = self._channel(suffixes)
            automatic = number(arguments) != 0
            self._range[quantity][channel] = None if automatic else self._range[quantity][channel] or float("inf")

        def set_range(arguments: Arguments, suffixes: Suffixes) -> None:
            channel, value = self._channel(suffixes), number(arguments)
            if not 0.0 < value <= 1000.0:
                raise ScpiError(-222, "Data out of range")
            self._range[quantity][channel] = value

        self.command(f"{quantity}AUTO{{n}}", set_automatic)
        self.command(f"{quantity}RNG{{n}}", set_range)

    def _language(self, arguments: Arguments, _suffixes: Suffixes) -> None:
        word = arguments[0].lower() if arguments else ""
        if word not in {"short", "scpi"}:
            raise ScpiError(-224, "Illegal parameter value")
        self._short = word == "short"

    def _channel(self, suffixes: Suffixes) -> int:
        if not self._short:  # the short commands exist in the short language only
            raise ScpiError(-113, "Undefined header")
        if not 1 <= suffixes[0] <= CHANNELS:
            raise ScpiError(-114, "Header suffix out of range")
        return suffixes[0] - 1

    def _take(self, _arguments: Arguments, _suffixes: Suffixes) -> None:
        self._channel((1,))
        self._actual = self._view.newest()

    def _cycle(self) -> Window:
        return self._actual or self._view.newest()

    def _clipped(self, quantity: str, channel: int, value: float) -> float:
        limit = self._range[quantity][channel]
        return value if limit is None else min(value, limit)

    def _voltage(self, _arguments: Arguments, suffixes: Suffixes) -> str:
        channel = self._channel(suffixes)
        volts = self._view.voltage_v(self._cycle(), channel)
        return self.number_text(self._clipped("U", channel, volts), "{:.5f}")

    def _current(self, _arguments: Arguments, suffixes: Suffixes) -> str:
        channel = self._channel(suffixes)
        amps = self._view.current_a(self._cycle(), channel)
        return self.number_text(self._clipped("I", channel, amps), "{:.5f}")

    def _power(self, _arguments: Arguments, suffixes: Suffixes) -> str:
        channel = self._channel(suffixes)
        return self.number_text(self._view.power_w(self._cycle(), channel), "{:.4f}")

    def _frequency(self, _arguments: Arguments, suffixes: Suffixes) -> str:
        self._channel(suffixes)
        return self.number_text(self._view.frequency_hz(self._cycle()), "{:.4f}")
