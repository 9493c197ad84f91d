"""Reusable states of OCPP 2.0.1 (Edition 3 Part 6, 2.18), with the ways between them.

Part 6 lets a station be authorised before or after the EV is plugged in; the state that a later one is reached from is
therefore not always the same. Costs are orders of magnitude in seconds, used only to choose between ways.
"""

from harness.states import State, StateGraph, Way

_V = ("2.0.1",)
_EV = frozenset({"ev_simulator"})
_READER = frozenset({"id_reader"})
_STOP = ("request_stop", "await_end", "unplug", "settle")

STATES = (
    State("Idle", _V, "accepted, connected, nothing plugged, no transaction, no fault"),
    State("Booted", _V, "just restarted, boot accepted, every connector reported", ("settle",)),
    State("Unavailable", _V, "station, EVSE or connector is inoperative", ("operative",)),
    State("Reserved", _V, "one EVSE is reserved for the valid token", ("cancel_reservation",)),
    State("EVConnectedPreSession", _V, "the EV is plugged in, nothing is authorised", ("unplug",)),
    State("Authorized", _V, "authorised, the EV is not plugged in yet", ("connection_timeout",)),
    State("AuthorizedPlugged", _V, "authorised with the EV plugged in, before energy flows", _STOP),
    State("EnergyTransferStarted", _V, "a transaction runs, Charging is reported", _STOP),
    State("EnergyTransferSuspended", _V, "the EV paused the transfer", _STOP),
    State("StopAuthorized", _V, "the stop is authorised", ("await_end", "unplug", "settle")),
    State(
        "EVConnectedPostSession", _V, "energy has stopped for good, the EV is still plugged in", ("unplug", "settle")
    ),
    State("EVDisconnected", _V, "the EV is unplugged after the session", ("settle",)),
)

WAYS = (
    Way("Idle", "Booted", "reset", frozenset(), 30),
    Way("Idle", "Booted", "power_cycle", frozenset({"ac_source"}), 60),
    Way("Booted", "Idle", "settle", frozenset(), 1),
    Way("Idle", "Unavailable", "inoperative", frozenset(), 2),
    Way("Unavailable", "Idle", "operative", frozenset(), 2),
    Way("Idle", "Reserved", "reserve", frozenset(), 2),
    Way("Reserved", "Idle", "cancel_reservation", frozenset(), 2),
    Way("Idle", "EVConnectedPreSession", "plug_in", _EV, 3),
    Way("EVConnectedPreSession", "Idle", "unplug", _EV, 3),
    Way("Idle", "Authorized", "request_start", frozenset(), 3),
    Way("Idle", "Authorized", "present_token", _READER, 4),
    Way("Authorized", "Idle", "connection_timeout", frozenset(), 120),
    Way("EVConnectedPreSession", "AuthorizedPlugged", "request_start", frozenset(), 3),
    Way("EVConnectedPreSession", "AuthorizedPlugged", "present_token", _READER, 4),
    Way("Authorized", "AuthorizedPlugged", "plug_in", _EV, 3),
    Way("AuthorizedPlugged", "EnergyTransferStarted", "request_energy", _EV, 5),
    Way("EnergyTransferStarted", "EnergyTransferSuspended", "suspend_energy", _EV, 5),
    Way("EnergyTransferSuspended", "EnergyTransferStarted", "request_energy", _EV, 5),
    Way("AuthorizedPlugged", "StopAuthorized", "request_stop", frozenset(), 5),
    Way("EnergyTransferSuspended", "StopAuthorized", "request_stop", frozenset(), 5),
    Way("EnergyTransferStarted", "StopAuthorized", "request_stop", frozenset(), 5),
    Way("EnergyTransferStarted", "StopAuthorized", "present_token", _READER, 6),
    Way("StopAuthorized", "EVConnectedPostSession", "await_end", frozenset(), 5),
    Way("EVConnectedPostSession", "EVDisconnected", "unplug", _EV, 3),
    Way("EVDisconnected", "Idle", "settle", frozenset(), 1),
)

GRAPH = StateGraph("2.0.1", STATES, WAYS)
