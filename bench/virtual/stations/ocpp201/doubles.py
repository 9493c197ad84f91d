"""Answers of the two doubles: the one that agrees to everything and does nothing, and the one that refuses everything.

Each answer is the smallest that the schema of the response allows.
"""

from collections.abc import Callable
from typing import Any

from bench.virtual.stations.ocpp201.endpoint import RESULT, Handler, Reply

_AGREEING = {
    "ChangeAvailability": "Accepted",
    "ClearCache": "Accepted",
    "ClearChargingProfile": "Accepted",
    "GetBaseReport": "Accepted",
    "GetCompositeSchedule": "Accepted",
    "RequestStartTransaction": "Accepted",
    "RequestStopTransaction": "Accepted",
    "Reset": "Accepted",
    "SetChargingProfile": "Accepted",
    "TriggerMessage": "Accepted",
    "UnlockConnector": "Unlocked",
}
_REFUSING = dict.fromkeys(_AGREEING, "Rejected") | {
    "ClearChargingProfile": "Unknown",
    "UnlockConnector": "UnlockFailed",
}


def agreeing() -> dict[str, Handler]:
    """Handlers of `accepts_and_does_nothing`."""
    return _handlers(_AGREEING, "Accepted")


def refusing() -> dict[str, Handler]:
    """Handlers of `rejects_everything`."""
    return _handlers(_REFUSING, "Rejected")


def _handlers(statuses: dict[str, str], variable_status: str) -> dict[str, Handler]:
    handlers: dict[str, Handler] = {action: _answer(action, status) for action, status in statuses.items()}

    def get_variables(get_variable_data: list[dict[str, Any]], **_: Any) -> Reply:
        value = "" if variable_status == "Accepted" else None
        rows = [_row(item, variable_status) | {"attribute_value": value} for item in get_variable_data]
        return Reply(RESULT.GetVariables(get_variable_result=rows))

    def set_variables(set_variable_data: list[dict[str, Any]], **_: Any) -> Reply:
        rows = [_row(item, variable_status) for item in set_variable_data]
        return Reply(RESULT.SetVariables(set_variable_result=rows))

    def get_transaction_status(**_: Any) -> Reply:
        return Reply(RESULT.GetTransactionStatus(messages_in_queue=False))

    return handlers | {
        "GetVariables": get_variables,
        "SetVariables": set_variables,
        "GetTransactionStatus": get_transaction_status,
    }


def _answer(action: str, status: str) -> Callable[..., Reply]:
    def handle(**_: Any) -> Reply:
        return Reply(getattr(RESULT, action)(status=status))

    return handle


def _row(item: dict[str, Any], status: str) -> dict[str, Any]:
    return {
        "component": item["component"],
        "variable": item["variable"],
        "attribute_type": item.get("attribute_type") or "Actual",
        "attribute_status": status,
    }
