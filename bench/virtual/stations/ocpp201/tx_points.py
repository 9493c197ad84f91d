"""When a transaction starts and ends (Part 2, E01, E06; Referenced Components and Variables 2.6.6)."""

from typing import Literal

Happening = Literal["plugged", "authorized", "energy"]

ENDS_WITH_AUTHORIZATION = frozenset({"Authorized", "PowerPathClosed", "EnergyTransfer"})
"""Values of TxStopPoint that end a transaction when its authorisation ends."""

_ENDS_WITH_CABLE = frozenset({"EVConnected", "PowerPathClosed", "EnergyTransfer"})

FAULT_REASONS = {
    "emergency_stop": "EmergencyStop",
    "ground_failure": "GroundFault",
    "over_current_failure": "OvercurrentFault",
    "over_voltage": "PowerQuality",
    "under_voltage": "PowerQuality",
    "frequency": "PowerQuality",
}
"""stoppedReason of a hardware fault; any other fault is Other."""


def starts_transaction(points: set[str], happening: Happening, *, connected: bool, authorized: bool) -> bool:
    """Whether TxStartPoint lets a transaction start now (E01.FR.02, .03, .05, .06)."""
    return (
        ("EVConnected" in points and connected)
        or ("Authorized" in points and authorized)
        or ("PowerPathClosed" in points and connected and authorized)
        or ("EnergyTransfer" in points and happening == "energy")
    )


def cable_ends_transaction(points: set[str], *, deauthorize: bool) -> bool:
    """Whether losing the EV ends the transaction; `deauthorize` is StopTxOnEVSideDisconnect (E06.FR.02, E09.FR.01)."""
    return bool(_ENDS_WITH_CABLE & points) or (deauthorize and "Authorized" in points)
