"""Every register file over a real socket: the virtual meter tells it, the driver reads it."""

import asyncio
import contextlib
import os
import pty
import tty
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault
from bench.meters.register_file import load_register_file, register_file_names
from bench.virtual.world import World, WorldConfig
from harness.model.strict import ModelError, build
from harness.model.topology import InstrumentEntry

NAMES = register_file_names()
WITH_PATTERNS = [name for name in NAMES if load_register_file(name).registers[0].unavailable]
MOST_WORDS = {
    name: max(s.end - s.address for r in load_register_file(name).registers for s in r.spans()) for name in NAMES
}


def drive_virtual(bench, name, framing="tcp", unit=1, energy_step_wh=None, **options):
    kind = {"tcp": "tcp", "rtu": "rtu-tcp"}[framing]
    address = f"modbus+{kind}://127.0.0.1:{bench.world.ports['meter_1']}/{unit}"
    return drive(name, address, energy_step_wh, **options)


def drive(name, address, energy_step_wh=None, *, simulated=True, **options):
    file = load_register_file(name)
    step = energy_step_wh or file.register("energy_wh").fixed_step or 10.0
    table = {
        "name": "meter_1",
        "roles": ["reference_meter"],
        "driver": "modbus_meter",
        "address": address,
        "phases": list(range(1, (file.channels or 3) + 1)),
        "timeout_s": 0.5,
        "options": {"meter": name, **options},
        "uncertainty": {
            **{k: {"of_reading_pct": 1} for k in ("voltage", "current", "power", "frequency")},
            "energy": {"of_reading_pct": 1, "resolution": step},
        },
    }
    entry = build(InstrumentEntry, table, "bench.toml")
    clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=simulated)
    return registry.create(entry, entry.address, clock, "bench.toml")


SCALE_EXPONENT = {"acrel_djsf1352": 3}  # 11 kW in a signed 16-bit register of W


def resolution(register, value, exponent=1):
    """How far a value read may be from what the meter saw, worked out apart from the code under test."""
    if register.exponent is not None:
        return abs(register.scale) * 10 ** (exponent + register.exponent.offset)
    if register.type == "float64":
        return 1e-12 * abs(value)
    if register.type == "float32":
        return 2**-23 * abs(value)
    if register.type.startswith("decade"):
        return 1e-6 * abs(value)
    return min(abs(register.scale), abs(register.plus.scale) if register.plus else abs(register.scale))


async def charge_unevenly(bench):
    await bench.charge(seconds=600.0)
    for phase, volts in ((1, 226.0), (2, 231.0), (3, 235.0)):
        bench.plant.set_voltage(volts, phase)
    await asyncio.sleep(5.0)


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
@pytest.mark.parametrize("name", NAMES)
def test_what_the_meter_sees_is_read_within_its_resolution(run, bench, name, framing):
    exponent = SCALE_EXPONENT.get(name, 1)
    config = {"meter": name, "framing": framing, "strict": True, "update_s": 1000.0, "scale_exponent": exponent}

    async def main():
        async with bench(evses=1, reference_meter=config, ev={"phases": 3}) as b:
            await charge_unevenly(b)
            await asyncio.sleep(1000.0)  # into the second update, which stands for another while
            seen = b.world.instruments["meter_1"].quantities()
            assert seen["power_w"] > 10_000
            assert seen["voltage_l3_v"] - seen["voltage_l1_v"] > 8
            meter = drive_virtual(b, name, framing)
            reading = await meter.read()
            assert set(reading.values) == {register.quantity for register in load_register_file(name).registers}
            for register in load_register_file(name).registers:
                expected = seen[register.quantity]
                got = reading.values[register.quantity].value
                assert got == pytest.approx(expected, rel=1e-12, abs=resolution(register, expected, exponent)), (
                    register.quantity
                )
            assert meter.resolution_wh >= resolution(load_register_file(name).register("energy_wh"), seen["energy_wh"])
            await meter.close()

    run(main())


