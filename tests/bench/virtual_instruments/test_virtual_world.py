"""Starting and stopping the world, its configuration, and instruments that fail on demand."""

import asyncio
import math

import pytest
from pymodbus.exceptions import ModbusIOException

from bench.errors import BenchError
from bench.virtual.world import World, WorldConfig
from harness.model.strict import ModelError


def test_every_instrument_has_a_port_of_its_own(run, bench):
    async def main():
        async with bench(evses=3) as b:
            names = [f"{kind}_{n}" for n in (1, 2, 3) for kind in ("analyzer", "scope", "meter", "ev")]
            assert set(b.world.ports) == {*names, "source", "supply_meter", "relays", "panel", "http", "network"}
            assert len(set(b.world.ports.values())) == 18
            assert [evse.evse_id for evse in b.world.hardware.evses] == [1, 2, 3]
            assert [evse.read_meter().energy_wh for evse in b.world.hardware.evses] == [1000.0, 2000.0, 3000.0]

    run(main())


def test_no_instrument_agrees_exactly_and_all_agree_within_a_tenth_of_a_per_cent(run, bench):
    async def main():
        async with bench() as b:
            evse = await b.charge(seconds=60.0)
            analyzer, meter = await b.text("analyzer_1"), await b.modbus("meter_1")
            await analyzer.write("*zlang short")
            seen = {"analyzer": float(await analyzer.query("p1?")), "station": evse.read_meter().power_w[0]}
            answer = await meter.read_input_registers(12, count=2, device_id=1)
            seen["meter"] = meter.convert_from_registers(answer.registers, meter.DATATYPE.FLOAT32)
            true_w = 230 * 16 * 0.97 * 0.99
            assert len(set(seen.values())) == 3
            assert seen["analyzer"] == pytest.approx(true_w, rel=1e-3)
            assert seen["meter"] == pytest.approx(true_w, rel=1e-3)
            assert seen["station"] == pytest.approx(true_w * 1.003, rel=1e-3)

    run(main())


def test_a_plant_fault_reaches_the_plant(run, bench):
    async def main():
        async with bench(faults=["contactor_never_closes"]) as b:
            evse = await b.charge()
            assert not evse.contactor_closed()

    run(main())
    with pytest.raises(ValueError, match="unknown plant fault nonsense"):
        run(World.start(faults=frozenset(["nonsense"])))


def test_a_world_can_be_stopped_twice_and_its_ports_are_free_again(run):
    async def main():
        world = await World.start()
        port = world.ports["source"]
        await world.stop()
        await world.stop()
        again = await World.start(WorldConfig.from_dict({"ports": {"source": port}}))
        assert again.ports["source"] == port
        await again.stop()

    run(main())


@pytest.mark.parametrize("name", ["panel", "meter_2"])
def test_a_taken_port_is_named_and_nothing_stays_open(run, name):
    async def main():
        first = await World.start()
        taken = first.ports["source"]
        with pytest.raises(
            BenchError, match=rf"{name}: cannot listen on 127.0.0.1:{taken}.*Cure: .* choose another port"
        ):
            await World.start(WorldConfig.from_dict({"ports": {name: taken}}))
        await first.stop()
        assert len(asyncio.all_tasks()) == 1

    run(main())


