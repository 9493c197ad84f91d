"""Which protocol stack serves which WebSocket subprotocol."""

from bench.virtual.stations.board import StackFactory
from bench.virtual.stations.ocpp16.stack import Ocpp16Stack
from bench.virtual.stations.ocpp201.stack import Stack201

STACKS: dict[str, StackFactory] = {"ocpp2.0.1": Stack201, "ocpp1.6": Ocpp16Stack}
"""Subprotocol -> factory of a stack over a board."""
