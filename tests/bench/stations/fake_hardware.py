"""A station's pins in memory: a pilot, a contactor with its delays, an EV and a meter, and nothing else."""

import asyncio

from bench.virtual.hardware import StationMeterReading

VOLTAGE_V = 230.0
CONTACTOR_S = 0.02
EV_REACTION_S = 0.5


class FakeEvse:
    """One EVSE with an EV that may be plugged in. A polite EV leaves C when PWM is withdrawn; a rude one stays."""

    def __init__(self, evse_id, energy_wh=1234.5):
        self.evse_id = evse_id
        self.demand_a = 32.0
        self.polite = True
        self.asks = True
        self.duty = None
        self.closed = False
        self.phases = 3
        self.is_locked = False
        self.lock_stuck = False
        self.injected = None
        self.edges = []
        self._in_c = False
        self._ev = False
        self._cable_a = None
        self._energy_wh = energy_wh
        self._since = 0.0
        self._callbacks = []
        self._moves = 0

    # what the firmware sees

    def set_pilot_duty(self, duty_pct):
        self._integrate()
        changed = (duty_pct is None) != (self.duty is None)
        self.duty = duty_pct
        if changed and self._ev and (duty_pct is not None or self.polite):
            self._later(EV_REACTION_S, self._ev_reacts)

    def set_pilot_fault(self):
        self.duty = None

    def pilot_state(self):
        if not self._ev:
            return "A"
        return "C" if self._in_c else "B"

    def pilot_duty_pct(self):
        return self.duty

    def close_contactor(self):
        self._later(CONTACTOR_S, lambda: self._move(True), "contactor")

    def open_contactor(self):
        self._later(CONTACTOR_S, lambda: self._move(False), "contactor")

    def contactor_closed(self):
        return self.closed

    def select_phases(self, phases):
        self.phases = phases

    def lock(self, *, locked):
        if not self.lock_stuck:
            self.is_locked = locked
            self._signal("lock")

    def locked(self):
        return self.is_locked

    def plug_seen(self):
        return self._cable_a is not None

    def cable_rating_a(self):
        return self._cable_a

    def read_meter(self):
        self._integrate()
        amps = self.current_a
        return StationMeterReading(
            energy_wh=self._energy_wh,
            voltage_v=(VOLTAGE_V,) * 3,
            current_a=(amps,) * 3,
            power_w=(amps * VOLTAGE_V,) * 3,
            frequency_hz=50.0,
        )

    def fault(self):
        return self.injected

    def on_change(self, callback):
        self._callbacks.append(callback)

    # what the test does

    @property
    def current_a(self):
        if not self.closed or not self._in_c:
            return 0.0
        offered = self.duty * 0.6 if self.duty is not None else 0.0
        return self.demand_a if not self.polite else min(self.demand_a, offered)

    def plug_in(self, cable_a=32.0):
        self._cable_a = cable_a
        self._ev = True
        self._signal("pilot")
        if self.duty is not None:
            self._later(EV_REACTION_S, self._ev_reacts)

    def unplug(self):
        self.unplug_ev_side()
        self._cable_a = None
        self._signal("pilot")

    def unplug_ev_side(self):
        self._integrate()
        self._ev = self._in_c = False
        self._signal("pilot")

    def ask(self, on):
        self.asks = on
        self._ev_reacts()

    def inject(self, fault):
        self.injected = fault
        self._signal("fault")

    def _ev_reacts(self):
        self._integrate()
        wants = self._ev and self.asks and (self.duty is not None or not self.polite)
        if wants != self._in_c:
            self._in_c = wants
            self._signal("pilot")

    def _move(self, closed):
        if closed != self.closed:
            self._integrate()
            self.closed = closed
            self.edges.append((self._loop.time(), closed))
            self._signal("contactor")

    def _integrate(self):
        try:
            now = self._loop.time()
        except RuntimeError:
            return
        if self._since:
            self._energy_wh += 3 * self.current_a * VOLTAGE_V * (now - self._since) / 3600
        self._since = now

    @property
    def _loop(self):
        return asyncio.get_running_loop()

    def _later(self, delay_s, action, kind=None):
        if kind is None:
            self._loop.call_later(delay_s, action)
            return
        self._moves += 1
        move = self._moves
        self._loop.call_later(delay_s, lambda: action() if move == self._moves else None)

    def _signal(self, name):
        for callback in self._callbacks:
            self._loop.call_soon(callback, name)


class FakeStation:
    """A station of `evses` EVSEs with mains that the test can switch."""

    def __init__(self, evses=2):
        self.evses = tuple(FakeEvse(n + 1) for n in range(evses))
        self.powered = True
        self._mains = []
        self._tokens = []
        self._buttons = []

    def __getitem__(self, evse_id):
        return self.evses[evse_id - 1]

    def mains_present(self):
        return self.powered

    def on_mains(self, callback):
        self._mains.append(callback)

    def on_id_token(self, callback):
        self._tokens.append(callback)

    def on_button(self, callback):
        self._buttons.append(callback)

    def switch_mains(self, on):
        self.powered = on
        for evse in self.evses:
            if not on:
                evse.open_contactor()
        for callback in self._mains:
            callback(on)

    def present(self, token, reader=0):
        for callback in self._tokens:
            callback(reader, token)

    def press(self, button, evse_id=1):
        for callback in self._buttons:
            callback(evse_id, button)