@pytest.mark.parametrize("name", NAMES)
def test_no_length_of_block_splits_a_value(run, bench, name):
    """A strict meter refuses a request that begins or ends within a value, and one that is too long."""
    config = {"meter": name, "strict": True}

    async def main():
        async with bench(evses=1, reference_meter=config) as b:
            whole = drive_virtual(b, name)
            values = (await whole.read()).values
            assert values["energy_wh"].value > 0
            await whole.close()
            for most in (4, 7, 11):
                meter = drive_virtual(b, name, max_block=max(most, MOST_WORDS[name]))
                assert (await meter.read()).values == values
                await meter.close()

    run(main())


@pytest.mark.parametrize("name", ["eastron_sdm630", "carlo_gavazzi_em300"])
def test_the_strict_meter_is_strict(run, bench, name):
    config = {"meter": name, "strict": True}

    async def main():
        async with bench(evses=1, reference_meter=config) as b:
            client = await b.modbus("meter_1")
            for address, count, code in ((1, 2, 2), (0, 1, 2), (0, 6, None), (5, 1, 2), (0, 61, 3), (500, 1, 2)):
                answer = await client.read_input_registers(address, count=count, device_id=1)
                assert answer.isError() == (code is not None), (address, count)
                assert code is None or answer.exception_code == code, (address, count)

    run(main())


def test_kwh_and_wh_apart_are_one_request(run, bench):
    async def main():
        config = {
            "meter": "carlo_gavazzi_em300",
            "strict": True,
            "register_start_wh": 54_999.0,
            "energy_gain_error": 0.0,
        }
        async with bench(evses=1, reference_meter=config) as b:
            client = await b.modbus("meter_1")
            parts = (await client.read_input_registers(0x400, count=4, device_id=1)).registers
            assert parts == [54, 0, 999, 0]
            assert (await drive_virtual(b, "carlo_gavazzi_em300").read()).values["energy_wh"].value == 54_999.0
            assert (await client.read_input_registers(0x400, count=2, device_id=1)).exception_code == 2

    run(main())


@pytest.mark.parametrize("name", WITH_PATTERNS)
def test_what_the_meter_has_no_value_for_is_missing_and_no_number(run, bench, name):
    missing = ("voltage_l2_v", "power_w", "frequency_hz")

    async def main():
        async with bench(evses=1, reference_meter={"meter": name, "missing": missing}) as b:
            meter = drive_virtual(b, name)
            reading = await meter.read()
            expected = {register.quantity for register in load_register_file(name).registers} - set(missing)
            assert set(reading.values) == expected
            await meter.identify()
            await meter.close()

    run(main())


@pytest.mark.parametrize("name", WITH_PATTERNS)
def test_a_reference_meter_without_an_energy_value_is_a_fault(run, bench, name):
    async def main():
        async with bench(evses=1, reference_meter={"meter": name, "missing": ["energy_wh"]}) as b:
            meter = drive_virtual(b, name)
            assert "energy_wh" not in (await meter.read()).values
            with pytest.raises(InstrumentFault, match="its energy_wh register was not read"):
                await meter.identify()
            await meter.close()

    run(main())


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
@pytest.mark.parametrize(
    ("misbehaviour", "told"),
    [
        ("silent", "no good answer within 0.5 s"),
        ("garbage", "no good answer within 0.5 s"),
        ("closed", "no connection|no good answer"),
        ("nan", "told nan for voltage_l1_v"),
    ],
)
def test_a_meter_that_fails_is_a_named_fault_and_is_used_again_when_it_is_well(run, bench, framing, misbehaviour, told):
    async def main():
        async with bench(evses=1, reference_meter={"framing": framing}) as b:
            meter = drive_virtual(b, "eastron_sdm630", framing)
            before = (await meter.read()).values
            await b.world.instruments["meter_1"].misbehave(misbehaviour)
            for _ in range(2):
                with pytest.raises(InstrumentFault, match=f"meter_1 at modbus.*({told})"):
                    await meter.read()
            await b.world.instruments["meter_1"].misbehave("none")
            assert (await meter.read()).values == before
            await meter.close()

    run(main())


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
def test_a_wrong_unit_id_is_a_named_fault_that_says_to_check_it(run, bench, framing):
    async def main():
        async with bench(evses=1, reference_meter={"framing": framing}) as b:
            meter = drive_virtual(b, "eastron_sdm630", framing, unit=9)
            with pytest.raises(InstrumentFault, match=r"/9: .*unit id"):
                await meter.read()
            await meter.close()

    run(main())


