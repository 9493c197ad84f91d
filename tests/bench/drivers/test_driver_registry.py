import asyncio
import re
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError
from bench.meters.register_file import Register, blocks, load_register_file
from bench.roles import ROLES
from harness.model.strict import ModelError, build
from harness.model.topology import InstrumentEntry

METER = {
    "name": "meter_1",
    "roles": ["reference_meter"],
    "driver": "modbus_meter",
    "address": "modbus+tcp://127.0.0.1:502/1",
    "options": {"registers": "eastron_sdm630"},
    "uncertainty": {
        **{k: {"of_reading_pct": 1} for k in ("voltage", "current", "power", "frequency")},
        "energy": {"of_reading_pct": 1, "resolution": 0.1},
    },
}


async def create(**changes):
    entry = build(InstrumentEntry, {**METER, **changes}, "bench.toml")
    clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
    return registry.create(entry, entry.address, clock, "bench.toml")


async def test_a_described_instrument_is_made():
    meter = await create()
    assert isinstance(meter, ROLES["reference_meter"])
    assert set(meter.measures) == {"voltage", "current", "power", "frequency", "energy"}


async def test_the_step_stated_bounds_the_energy_test():
    uncertainty = {**METER["uncertainty"], "energy": {"of_reading_pct": 1, "resolution": 100}}
    meter = await create(options={"meter": "carlo_gavazzi_em340"}, uncertainty=uncertainty)
    assert meter.resolution_wh == 100


NO_STEP = {**METER["uncertainty"], "energy": {"of_reading_pct": 1}}


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        (
            {"driver": "modbus_metre"},
            BenchError,
            "no driver is named 'modbus_metre'. Cure: did you mean 'modbus_meter'? ",
        ),
        (
            {"roles": ["reference_metre"]},
            BenchError,
            "plays no 'reference_metre'. Cure: did you mean 'reference_meter'",
        ),
        ({"options": {"register": "x"}}, ModelError, "did you mean 'registers'"),
        ({"options": {"registers": "eastron_sdm360"}}, BenchError, "did you mean 'eastron_sdm630'"),
        ({"options": {"meter": "eastron_sdm360"}}, BenchError, "did you mean 'eastron_sdm630'"),
        ({"options": {}}, ModelError, 'Cure: write meter = "NAME" of a file in bench/meters/'),
        ({"options": {"meter": "abb_b23", "registers": "abb_b23"}}, ModelError, "is not named once"),
        (
            {"options": {"meter": "eastron_sdm120"}},
            BenchError,
            "meter_1: phases names 3, and Eastron SDM120-Modbus sees 1. Cure: name the phases that it is wired to",
        ),
        (
            {"options": {"meter": "abb_b23"}},
            BenchError,
            "counts in steps of 10 Wh, not 0.1. Cure: resolution = 10 or more in [instrument.uncertainty.energy]",
        ),
        (
            {"options": {"meter": "abb_b23"}, "uncertainty": NO_STEP},
            BenchError,
            "Cure: add resolution = 10 to [instrument.uncertainty.energy]",
        ),
        (
            {"options": {"meter": "schneider_iem3000", "max_block": 4}, "uncertainty": NO_STEP},
            BenchError,
            "Cure: add resolution = 1 to",
        ),
        ({"uncertainty": NO_STEP}, BenchError, "the step of the energy register is not stated. Cure: add resolution"),
        ({"address": "TCPIP::127.0.0.1::5025::SOCKET"}, BenchError, "is not a Modbus address"),
        (
            {"uncertainty": {k: {"of_reading_pct": 1} for k in ("voltage", "current", "power", "frequency")}},
            BenchError,
            "measures energy without a stated accuracy. Cure: add [instrument.uncertainty.energy]",
        ),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_cure(changes, error, told):
    with pytest.raises(error, match=re.escape(told)):
        await create(**changes)


async def test_an_absent_dependency_is_told_with_its_reason():
    registry.unavailable("scope_x", "No module named 'scope_x_sdk'")
    with pytest.raises(
        BenchError, match=r"'scope_x' cannot be used here: No module named 'scope_x_sdk'. Cure: make setup"
    ):
        await create(driver="scope_x")


def test_every_driver_declares_existing_roles_and_its_source_and_claims_no_hardware():
    known = registry.drivers()
    assert len(known) >= 7
    for info in known.values():
        assert set(info.roles) <= set(ROLES)
        assert info.source
        assert info.standing is not registry.Standing.HARDWARE


async def test_a_driver_for_a_role_that_does_not_exist_is_refused():
    with pytest.raises(BenchError, match="did you mean 'panel'"):
        registry.driver("new", roles=("pannel",), link="line", standing=registry.Standing.EXPERIMENTAL, source="none")(
            object
        )


def register(address, kind="float32", table="input"):
    return Register(f"current_l{address % 3 + 1}_a", table, address, kind, "big", "x")


def test_blocks_never_split_a_value_and_never_grow_too_long():
    made = blocks(tuple(register(n) for n in (10, 0, 2, 4, 30)), max_block=6, max_gap=4)
    assert [(b.address, b.count) for b in made] == [(0, 6), (10, 2), (30, 2)]
    made = blocks(tuple(register(n) for n in (0, 2, 6)), max_block=60, max_gap=2)
    assert [(b.address, b.count) for b in made] == [(0, 8)]
    made = blocks((register(0), register(2, table="holding"), register(4, "float64")), max_block=60, max_gap=9)
    assert [(b.table, b.address, b.count) for b in made] == [("holding", 2, 2), ("input", 0, 8)]


def test_the_register_file_cites_where_each_address_was_read():
    meter = load_register_file("eastron_sdm630")
    assert all(register.source.startswith("meters/rs485/sdm.go:") for register in meter.registers)
    energy = next(register for register in meter.registers if register.quantity == "energy_wh")
    assert (energy.address, energy.scale) == (0x48, 1000)
