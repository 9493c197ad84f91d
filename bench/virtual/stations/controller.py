"""The power path of one EVSE: control pilot, contactor, lock. It knows IEC 61851-1 and nothing of OCPP."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Literal

from bench.virtual.hardware import EvseHardware, Signal
from bench.virtual.stations import times
from bench.virtual.stations.cable import Cable
from bench.virtual.stations.contactor import Contactor
from bench.virtual.stations.duty import MIN_CURRENT_A, duty_for
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.limit import CurrentLimit
from bench.virtual.stations.lock import SocketLock
from bench.virtual.stations.overcurrent import LoadMonitor
from bench.virtual.stations.phases import REST_S, PhaseSelector
from bench.virtual.stations.pilot_watch import PilotWatch
from bench.virtual.stations.power_rules import Activity, Event, states_supplied
from bench.virtual.stations.progress import Progress
from bench.virtual.stations.random_delay import RandomDelay
from bench.virtual.stations.supply_watch import SupplyWatch
from bench.virtual.stations.terminal_fault import TerminalFault
from bench.virtual.stations.timers import Timers


class EvseController:
    """Drives one EVSE's pilot, contactor and lock, and says what happens there.

    `allow` and `forbid` are the authorisation; everything else follows from the pilot state. All methods return at
    once and must be called in the loop; events come through `on_event` callbacks on a later turn of the loop, never
    inside a call. `max_current_a` is what the EVSE can supply; the cable's rating and the limit narrow it. `captive`:
    the cable is fixed to the station, and there is no lock. `ventilation`: it supplies EVs that ask for it, too. `load_monitoring`: it switches
    off EVs that draw more than they are offered.
    """

    def __init__(
        self,
        hardware: EvseHardware,
        loop: asyncio.AbstractEventLoop,
        faults: ActiveFaults,
        max_current_a: float = 32.0,
        *,
        captive: bool = False,
        phases: int = 3,
        ventilation: bool = False,
        load_monitoring: bool = False,
    ) -> None:
        self.evse_id = hardware.evse_id
        self._hardware = hardware
        self._loop = loop
        self._cable = Cable(hardware, faults, max_current_a, captive=captive)
        self._lock = SocketLock(hardware, loop, faults, self._refresh, captive=captive)
        self._phases = PhaseSelector(hardware, faults, phases)
        self.random_delay: RandomDelay | None = None
        self._restarted = True
        self._pilot = PilotWatch(hardware, loop, faults, self._refresh)
        self._supply = SupplyWatch(hardware, loop, faults, self._refresh)
        self._terminals = TerminalFault(hardware, faults)
        self._supplied_states = states_supplied(faults, ventilation=ventilation)
        self._withheld = False
        self._securing = False
        self._faults = faults
        self._max_current_a = max_current_a
        self._permitted = False
        self._limit = CurrentLimit(loop, faults, max_current_a, self._refresh)
        self._callbacks: list[Callable[[Event], None]] = []
        self._timers = Timers(loop)
        self._alive = True
        self._changed = asyncio.Event()
        self._emergency = False
        self._unlock_wanted = False
        self._pilot_kept_steady = False
        self._stuck: Literal["", "wedged", "over_current"] = ""
        self._pwm_off_at = -REST_S
        hardware.set_pilot_duty(None)
        self._contactor = Contactor(hardware, self._timers, faults, self._refresh)
        self._progress = Progress(self._timers, self._contactor, self._emit, lambda: self.faulted)
        self._was_plugged = False
        self._held = False
        self._found = faults.on("supplies_what_it_finds") and self.plugged
        self._was_faulted = False
        hardware.on_change(self._on_signal)
        self._timers.set("refresh", 0.0, self._refresh)
        if load_monitoring:
            LoadMonitor(hardware, self._timers, lambda: self.limit_a, self._overloaded)

    def on_event(self, callback: Callable[[Event], None]) -> None:
        """Call `callback(event)` for each event from now on."""
        self._callbacks.append(callback)

    def allow(self, limit_a: float) -> None:
        """Permit energy up to `limit_a` amperes: the socket locks, PWM follows, the contactor closes on state C."""
        self._permitted = True
        self._held = False
        self._timers.cancel("late_stop")
        self._limit.begin(limit_a)
        self._unlock_wanted = False
        self._lock.engage()
        if self._restarted and self.random_delay is not None:
            self._timers.set("random_delay", self.random_delay.after_restart_s(), self._refresh)
        self._restarted = False
        self._refresh()

    def secure(self) -> None:
        """Lock the socket; the event `secured` tells when it holds the plug, `fault` when it does not."""
        self._unlock_wanted = False
        if not self._securing:
            self._securing = True
            self._lock.engage()

    def hold(self) -> None:
        """Of the wrong station: the contactor stays closed after the next `forbid`, until the EV is gone."""
        self._held = True

    def forbid(self) -> None:
        """Withdraw the permission: steady +12 V; the contactor opens once the EV left C, after 6 s at the latest."""
        if self._permitted and self._faults.on("unlocks_under_load"):
            self._lock.release()
        if self._permitted and self._faults.on("pwm_left_on_after_stop"):
            self._timers.set("late_stop", times.LATE_STOP_S, self._forbid)
        else:
            self._forbid()

    def _forbid(self) -> None:
        self._permitted = False
        self._timers.cancel("late_limit")
        self._limit.forget_what_comes()
        self._refresh()

    def set_limit(self, limit_a: float) -> None:
        """Change the limit in amperes; below 6 A energy is suspended until it is raised again."""
        another = limit_a != self._limit.limit_a and "pwm_rest" in self._timers
        if another and self._faults.on("limit_in_the_rest_kills_the_pilot"):
            self._pilot_kept_steady = True
        if self.random_delay is not None and self._permitted and limit_a != self._limit.limit_a:
            self._timers.set("late_limit", self.random_delay.of_change_s(), lambda: self._limit.change(limit_a))
            return
        self._limit.change(limit_a)

    def went_offline(self) -> None:
        """The connection to the CSMS is gone: nothing to a good station, whose limits do not depend on it."""
        if self._permitted and self.limit_a < self._max_current_a and self._faults.on("limit_lifted_offline"):
            self._limit.lift()

    def trip(self) -> None:
        """Fault for overcurrent until the EV is gone."""
        self._stuck = "over_current"
        self._refresh()

    def _overloaded(self) -> None:
        half_again_a = 1.5 * self.limit_a
        little = max(self._hardware.read_meter().current_a) < half_again_a and self._faults.on(
            "overcurrent_half_ignored"
        )
        if not little and not self._faults.on("overcurrent_ignored"):
            self.trip()

    def set_phases(self, phases: int) -> None:
        """Supply on so many phases, one or three, from the next pause on; the EVSE pauses for it where it supplies now."""
        self._phases.want(phases)
        self._refresh()

    def request_unlock(self, *, under_load: bool = False) -> None:
        """Unlock the socket as soon as the contactor is open; a wrong station does so `under_load`."""
        if under_load:
            self._lock.release()
            return
        self._unlock_wanted = True
        self._refresh()

    async def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `condition` holds, looking again at each change; False when it does not within `timeout_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        return condition()

    def emergency_stop(self, *, pressed: bool) -> None:
        """The emergency button: opens the contactor at once and faults the EVSE until it is released."""
        self._emergency = pressed
        self._refresh()

    def shut_down(self) -> None:
        """The supply is gone or the firmware restarts: release the outputs and fall silent for good."""
        self._alive = False
        self._timers.clear()
        self._limit.forget_what_comes()
        self._lock.shut_down()
        self._pilot.shut_down()
        self._supply.shut_down()
        self._hardware.set_pilot_duty(None)
        self._hardware.open_contactor()

    @property
    def plugged(self) -> bool:
        """Whether an EV is connected (pilot in B, C or D)."""
        return self._pilot.state in {"B", "C", "D"}

    @property
    def ev_wants(self) -> bool:
        """Whether the EV asks for energy (state C or D)."""
        return self._pilot.state in {"C", "D"}

    @property
    def energising(self) -> bool:
        """Whether the contactor is really closed (mirror contact)."""
        return self._contactor.closed

    @property
    def locked(self) -> bool:
        """Feedback of the socket's lock."""
        return self._lock.locked

    @property
    def secured(self) -> bool:
        """Whether the cable cannot be pulled out of the station: by its lock, or because it is captive."""
        return self._lock.secured

    @property
    def cable_in_socket(self) -> bool:
        """Whether a plug is in the socket, with or without an EV at its other end (proximity)."""
        return self._cable.in_socket

    @property
    def permitted(self) -> bool:
        """Whether energy is allowed now."""
        return self._permitted

    @property
    def limit_a(self) -> float:
        """The current offered at most: the least of limit, cable rating and EVSE rating, in amperes."""
        if self._faults.on("evse_rating_ignored"):
            return self._cable.carries_a
        return min(self._limit.limit_a, self._max_current_a, self._cable.carries_a)

    @property
    def cable_unknown(self) -> bool:
        """Whether a plug is in the socket whose resistor codes no cable."""
        return self._cable.unknown

    @property
    def activity(self) -> Activity:
        """What a permitted EVSE is doing; `starting` while the EV has not reacted yet, `idle` without permission."""
        return self._progress.activity

    @property
    def fault(self) -> str | None:
        """The fault that holds: the hardware's, `emergency_stop`, `welded_contactor`, `lock_failure`, `pilot_fault`, the supply's, or None."""
        if self._emergency:
            return "emergency_stop"
        if self._stuck:
            return self._stuck
        if self._contactor.welded:
            return "welded_contactor"
        if self._lock.failed:
            return "lock_failure"
        if self._pilot.fault:
            return "pilot_fault"
        return self._supply.fault or self._terminals.kind

    @property
    def faulted(self) -> bool:
        """Whether a fault holds."""
        return self.fault is not None

    @property
    def _hindered(self) -> bool:
        return self.faulted and not self._faults.on("faulted_takes_sessions")

    def withhold(self, *, on: bool) -> None:
        """Of wrong stations: offer nothing, whatever is permitted."""
        self._withheld = on
        self._refresh()

    def _on_signal(self, signal: Signal) -> None:
        if signal in {"supply", "mains"}:
            self._contactor.supply_disturbed()
        self._refresh()

    def _refresh(self) -> None:
        if not self._alive:
            return
        self._lock.look()
        self._pilot.look()
        self._supply.look()
        self._terminals.look()
        self._report_plug()
        self._report_secured()
        self._contactor.look()
        self._report_fault()
        self._phases.settle(dead=self._contactor.at_rest)
        self._drive_pilot()
        self._drive_contactor()
        self._update_activity()
        if self._unlock_wanted and self._contactor.proven_open and self._stuck != "wedged":
            self._unlock_wanted = False
            self._lock.release()
        self._changed.set()

    def _report_plug(self) -> None:
        plugged = self.plugged
        if plugged != self._was_plugged:
            self._was_plugged = plugged
            self._found = self._found and plugged
            self._pilot_kept_steady = self._pilot_kept_steady and plugged
            self._stuck = "wedged" if self._stuck == "wedged" or self._left_in_a_pause() else ""
            self._emit("plugged" if plugged else "unplugged")

    def _left_in_a_pause(self) -> bool:
        """Of the wrong station that does not get over an EV which leaves while a limit pauses the energy."""
        paused = not self.plugged and self._permitted and self.limit_a < MIN_CURRENT_A
        return paused and self._faults.on("wedged_when_unplugged_in_a_pause")

    def _report_secured(self) -> None:
        if self._securing and self._lock.secured:
            self._emit("secured")
        self._securing = self._securing and self.plugged and not (self._lock.secured or self._lock.failed)

    def _report_fault(self) -> None:
        faulted = self.faulted
        if faulted != self._was_faulted:
            self._was_faulted = faulted
            self._emit("fault" if faulted else "fault_cleared")

    def _stuck_on(self) -> bool:
        """The wrong station that says it stopped and keeps supplying."""
        left = self._contactor.driven and not self._permitted
        return left and (self._held or self._faults.on("contactor_stays_closed_on_stop"))

    def _closed_in_b(self) -> bool:
        """The wrong station that keeps its contactor closed for an authorised EV that left state C."""
        return self._permitted and self.plugged and self._faults.on("closed_in_state_b")

    def _offering(self) -> bool:
        held_back = self._withheld or self._pilot_kept_steady or self._phases.pending or "random_delay" in self._timers
        if not self.plugged or held_back:
            return False
        if self._hindered:
            pressed = self._emergency and self._faults.on("emergency_stop_ignored")
            return pressed or self._faults.on("supplies_while_faulted")
        if not self._permitted and (self._found or self._faults.on("offers_unasked")):
            return True
        # A contactor that is closed although nothing is permitted is the one that never heard of the stop.
        return self._stuck_on() or (self._permitted and self.limit_a >= MIN_CURRENT_A)

    def _errs(self, fault: str, *, permitted: bool) -> bool:
        """Whether a wrong behaviour concerns the EV now, which is permitted energy or not."""
        return self.plugged and not self.faulted and self._permitted is permitted and self._faults.on(fault)

    def _drive_pilot(self) -> None:
        offered_a = self.limit_a * 1.2 if self._faults.on("limit_plus_20pct") else self.limit_a
        duty = (
            duty_for(offered_a) if self._offering() or self._errs("pwm_before_authorization", permitted=False) else None
        )
        driven = self._hardware.pilot_duty_pct()
        if duty is None:
            if driven is not None and not self._errs("pilot_kept_in_a_pause", permitted=True):
                self._pwm_off_at = self._loop.time()
                self._hardware.set_pilot_duty(None)
            return
        rest_s = self._pwm_off_at + self._phases.rest_s - self._loop.time()
        if driven is None and rest_s > 0:
            self._timers.set("pwm_rest", rest_s, self._refresh)
        elif driven is None or abs(driven - duty) > 1e-9:
            self._contactor.has_closed = self._contactor.has_closed and driven is not None
            self._hardware.set_pilot_duty(duty)
            self._phases.offered()

    def _drive_contactor(self) -> None:
        in_c = self._pilot.state in self._supplied_states
        if self._offering() and self._hardware.pilot_duty_pct() is not None and in_c:
            self._contactor.close()
        elif not self._contactor.driven or (not in_c and self._closed_in_b()):
            return
        elif self._hindered or not in_c:
            self._contactor.open()
        else:
            self._contactor.open_after_the_ev()

    def _update_activity(self) -> None:
        if not self._permitted or not self.plugged:
            self._progress.rest("idle")
        elif self._hindered:
            self._progress.rest("starting")
        elif self.limit_a < MIN_CURRENT_A or self._phases.pending:
            self._progress.enter("suspended_evse")
        elif self._contactor.driven and self._contactor.closed:
            self._progress.enter("charging")
        else:
            self._progress.await_ev(offered=self._hardware.pilot_duty_pct() is not None)

    def _emit(self, event: Event) -> None:
        self._loop.call_soon(self._deliver, event)

    def _deliver(self, event: Event) -> None:
        if self._alive:
            for callback in tuple(self._callbacks):
                callback(event)
