import asyncio

import pytest
from fake_hardware import FakeEvse

from bench.virtual.stations.controller import EvseController
from bench.virtual.stations.duty import duty_for
from bench.virtual.stations.faults import ActiveFaults


@pytest.mark.parametrize(
    ("amps", "duty"), [(5.9, None), (6, 10), (16, 26.667), (32, 53.333), (51, 85), (63, 89.2), (80, 96), (99, 96)]
)
def test_the_duty_says_the_limit(amps, duty):
    assert duty_for(amps) == (None if duty is None else pytest.approx(duty, abs=0.001))


@pytest.fixture
def bay(sim):
    """Runs `body(evse, controller, events)` on simulated time."""

    def run(body, faults=()):
        async def main():
            evse = FakeEvse(1)
            controller = EvseController(evse, asyncio.get_running_loop(), ActiveFaults(faults))
            events = []
            controller.on_event(events.append)
            try:
                await body(evse, controller, events)
            finally:
                controller.shut_down()

        sim(main)

    return run


def test_nothing_is_offered_without_permission(bay):
    async def body(evse, controller, events):
        evse.plug_in()
        await asyncio.sleep(60)
        assert evse.duty is None
        assert not evse.closed
        assert events == ["plugged"]
        assert (controller.plugged, controller.ev_wants, controller.energising) == (True, False, False)

    bay(body)


def test_permission_closes_on_state_c_and_withdrawal_opens(bay):
    async def body(evse, controller, events):
        evse.plug_in()
        await asyncio.sleep(1)
        controller.allow(16)
        assert evse.duty == pytest.approx(26.667, abs=0.001)
        assert evse.locked()
        await asyncio.sleep(2)
        assert evse.closed
        controller.forbid()
        assert evse.duty is None
        await asyncio.sleep(2)
        assert not evse.closed
        assert events == ["plugged", "charging"]

    bay(body)


def test_the_contactor_opens_within_100_ms_when_the_ev_leaves_c(bay):
    async def body(evse, controller, _events):
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        left = asyncio.get_running_loop().time()
        evse.ask(False)
        await asyncio.sleep(1)
        assert evse.edges[-1][1] is False
        assert evse.edges[-1][0] - left <= 0.1
        assert evse.duty is not None

    bay(body)


def test_a_rude_ev_is_cut_off_after_six_seconds(bay):
    async def body(evse, controller, _events):
        evse.polite = False
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        began = asyncio.get_running_loop().time()
        controller.forbid()
        await asyncio.sleep(10)
        assert evse.edges[-1] == (pytest.approx(began + 6, abs=0.1), False)

    bay(body)


def test_below_six_amperes_is_a_suspension_and_the_cable_limits(bay):
    async def body(evse, controller, events):
        evse.plug_in(cable_a=20.0)
        controller.allow(32)
        assert controller.limit_a == 20
        await asyncio.sleep(2)
        controller.set_limit(5)
        await asyncio.sleep(2)
        assert controller.activity == "suspended_evse"
        assert (evse.duty, evse.closed) == (None, False)
        controller.set_limit(10)
        await asyncio.sleep(5)
        assert evse.closed
        assert not controller.activity.startswith("suspended")
        assert events == ["plugged", "charging", "suspended_evse", "charging"]

    bay(body)


def test_pwm_rests_for_three_seconds_between_two_offers(bay):
    async def body(evse, controller, _events):
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        controller.set_limit(0)
        controller.set_limit(16)
        await asyncio.sleep(2.9)
        assert evse.duty is None
        await asyncio.sleep(0.2)
        assert evse.duty is not None

    bay(body)


def test_an_ev_that_never_asks_is_suspended_by_the_ev(bay):
    async def body(evse, controller, events):
        evse.asks = False
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(9)
        assert events == ["plugged"]
        await asyncio.sleep(2)
        assert events == ["plugged", "suspended_ev"]
        assert controller.activity == "suspended_ev"

    bay(body)


def test_unplugging_is_no_pause_of_the_ev(bay):
    async def body(evse, controller, events):
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        evse.ask(False)
        await asyncio.sleep(0.2)
        evse.unplug()
        await asyncio.sleep(20)
        assert events == ["plugged", "charging", "unplugged"]
        assert evse.duty is None

    bay(body)


@pytest.mark.parametrize("how", ["hardware", "button"])
def test_a_fault_opens_at_once_and_clears(bay, how):
    async def body(evse, controller, events):
        def fail(on):
            if how == "button":
                controller.emergency_stop(pressed=on)
            else:
                evse.inject("over_temperature" if on else None)

        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        at = asyncio.get_running_loop().time()
        fail(True)
        await asyncio.sleep(1)
        assert controller.faulted
        assert evse.edges[-1] == (pytest.approx(at, abs=0.1), False)
        fail(False)
        await asyncio.sleep(10)
        assert evse.closed
        assert events == ["plugged", "charging", "fault", "fault_cleared", "charging"]

    bay(body)


def test_a_welded_contactor_is_a_fault(bay):
    async def body(evse, controller, events):
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        evse.open_contactor = lambda: None
        controller.forbid()
        await asyncio.sleep(3)
        assert controller.fault == "welded_contactor"
        assert events[-1] == "fault"

    bay(body)


def test_the_socket_unlocks_only_once_the_contactor_is_open(bay):
    async def body(evse, controller, _events):
        evse.polite = False
        evse.plug_in()
        controller.allow(16)
        await asyncio.sleep(2)
        controller.forbid()
        controller.request_unlock()
        await asyncio.sleep(5)
        assert evse.locked()
        await asyncio.sleep(2)
        assert not evse.locked()
        assert not evse.closed

    bay(body)


def test_a_controller_that_was_shut_down_is_deaf(bay):
    async def body(evse, controller, events):
        controller.shut_down()
        evse.plug_in()
        await asyncio.sleep(5)
        assert events == []

    bay(body)
