"""Whether a station is still there after it was provoked: it can be reached, and answers an ordinary request."""

from dataclasses import dataclass

from fixtures.csms.facade import Csms, Seen
from fixtures.expecting import StepOver
from fixtures.variables201 import Variable
from harness.model.station import Station

ANSWERED = {
    "1.6": "OCPP-J 1.6 4.1.1, 4.2.2: a request that can be handled is answered",
    "2.0.1": "OCPP 2.0.1 part 2, FR.02: a valid request is answered with a CALLRESULT",
}
"""Where a version demands that a valid request is answered, whatever came before it."""

_INTERVAL = Variable("OCPPCommCtrlr", "HeartbeatInterval")


@dataclass(frozen=True, slots=True)
class Survival:
    """Asks the station something that it must be able to answer."""

    csms: Csms
    station: Station
    ocpp: str

    @property
    def clause(self) -> str:
        """The requirement of `answers`."""
        return ANSWERED[self.ocpp]

    async def answers(self) -> Seen:
        """An ordinary request is answered; a connection that the station ended may come back first.

        A station that does not answer loses its connection, so that the next case meets it on a new one. Raises StepOver.
        """
        try:
            return await self._asked()
        except StepOver:
            if self.csms.connected:
                await self.csms.cut()
            raise

    async def _asked(self) -> Seen:
        within = self.station.pixit.long_operation_timeout_s
        if self.ocpp == "1.6":
            return await self.csms.call("GetConfiguration", key=["HeartbeatInterval"], within=within)
        asked = [_INTERVAL.selector()]
        return await self.csms.call("GetVariables", getVariableData=asked, within=within)
