"""All defects of the field, by id."""

from collections.abc import Mapping

from bench.virtual.faults.authorize import AUTHORIZE
from bench.virtual.faults.boot import BOOT
from bench.virtual.faults.configuration import CONFIGURATION
from bench.virtual.faults.defect import FieldDefect
from bench.virtual.faults.diagnostics import DIAGNOSTICS
from bench.virtual.faults.electrical import ELECTRICAL
from bench.virtual.faults.firmware import FIRMWARE
from bench.virtual.faults.framing import FRAMING
from bench.virtual.faults.heartbeat import HEARTBEAT
from bench.virtual.faults.local_list import LOCAL_LIST
from bench.virtual.faults.metering import METERING
from bench.virtual.faults.offline import OFFLINE
from bench.virtual.faults.reconnect import RECONNECT
from bench.virtual.faults.remote_control import REMOTE_CONTROL
from bench.virtual.faults.reservation import RESERVATION
from bench.virtual.faults.schema import SCHEMA
from bench.virtual.faults.security import SECURITY
from bench.virtual.faults.smart_charging import SMART_CHARGING
from bench.virtual.faults.status import STATUS
from bench.virtual.faults.timing import TIMING
from bench.virtual.faults.transaction import TRANSACTION

_ALL = (
    *AUTHORIZE,
    *BOOT,
    *CONFIGURATION,
    *DIAGNOSTICS,
    *ELECTRICAL,
    *FIRMWARE,
    *FRAMING,
    *HEARTBEAT,
    *LOCAL_LIST,
    *METERING,
    *OFFLINE,
    *RECONNECT,
    *REMOTE_CONTROL,
    *RESERVATION,
    *SCHEMA,
    *SECURITY,
    *SMART_CHARGING,
    *STATUS,
    *TIMING,
    *TRANSACTION,
)

FIELD_DEFECTS: Mapping[str, FieldDefect] = {defect.id: defect for defect in sorted(_ALL, key=lambda defect: defect.id)}
"""Every defect of the field that is known to the library, in the order of their ids."""
