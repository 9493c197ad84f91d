"""A station that can charge on one phase or on three: a second contactor carries L2 and L3, the main one L1.

Without any command all three poles follow the main contactor. The station may switch at any time; one that does so under load makes
the EV see its supply change while it draws.
"""

from collections.abc import Callable

from bench.virtual.plant.active import PlantFaults
from bench.virtual.plant.contactor import Contactor, ContactorConfig
from bench.virtual.plant.history import ZERO, Phases
from bench.virtual.plant.timeline import Timeline

PHASE_CHOICES = (1, 3)


class PhaseSwitch:
    """The contacts of L2 and L3. `on_move` is called once they have moved."""

    def __init__(
        self, timeline: Timeline, config: ContactorConfig, faults: PlantFaults, on_move: Callable[[bool], None]
    ) -> None:
        self._faults = faults
        self._has_opened = False
        self._on_move = on_move
        self._contacts = Contactor(timeline, config, self._moved, closed=True)

    def select(self, phases: int) -> None:
        """Connect this many phases from now on.

        Raises:
            ValueError: other than 1 or 3.
        """
        if phases not in PHASE_CHOICES:
            raise ValueError(f"a station cannot connect {phases} phases: use 1 or 3")
        close = phases == max(PHASE_CHOICES)
        if close or not self._faults.on("phase_switch_stuck"):
            self._contacts.command(close=close)

    def behind(self, voltage_v: Phases) -> Phases:
        """The voltages behind these contacts, of those before them."""
        if not self._contacts.closed:
            return (voltage_v[0], 0.0, 0.0)
        lost = self._has_opened and voltage_v[2] > 1.0 and self._faults.on("pole_l3_does_not_close_again")
        return (voltage_v[0], voltage_v[1], 0.0 if lost else voltage_v[2])

    def _moved(self, closed: bool) -> None:
        self._has_opened = self._has_opened or not closed
        self._on_move(closed)


def live_phases(voltage_v: Phases) -> int:
    """How many phases in a row from L1 on are live: what an on-board charger finds when it starts."""
    count = 0
    while count < len(ZERO) and voltage_v[count] > 1.0:
        count += 1
    return count
