"""The registry of wrong behaviours, and the set that is switched on in one station."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from bench.errors import BenchError
from bench.virtual.stations.fault import Fault
from bench.virtual.stations.faults16 import FAULTS16
from bench.virtual.stations.faults16_commands import FAULTS16_COMMANDS
from bench.virtual.stations.faults16_core import FAULTS16_CORE
from bench.virtual.stations.faults16_firmware import FAULTS16_FIRMWARE
from bench.virtual.stations.faults16_lists import FAULTS16_LISTS
from bench.virtual.stations.faults16_profiles import FAULTS16_PROFILES
from bench.virtual.stations.faults16_queue import FAULTS16_QUEUE
from bench.virtual.stations.faults16_security import FAULTS16_SECURITY
from bench.virtual.stations.faults16_sessions import FAULTS16_SESSIONS
from bench.virtual.stations.faults16_smart import FAULTS16_SMART
from bench.virtual.stations.faults16_transactions import FAULTS16_TRANSACTIONS
from bench.virtual.stations.faults201 import FAULTS201
from bench.virtual.stations.faults201_security import FAULTS201_SECURITY
from bench.virtual.stations.faults201_sessions import FAULTS201_SESSIONS
from bench.virtual.stations.faults_aligned import FAULTS_ALIGNED
from bench.virtual.stations.faults_common import FAULTS_COMMON
from bench.virtual.stations.faults_configuration import FAULTS_CONFIGURATION
from bench.virtual.stations.faults_currents import FAULTS_CURRENTS
from bench.virtual.stations.faults_delays import FAULTS_DELAYS
from bench.virtual.stations.faults_grid import FAULTS_GRID
from bench.virtual.stations.faults_link import FAULTS_LINK
from bench.virtual.stations.faults_phases import FAULTS_PHASES
from bench.virtual.stations.faults_power import FAULTS_POWER
from bench.virtual.stations.faults_provoked import FAULTS_PROVOKED
from bench.virtual.stations.faults_readings import FAULTS_READINGS
from bench.virtual.stations.faults_remote import FAULTS_REMOTE
from bench.virtual.stations.faults_schedules import FAULTS_SCHEDULES
from bench.virtual.stations.faults_status import FAULTS_STATUS
from bench.virtual.stations.lenient import LENIENT, Lenient
from bench.virtual.stations.wire.frame import WireFault
from bench.virtual.stations.wire.tables import WIRE_FAULTS

__all__ = ["FAULTS", "SWITCHES", "ActiveFaults", "Fault"]


def _index(faults: Iterable[Fault]) -> dict[str, Fault]:
    index: dict[str, Fault] = {}
    for fault in faults:
        if fault.name in index:
            raise BenchError(f"virtual station fault {fault.name!r} is defined twice. Cure: rename one of them")
        index[fault.name] = fault
    return index


FAULTS: Mapping[str, Fault] = _index(
    (
        *FAULTS_COMMON,
        *FAULTS_GRID,
        *FAULTS_SCHEDULES,
        *FAULTS_LINK,
        *FAULTS_PHASES,
        *FAULTS_DELAYS,
        *FAULTS_CURRENTS,
        *FAULTS_ALIGNED,
        *FAULTS_POWER,
        *FAULTS_STATUS,
        *FAULTS_REMOTE,
        *FAULTS_PROVOKED,
        *FAULTS_CONFIGURATION,
        *FAULTS16,
        *FAULTS16_COMMANDS,
        *FAULTS16_FIRMWARE,
        *FAULTS16_LISTS,
        *FAULTS16_CORE,
        *FAULTS_READINGS,
        *FAULTS16_QUEUE,
        *FAULTS16_SMART,
        *FAULTS16_PROFILES,
        *FAULTS16_SESSIONS,
        *FAULTS16_SECURITY,
        *FAULTS16_TRANSACTIONS,
        *FAULTS201,
        *FAULTS201_SECURITY,
        *FAULTS201_SESSIONS,
        *WIRE_FAULTS,
    )
)
"""Every wrong behaviour of the virtual stations, by name."""


SWITCHES: Mapping[str, Fault | Lenient] = {**FAULTS, **LENIENT}
"""Everything that can be switched on in a virtual station: what is wrong, and what is unusual but allowed."""


class ActiveFaults:
    """The switches of one station. Firmware asks `faults.on("name")` where it would differ from the usual station.

    Raises `BenchError` naming the nearest known name, both for a name that is switched on and for one that is
    asked for but not registered.
    """

    def __init__(self, names: Iterable[str] = (), registry: Mapping[str, Fault | Lenient] = SWITCHES) -> None:
        self._registry = registry
        self._active = frozenset(names)
        self._shown: set[str] = set()
        for name in self._active:
            self._known(name)

    def on(self, name: str) -> bool:
        """Whether this behaviour is switched on."""
        self._known(name)
        active = name in self._active
        if active and not isinstance(self._registry[name], WireFault):
            self._shown.add(name)
        return active

    def has(self, name: str) -> bool:
        """Whether this behaviour is switched on, asked where nothing differs yet that could be seen: it takes no effect by that."""
        self._known(name)
        return name in self._active

    def took_effect(self, name: str) -> None:
        """Note that a behaviour was not only switched on but seen: what a station sent or did was different for it."""
        self._shown.add(name)

    @property
    def shown(self) -> frozenset[str]:
        """The switches that took effect so far: the firmware came to where it differs, or a frame was changed.

        The firmware asks at the very place where it differs, so that asking is taking effect; frames tell for themselves.
        """
        return frozenset(self._shown)

    def among(self, *names: str) -> frozenset[str]:
        """Those of `names` that are switched on."""
        return frozenset(name for name in names if self.on(name))

    def __iter__(self) -> Iterator[Fault | Lenient]:
        return iter(self._registry[name] for name in sorted(self._active))

    def _known(self, name: str) -> None:
        if name not in self._registry:
            near = difflib.get_close_matches(name, self._registry, n=1, cutoff=0.0)
            raise BenchError(f"unknown virtual station fault {name!r}. Cure: did you mean {near[0]!r}?")
