"""All faults of frames, from the tables of the areas."""

from bench.virtual.stations.wire.frame import WireFault
from bench.virtual.stations.wire.framing import FRAMING
from bench.virtual.stations.wire.garbled import GARBLED
from bench.virtual.stations.wire.local_list import LOCAL_LIST
from bench.virtual.stations.wire.metering import METERING
from bench.virtual.stations.wire.reconnect import RECONNECT
from bench.virtual.stations.wire.registers import REGISTERS
from bench.virtual.stations.wire.schema import SCHEMA
from bench.virtual.stations.wire.service import SERVICE
from bench.virtual.stations.wire.status import STATUS
from bench.virtual.stations.wire.timing import TIMING
from bench.virtual.stations.wire.transaction import TRANSACTION

WIRE_FAULTS: tuple[WireFault, ...] = (
    *FRAMING,
    *GARBLED,
    *LOCAL_LIST,
    *METERING,
    *RECONNECT,
    *REGISTERS,
    *STATUS,
    *TRANSACTION,
    *SCHEMA,
    *TIMING,
    *SERVICE,
)
