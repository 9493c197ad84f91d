"""Wrong behaviours of the OCPP 2.0.1 stack."""

from bench.virtual.stations.fault import Fault

FAULTS201: tuple[Fault, ...] = ()