def test_the_wrong_register_file_is_a_named_fault(run, bench):
    async def main():
        async with bench(evses=1, reference_meter={"meter": "abb_b23"}) as b:
            meter = drive_virtual(b, "eastron_sdm630")
            with pytest.raises(
                InstrumentFault, match=r"exception 2 \(illegal data address\). Cure: check the register file"
            ):
                await meter.read()
            await meter.close()

    run(main())


def test_a_scale_beyond_reason_is_a_named_fault(run, bench):
    async def main():
        async with bench(evses=1, reference_meter={"meter": "iskraemeco_wm3m4"}) as b:
            meter, virtual = drive_virtual(b, "iskraemeco_wm3m4"), b.world.instruments["meter_1"]
            read = virtual.read_registers
            virtual.read_registers = lambda table, address, count: (
                [77] if address == 414 else read(table, address, count)
            )
            with pytest.raises(InstrumentFault, match="told 10 to the power of 77 as the scale of energy_wh"):
                await meter.read()
            await meter.close()

    run(main())


def test_an_experimental_file_says_so_in_the_identity(run, bench):
    async def main():
        async with bench(evses=1, reference_meter={"meter": "dzg_dvh4013"}) as b:
            meter = drive_virtual(b, "dzg_dvh4013")
            assert await meter.identify() == (
                "DZG DVH4013 as described, unit 1; experimental: read in one public driver, not in the vendor's manual"
            )
            await meter.close()

    run(main())


def test_a_float_register_that_has_grown_too_large_for_the_step_stated_is_a_fault(run, bench):
    async def main():
        async with bench(evses=1, reference_meter={"register_start_wh": 1e8}) as b:
            meter = drive_virtual(b, "eastron_sdm630", energy_step_wh=0.1)
            with pytest.raises(InstrumentFault, match=r"steps of 7.81 Wh by now, not 0.1 .*Cure: resolution = 7.81"):
                await meter.identify()
            await meter.close()
            coarse = drive_virtual(b, "eastron_sdm630", energy_step_wh=7.81)
            await coarse.identify()
            assert coarse.resolution_wh == 7.81
            await coarse.close()

    run(main())


def test_a_meter_without_a_register_file_is_refused_with_the_nearest(run, bench):
    async def main():
        with pytest.raises(BenchError, match="did you mean 'abb_b23'"):
            async with bench(reference_meter={"meter": "abb_b32"}):
                pass
        with pytest.raises(ModelError, match="framing"):
            async with bench(reference_meter={"framing": "ascii"}):
                pass

    run(main())


@contextlib.asynccontextmanager
async def serial_line(port):
    """A pseudo-terminal whose other end is the virtual meter's RTU port: gives the path of the near end."""
    master, slave = pty.openpty()
    tty.setraw(master)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, lambda: writer.write(os.read(master, 512)))

    async def back():
        while data := await reader.read(512):
            os.write(master, data)

    task = asyncio.ensure_future(back())
    try:
        yield os.ttyname(slave)
    finally:
        loop.remove_reader(master)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        writer.close()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    "name", ["eastron_sdm630", "abb_b23", "carlo_gavazzi_em300", "iskraemeco_wm3m4", "siemens_pac2200"]
)
async def test_a_meter_is_read_over_a_serial_line(name):
    """On real time: a serial line knows no other."""
    world = await World.start(WorldConfig.from_dict({"evses": 1, "reference_meter": {"meter": name, "framing": "rtu"}}))
    try:
        async with serial_line(world.ports["meter_1"]) as path:
            meter = drive(name, f"modbus+rtu://{path}/1?line=38400-8E1", simulated=False)
            reading = await meter.read()
            for register in load_register_file(name).registers:
                expected = world.instruments["meter_1"].quantities()[register.quantity]
                tolerance = resolution(register, expected)
                assert reading.values[register.quantity].value == pytest.approx(expected, rel=1e-12, abs=tolerance)
            await meter.close()
    finally:
        await world.stop()
