"""Wrong behaviours of the OCPP 1.6 stack."""

from bench.virtual.stations.fault import Fault

FAULTS16: tuple[Fault, ...] = ()
