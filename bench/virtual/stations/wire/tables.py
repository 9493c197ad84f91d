"""All faults of frames, from the tables of the areas."""

from bench.virtual.stations.wire.frame import WireFault
from bench.virtual.stations.wire.framing import FRAMING
from bench.virtual.stations.wire.garbled import GARBLED

WIRE_FAULTS: tuple[WireFault, ...] = (*FRAMING, *GARBLED)
