"""All faults of frames, from the tables of the areas."""

from bench.virtual.stations.wire.frame import WireFault
from bench.virtual.stations.wire.framing import FRAMING

WIRE_FAULTS: tuple[WireFault, ...] = (*FRAMING,)
