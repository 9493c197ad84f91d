"""An instrument that asks a person, and the person."""

import asyncio
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.links import terminal as terminal_link
from harness.model.strict import build
from harness.model.topology import InstrumentEntry
from tests.bench.drivers.by_hand.colleague import PLUG, Colleague


@pytest.fixture
async def colleague():
    terminal_link._DESKS.clear()  # terminals' names are given again
    made = Colleague()
    yield made
    made.leave()


@pytest.fixture
def hand(colleague):
    """Makes the instrument; `hand.answers` are those it told."""

    def make(verbs=PLUG, roles=("ev_simulator",), device=colleague.device, simulated=False, name="hand", **options):
        table = {
            "name": name,
            "roles": list(roles),
            "driver": "operator",
            "address": f"terminal:{device}",
            "options": {"verbs": verbs, **options},
        }
        entry = build(InstrumentEntry, table, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=simulated)
        made = registry.create(entry, entry.address, clock, "bench.toml")
        made.report_to(make.answers.append)
        return made

    make.answers = []
    return make
