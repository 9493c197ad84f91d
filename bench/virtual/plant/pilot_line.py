"""The control pilot of one EVSE between its generator and the car: what is driven, what hangs on it, what is broken in it."""

from dataclasses import dataclass, field, replace

from bench.virtual.plant import pilot


@dataclass(slots=True)
class PilotLine:
    """`drive` is the station's generator; the flags are the bench's hands on the wire and on the car's circuit.

    `error_pct`: percentage points by which the generator's duty is off. `broken`: the wire is open in the cable.
    """

    error_pct: float = 0.0
    drive: pilot.Drive = field(default_factory=pilot.Drive)
    diode_bypassed: bool = False
    shorted: bool = False
    broken: bool = False
    ventilation: bool = False

    def levels(self, *, plugged: bool, ev_side: bool, s2_closed: bool) -> pilot.Levels:
        """Voltages on the line with the cable in these places and S2 as it is."""
        return pilot.levels(self._driven(), self._load(plugged=plugged, ev_side=ev_side, s2_closed=s2_closed))

    def offer_a(self) -> float | None:
        """The current that the car reads from the duty; None without a signal that reaches it."""
        duty_pct = self._driven().pwm
        if duty_pct is None or self.shorted or self.broken:
            return None
        return pilot.offered_current_a(duty_pct)

    def _driven(self) -> pilot.Drive:
        duty_pct = self.drive.duty_pct
        if duty_pct is None or self.error_pct == 0.0:
            return self.drive
        return replace(self.drive, duty_pct=min(duty_pct + self.error_pct, 99.9))

    def _load(self, *, plugged: bool, ev_side: bool, s2_closed: bool) -> pilot.Load:
        if plugged and self.shorted:
            return pilot.Load(ohm=0.0)
        if not (plugged and ev_side) or self.broken:
            return pilot.Load()
        ohm = pilot.R_B_OHM
        if s2_closed:
            ohm = pilot.parallel_ohm(ohm, pilot.R_D_OHM if self.ventilation else pilot.R_C_OHM)
        return pilot.Load(ohm, diode=not self.diode_bypassed)
