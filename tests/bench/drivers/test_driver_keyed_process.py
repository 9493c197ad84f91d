import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault, VerbAbsent
from harness.model.strict import ModelError
from harness.model.topology import InstrumentEntry

PROGRAM = Path(__file__).parents[1] / "links" / "keyed_program.py"
ROLES = ("ac_source", "ev_simulator", "id_reader", "panel", "fault_injector")


def options(**changed):
    return {
        "ready": "ready",
        "status_line": "Status: [a-z]+",
        "identity_command": [sys.executable, "-c", "print('peer 1.2')"],
        "verbs": {
            "plug_in": [{"when": "busy", "do": [{"press": "b"}]}, {"do": [{"press": "p", "expect": "typed '.*p'"}]}],
            "unplug": [{"when": "cable in", "do": [{"press": "u", "expect": "typed '.*u'"}]}],
            "request_energy_on": [{}],
            "present": [{"do": [{"press": "<up><token><enter>", "expect": "typed"}]}],
            "press_stop": [{"do": [{"press": "s", "expect": "never shown", "within_s": 0.1}]}],
            "clear": [{"when": "busy"}],
        },
        **changed,
    }


def create(given):
    entry = InstrumentEntry(name="peer", roles=ROLES, driver="keyed_process", address="x", options=given)
    clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
    return registry.create(entry, f"process:{sys.executable} {PROGRAM}", clock, "bench.toml")


@pytest.fixture
async def peer():
    made = create(options())
    yield made
    await made.close()


def typed(peer):
    return peer._link.shown.last("typed .*")


async def test_identifying_starts_the_program_once(peer):
    assert await peer.identify() == "peer 1.2"
    assert await peer.output_is_on()
    await peer.output(on=False)
    assert await peer.identify() == "peer 1.2"
    assert not await peer.output_is_on()


async def test_verbs_are_keys_and_a_state_reached_is_not_reached_again(peer):
    await peer.identify()
    await peer.unplug()
    await peer.plug_in()
    await peer.plug_in()
    assert typed(peer) == "typed 'p'"
    assert await peer.pilot_state() == "B"
    await peer.request_energy(on=True)
    assert await peer.pilot_state() == "C"
    await peer.unplug()
    assert typed(peer) == "typed 'pu'"
    assert await peer.pilot_state() == "A"


async def test_the_program_s_own_state_picks_the_way_and_tokens_are_typed(peer):
    await peer.identify()
    await peer.present("AB12")
    assert await peer._link.wait_shown("busy", 0, 2)
    await peer.plug_in()
    assert await peer._link.wait_shown("typed '.*b'", 0, 2)
    assert typed(peer) == r"typed '\x1b[AAB12\rb'"


async def test_a_reaction_that_does_not_come_is_a_fault_and_the_program_starts_anew(peer):
    await peer.identify()
    with pytest.raises(InstrumentFault, match=r"press_stop: 'never shown' was not shown in 0.1 s after 's'"):
        await peer.press("stop")
    assert not await peer.output_is_on()  # more keys would do anything
    await peer.identify()
    await peer.plug_in()
    assert typed(peer) == "typed 'p'"


async def test_what_it_cannot_do_is_said(peer):
    await peer.identify()
    with pytest.raises(
        VerbAbsent,
        match=r"peer does not do press_emergency_stop: its bench file lists plug_in.*Cure: add .*, or waive the case",
    ):
        await peer.press("emergency_stop")
    with pytest.raises(VerbAbsent, match="does not do set_voltage"):
        await peer.set_voltage(230.0)
    with pytest.raises(BenchError, match="no way of clear fits the state 'Status: idle cable out'"):
        await peer.clear()


async def test_no_keys_without_the_program_and_it_starts_without_a_cable(peer):
    await peer.identify()
    await peer.plug_in()
    await peer.output(on=False)
    with pytest.raises(InstrumentFault, match="the program does not run"):
        await peer.plug_in()
    await peer.output(on=True)
    await peer.plug_in()
    assert typed(peer) == "typed 'p'"


async def test_a_program_that_never_gets_ready_is_a_named_fault():
    peer = create(options(ready="never", ready_within_s=0.3))
    await peer.identify()
    with pytest.raises(InstrumentFault, match=r"did not show 'never' in 0.3 s, so plug_in was not done"):
        await peer.plug_in()
    await peer.close()


async def test_an_orderly_end_stays_off():
    peer = create(options(end="q"))
    await peer.identify()
    assert await peer._link.wait_ready(5)
    await peer.end()
    assert not await peer.output_is_on()
    assert "bye" in peer._link.shown.since(0)
    await peer.close()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["no-such-program"], "no-such-program cannot be run"),
        (
            [sys.executable, "-c", "raise SystemExit('not installed')"],
            r"identity_command failed \(1\): 'not installed'",
        ),
    ],
)
async def test_a_program_that_is_not_installed_is_a_named_fault(command, told):
    peer = create(options(identity_command=command))
    with pytest.raises(InstrumentFault, match=told):
        await peer.identify()
    await peer.close()


@pytest.mark.parametrize(
    ("changed", "error", "told"),
    [
        ({"verbs": {"plugg_in": []}}, ModelError, "'plugg_in' is not a verb"),
        ({"verbs": {"clear": [{"do": [{"press": "<retrun>"}]}]}}, BenchError, "no key is named <retrun>"),
        ({"verbs": {"clear": [{"when": "["}]}}, BenchError, r"'\[' is no pattern"),
        ({"reddy": "x"}, ModelError, "did you mean 'ready'"),
    ],
)
async def test_a_slip_in_the_bench_file_is_told_before_anything_starts(changed, error, told):
    with pytest.raises(error, match=told):
        create(options(**changed))


async def test_a_cable_pulled_out_of_the_car_is_still_in_the_socket():
    given = options()
    given["verbs"]["unplug_ev_side"] = [{"do": [{"press": "e", "expect": "typed '.*e'"}]}]
    peer = create(given)
    try:
        await peer.identify()
        await peer.plug_in()
        await peer.unplug_ev_side()
        assert await peer.pilot_state() == "A"
        await peer.unplug()
        assert typed(peer).endswith("u'")
    finally:
        await peer.close()


@pytest.mark.parametrize(("remembers", "after"), [(True, "B"), (False, "A")])
async def test_a_program_may_remember_its_cable_over_a_loss_of_supply(remembers, after):
    peer = create(options(remembers_cable=remembers))
    try:
        await peer.identify()
        await peer.plug_in()
        await peer.output(on=False)
        await peer.output(on=True)
        assert await peer.pilot_state() == after
    finally:
        await peer.close()
