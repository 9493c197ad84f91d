"""Reusable states of OCPP 1.6 (OCA test case document 2024-04, 2.25), with the ways between them.

Costs are orders of magnitude in seconds, used only to choose between ways.
"""

from harness.states import State, StateGraph, Way

_V = ("1.6",)
_EV = frozenset({"ev_simulator"})
_READER = frozenset({"id_reader"})

STATES = (
    State("Idle", _V, "accepted, connected, nothing plugged, no transaction, no fault"),
    State("Booted", _V, "just restarted, boot accepted, every connector reported", ("settle",)),
    State("Authorized", _V, "a valid tag was presented, Preparing is reported", ("connection_timeout",)),
    State("SetConnectorOccupied", _V, "the cable is plugged in, Preparing is reported", ("unplug",)),
    State("Charging", _V, "a transaction runs, Charging is reported", ("remote_stop", "unplug")),
    State("Finishing", _V, "the transaction has ended, the cable is still plugged in", ("unplug",)),
    State("SetConnectorUnavailable", _V, "one connector is inoperative", ("connector_operative",)),
    State("SetChargePointUnavailable", _V, "the whole station is inoperative", ("station_operative",)),
    State("SetConnectorFaulted", _V, "a fault is injected at one connector", ("clear_fault",)),
    State("Reserved", _V, "one connector is reserved for the valid tag", ("cancel_reservation",)),
)

WAYS = (
    Way("Idle", "Booted", "reset", frozenset(), 30),
    Way("Idle", "Booted", "power_cycle", frozenset({"ac_source"}), 60),
    Way("Booted", "Idle", "settle", frozenset(), 1),
    Way("Idle", "Authorized", "present_token", _READER, 3),
    Way("Authorized", "Idle", "connection_timeout", frozenset(), 120),
    Way("Idle", "SetConnectorOccupied", "plug_in", _EV, 3),
    Way("SetConnectorOccupied", "Idle", "unplug", _EV, 3),
    Way("Reserved", "SetConnectorOccupied", "plug_in", _EV, 3),
    Way("Authorized", "Charging", "plug_in", _EV, 5),
    Way("SetConnectorOccupied", "Charging", "remote_start", _EV, 4),  # the document's own way (table 105)
    Way("SetConnectorOccupied", "Charging", "present_token", _READER | _EV, 6),
    Way("Charging", "Finishing", "remote_stop", frozenset(), 5),
    Way("Charging", "Finishing", "present_token", _READER, 6),
    Way("Finishing", "Idle", "unplug", _EV, 3),
    Way("Idle", "SetConnectorUnavailable", "connector_inoperative", frozenset(), 2),
    Way("SetConnectorUnavailable", "Idle", "connector_operative", frozenset(), 2),
    Way("Idle", "SetChargePointUnavailable", "station_inoperative", frozenset(), 2),
    Way("SetChargePointUnavailable", "Idle", "station_operative", frozenset(), 2),
    Way("Idle", "SetConnectorFaulted", "inject_fault", frozenset({"fault_injector"}), 5),
    Way("SetConnectorFaulted", "Idle", "clear_fault", frozenset({"fault_injector"}), 5),
    Way("Idle", "Reserved", "reserve", frozenset(), 2),
    Way("Reserved", "Idle", "cancel_reservation", frozenset(), 2),
)

GRAPH = StateGraph("1.6", STATES, WAYS)
