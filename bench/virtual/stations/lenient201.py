"""Unusual behaviours of the OCPP 2.0.1 stack that a document allows. Ids are those of part 2, edition 3."""

from bench.virtual.stations.allowed import Lenient

_V = ("2.0.1",)

LENIENT201: tuple[Lenient, ...] = ()
