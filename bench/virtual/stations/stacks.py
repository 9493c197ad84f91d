"""Which protocol stack serves which WebSocket subprotocol."""

from bench.virtual.stations.board import StackFactory

STACKS: dict[str, StackFactory] = {}
"""Subprotocol -> factory of a stack over a board."""
