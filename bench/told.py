"""An instrument that is told what to do verb by verb: every method of its roles comes down to doing, or asking, one verb."""

from abc import ABC, abstractmethod
from typing import Any, cast

from bench.roles import PilotState


class Told(ABC):
    """All methods of the roles that a bench file can list verbs for. Each raises what `_do` and `_ask` raise."""

    @abstractmethod
    async def _do(self, method: str, **args: Any) -> object:
        """Do what the bench file lists for this method with these arguments."""

    @abstractmethod
    async def _ask(self, method: str, **args: Any) -> object:
        """Ask, and give the answer as the verb's type says."""

    # -- supply and network

    async def output(self, *, on: bool) -> None:
        """Switch the station's supply."""
        await self._do("output", on=on)

    async def output_is_on(self) -> bool:
        """Read the supply's state back."""
        return bool(await self._ask("output_is_on"))

    async def set_voltage(self, volts: float, phase: int | None = None) -> None:
        """Set the supply's voltage; `<phase>` is `all` where none is named."""
        await self._do("set_voltage", volts=volts, phase=phase)

    async def set_frequency(self, hertz: float) -> None:
        """Set the supply's frequency."""
        await self._do("set_frequency", hertz=hertz)

    async def dip(self, share: float, duration_s: float, phase: int | None = None) -> None:
        """Let the supply dip; `<phase>` is `all` where none is named."""
        await self._do("dip", share=share, duration_s=duration_s, phase=phase)

    async def switch(self, channel: int, *, on: bool) -> None:
        """Switch a relay."""
        await self._do("switch", channel=channel, on=on)

    async def state(self, channel: int) -> bool:
        """Read a relay."""
        return bool(await self._ask("state", channel=channel))

    async def cut(self, how: str = "drop") -> None:
        """Cut the station's network in this way."""
        await self._do("cut", how=how)

    async def restore(self) -> None:
        """Give the station its network back."""
        await self._do("restore")

    # -- the car

    async def plug_in(self, cable_rating_a: float = 32.0) -> None:
        """Plug in."""
        await self._do("plug_in", cable_rating_a=cable_rating_a)

    async def unplug(self) -> None:
        """Unplug."""
        await self._do("unplug")

    async def unplug_ev_side(self) -> None:
        """Unplug at the EV."""
        await self._do("unplug_ev_side")

    async def request_energy(self, *, on: bool) -> None:
        """Resume or suspend charging on the EV's side."""
        await self._do("request_energy", on=on)

    async def set_demand(self, current_a: float, phases: int = 3) -> None:
        """What the EV would draw."""
        await self._do("set_demand", current_a=current_a, phases=phases)

    async def set_phases(self, phases: int) -> None:
        """On how many phases the EV charges."""
        await self._do("set_phases", phases=phases)

    async def set_power_factor(self, power_factor: float) -> None:
        """The EV's power factor."""
        await self._do("set_power_factor", power_factor=power_factor)

    async def set_polite(self, *, polite: bool) -> None:
        """Whether the EV stops by itself when PWM is withdrawn."""
        await self._do("set_polite", polite=polite)

    async def set_ventilation(self, *, on: bool) -> None:
        """Whether the EV asks for ventilation."""
        await self._do("set_ventilation", on=on)

    async def set_pilot_short(self, *, on: bool) -> None:
        """Short the control pilot to earth, or not."""
        await self._do("set_pilot_short", on=on)

    async def set_diode_bypass(self, *, on: bool) -> None:
        """Bridge the pilot's diode, or not."""
        await self._do("set_diode_bypass", on=on)

    async def set_pilot_open(self, *, on: bool) -> None:
        """Open the control pilot's wire, or not."""
        await self._do("set_pilot_open", on=on)

    async def set_proximity(self, ohm: float) -> None:
        """Put a resistor in place of the cable's own, or 0 for that."""
        await self._do("set_proximity", ohm=ohm)

    async def pilot_state(self) -> PilotState:
        """The pilot state that it tells."""
        return cast("PilotState", await self._ask("pilot_state"))

    # -- what stands at the station's front

    async def present(self, token: str) -> None:
        """Hold a token at the reader."""
        await self._do("present", token=token)

    async def press(self, button: str, evse: int = 1) -> None:
        """Press a button."""
        await self._do("press", button=button, evse=evse)

    async def inject(self, kind: str, evse: int = 1) -> None:
        """Make a fault condition."""
        await self._do("inject", kind=kind, evse=evse)

    async def clear(self, evse: int = 1) -> None:
        """Remove all fault conditions."""
        await self._do("clear", evse=evse)

    async def locked(self, evse: int = 1) -> bool:
        """Whether the plug is held."""
        return bool(await self._ask("locked", evse=evse))

    async def occupy(self, evse: int = 1) -> None:
        """Put a vehicle into the bay."""
        await self._do("occupy", evse=evse)

    async def leave(self, evse: int = 1) -> None:
        """Empty the bay."""
        await self._do("leave", evse=evse)
