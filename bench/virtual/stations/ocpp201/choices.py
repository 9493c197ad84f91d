"""Choices that the documents leave to a maker, as the unusual stations make them (lenient201)."""

from typing import Any

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.ocpp201.device_model import Variable
from bench.virtual.stations.ocpp201.endpoint import CALL

_POINTS = {
    "TxStopPoint": ("ends_transactions_at_the_plug", "EVConnected"),
    "TxStartPoint": ("starts_when_all_is_ready", "PowerPathClosed"),
}


def as_chosen(variables: list[Variable], faults: ActiveFaults) -> list[Variable]:
    """The variables of a station that chose its TxStartPoint or TxStopPoint, or to have no password."""
    for variable in variables:
        switch, value = _POINTS.get(variable.name, ("", ""))
        if switch and faults.on(switch):
            variable.value, variable.mutability = value, "ReadOnly"
    if faults.on("no_password_variable"):
        return [variable for variable in variables if variable.name != "BasicAuthPassword"]
    return variables


def status_event(fields: dict[str, Any], number: str) -> Any:
    """NotifyEvent of AvailabilityState in place of a StatusNotification with these fields (G01.FR.03, N07)."""
    place = {"id": fields["evse_id"], "connector_id": fields["connector_id"]}
    return CALL.NotifyEvent(
        generated_at=fields["timestamp"],
        seq_no=0,
        event_data=[
            {
                "event_id": int(number[:6], 16),
                "timestamp": fields["timestamp"],
                "trigger": "Delta",
                "actual_value": fields["connector_status"],
                "event_notification_type": "HardWiredNotification",
                "component": {"name": "Connector", "evse": place},
                "variable": {"name": "AvailabilityState"},
            }
        ],
    )
