"""The way to the CSMS: who may send when, and what came of it."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from ocpp.exceptions import OCPPError, UnknownCallErrorCodeError
from websockets.exceptions import WebSocketException

from bench.virtual.stations.ocpp_endpoint import LoopTimeEndpoint

Registration = Literal["Accepted", "Pending", "Rejected", "unknown"]


class UndeliveredError(Exception):
    """The CSMS did not take a message."""


class OfflineError(UndeliveredError):
    """There is no connection, or the station is not registered yet."""


class RefusedError(UndeliveredError):
    """The CSMS failed to process the message: CALLERROR, invalid answer or no answer in time."""


class Csms:
    """Sends CALLs over the current connection, if registration permits (section 4.2)."""

    def __init__(self, spelling: Callable[[Any], Any] = lambda request: request) -> None:
        """`spelling` has the last word on what a request looks like."""
        self._spelling = spelling
        self.registration: Registration = "unknown"
        self.ready = asyncio.Event()
        """Set while connected and accepted."""
        self._endpoint: LoopTimeEndpoint | None = None

    @property
    def connected(self) -> bool:
        """Whether a connection is open."""
        return self._endpoint is not None

    def connect(self, endpoint: LoopTimeEndpoint) -> None:
        """A connection is there."""
        self._endpoint = endpoint
        self._update()

    def disconnect(self) -> None:
        """The connection is gone."""
        self._endpoint = None
        self._update()

    def register(self, registration: Registration) -> None:
        """Take over the status of a BootNotification.conf."""
        self.registration = registration
        self._update()

    async def call(self, request: Any, *, triggered: bool = False) -> Any:
        """Send a CALL and give its answer. `triggered` is for what may be sent before registration is accepted.

        Raises OfflineError or RefusedError.
        """
        endpoint: Any = self._endpoint
        if endpoint is None or not (triggered or self.registration == "Accepted"):
            raise OfflineError(type(request).__name__)
        try:
            return await endpoint.call(self._spelling(request), suppress=False)
        except TimeoutError as error:  # before OSError, of which it is one
            raise RefusedError(str(error)) from error
        except (WebSocketException, OSError) as error:
            raise OfflineError(str(error)) from error
        except (OCPPError, UnknownCallErrorCodeError) as error:
            raise RefusedError(str(error)) from error

    async def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._endpoint is not None:
            await self._endpoint.hang_up()

    def _update(self) -> None:
        if self.connected and self.registration == "Accepted":
            self.ready.set()
        else:
            self.ready.clear()
