"""What is wrong at an EVSE's terminals, as far as it concerns the power path."""

from bench.virtual.hardware import EvseHardware
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.power_rules import NOT_OF_POWER


class TerminalFault:
    """`kind` of the fault condition that the hardware shows, None without one."""

    def __init__(self, hardware: EvseHardware, faults: ActiveFaults) -> None:
        self._hardware = hardware
        self._faults = faults
        self.kind: str | None = None

    def look(self) -> None:
        """Something changed."""
        seen = self._hardware.fault()
        if seen in NOT_OF_POWER:
            seen = None
        gone = seen is None and self.kind is not None
        if not (gone and self._faults.on("fault_kept_after_cure")):
            self.kind = seen