def trouble(**changes):
    return {"troubles": [{"port": "analyzer_1", "how": "silent", "at_s": 1.0, "for_s": 2.0, **changes}]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"evs": {}}, r"evs: unknown key. Cure: did you mean 'ev'"),
        ({"evses": 0}, r"evses: 0 is out of range"),
        ({"ev": {"undershot": 0.9}}, r"ev.undershot: unknown key. Cure: did you mean 'undershoot'"),
        ({"station_meter": {"gain_error": "3 %"}}, r"station_meter.gain_error: expected a number, found '3 %'"),
        ({"analyzer": {"voltage": {"gain": 1.0}}}, r"analyzer.voltage.gain: unknown key"),
        ({"ports": {"analyser_1": 5025}}, r"ports names no instrument of this bench: 'analyser_1'.*'analyzer_1'"),
        ({"ports": {"meter_3": 5025}}, r"ports names no instrument of this bench: 'meter_3'"),
        ({"ports": {"source": 70000}}, r"ports.source: 70000 is out of range"),
        (trouble(port="analyser_1"), r"troubles names no instrument of this bench: 'analyser_1'.*'analyzer_1'"),
        (trouble(how="dead"), r"troubles.*how: .*'dead'"),
        (trouble(how="late"), r"late_s belongs to how = 'late'.*Cure: say how late"),
        (trouble(late_s=1.0), r"late_s belongs to how = 'late', and this is 'silent'.*Cure: leave it out"),
        (trouble(for_s=0.0), r"for_s: 0.0 is out of range"),
        (trouble(how="wrong_unit"), r"'wrong_unit' is a trouble of Modbus, which analyzer_1 does not speak"),
        (trouble(how="wrong_unit", port="panel"), r"'wrong_unit' is a trouble of Modbus, which panel does not speak"),
        (trouble(how="crc_error", port="meter_1"), r"of Modbus with RTU frames, which meter_1 does not speak"),
        (
            {"troubles": [*trouble(how="refused", at_s=2.0)["troubles"], *trouble()["troubles"]]},
            r"troubles of analyzer_1 overlap: silent ends at 3 s, and refused begins at 2 s.*Cure: set them apart",
        ),
    ],
)
def test_a_wrong_configuration_is_named(data, message):
    with pytest.raises(ModelError, match=message):
        WorldConfig.from_dict(data)


def test_a_line_instrument_fails_on_demand_and_recovers(run, bench):
    async def main():
        async with bench() as b:
            instrument = b.world.instruments["analyzer_1"]
            client = await b.text("analyzer_1")
            await client.write("*zlang short")
            await instrument.misbehave("silent")
            await client.write("*IDN?")
            with pytest.raises(TimeoutError):
                await client.read()
            await instrument.misbehave("garbage")
            assert await client.query("*IDN?") == "\x00\xffu#!\x80"
            await instrument.misbehave("nan")
            assert await client.query("utrms1?") == "NAN"
            await instrument.misbehave("closed")
            assert await client.read() == ""
            with pytest.raises(ConnectionRefusedError):
                await b.text("analyzer_1")
            await instrument.misbehave("none")
            again = await b.text("analyzer_1")
            assert await again.query("utrms1?") == "0.00000"

    run(main())


def test_a_modbus_instrument_fails_on_demand_and_recovers(run, bench):
    async def main():
        async with bench() as b:
            instrument = b.world.instruments["meter_1"]
            client = await b.modbus("meter_1")
            await instrument.misbehave("silent")
            with pytest.raises(ModbusIOException, match="No response"):
                await client.read_input_registers(0, count=2, device_id=1)
            await instrument.misbehave("nan")
            client = await b.modbus("meter_1")
            answer = await client.read_input_registers(0, count=2, device_id=1)
            assert math.isnan(client.convert_from_registers(answer.registers, client.DATATYPE.FLOAT32))
            await instrument.misbehave("garbage")
            with pytest.raises(ModbusIOException, match="No response"):
                await client.read_input_registers(0, count=2, device_id=1)
            await instrument.misbehave("closed")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", b.world.ports["meter_1"])
            await instrument.misbehave("none")
            client = await b.modbus("meter_1")
            answer = await client.read_input_registers(0, count=2, device_id=1)
            assert client.convert_from_registers(answer.registers, client.DATATYPE.FLOAT32) > 229.0

    run(main())


def test_an_hour_of_charging_costs_few_events(run, bench):
    async def main():
        async with bench() as b:
            evse = await b.charge(seconds=3600.0)
            assert len(b.plant.edges.edges) < 20
            assert evse.totals().energy_wh == pytest.approx(3 * 230 * 16 * 0.97 * 0.99, rel=1e-3)

    run(main())
