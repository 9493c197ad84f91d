"""Which protocol stack serves which WebSocket subprotocol."""

from bench.virtual.stations.board import StackFactory
from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

STACKS: dict[str, StackFactory] = {"ocpp1.6": Ocpp16Stack}
"""Subprotocol -> factory of a stack over a board."""
