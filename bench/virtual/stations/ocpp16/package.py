"""The `ocpp` package's 1.6 parts. It has no usable annotations, so this one module says so for all others."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import ocpp.exceptions
import ocpp.routing
import ocpp.v16
import ocpp.v16.call
import ocpp.v16.call_result
from ocpp.v16.enums import Action

Handler = TypeVar("Handler", bound=Callable[..., Any])

call: Any = ocpp.v16.call
call_result: Any = ocpp.v16.call_result
errors: Any = ocpp.exceptions
ChargePoint: Any = ocpp.v16.ChargePoint
_on: Any = ocpp.routing.on

KNOWN_ACTIONS = frozenset(action.value for action in Action)
"""Every action of 1.6 and its security extension."""


def serves(action: str) -> Callable[[Handler], Handler]:
    """Mark the method that serves an action of the CSMS."""
    return cast("Callable[[Handler], Handler]", _on(action))
