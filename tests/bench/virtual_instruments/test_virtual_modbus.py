"""Meter, relays and EV box over pymodbus's own client."""

import asyncio
import csv
import io

import pytest

# Layout of the meter in public driver code (volkszaehler/mbmd, meters/rs485/sdm.go), apart from the server's own table.
LAYOUT = """\
voltage_l1,0
voltage_l2,2
voltage_l3,4
current_l1,6
current_l2,8
current_l3,10
power_l1,12
power_l2,14
power_l3,16
power_factor_l1,30
power_total,52
frequency,70
energy_import,72
energy_export,74
energy_sum,342
"""


async def read_meter(client):
    values = {}
    for name, address in csv.reader(io.StringIO(LAYOUT)):
        answer = await client.read_input_registers(int(address), count=2, device_id=1)
        assert not answer.isError()
        values[name] = client.convert_from_registers(answer.registers, client.DATATYPE.FLOAT32)
    return values


async def coils(client, count):
    return (await client.read_coils(0, count=count, device_id=1)).bits[:count]


async def pilot_code(client):
    return (await client.read_input_registers(0, count=1, device_id=1)).registers[0]


def test_the_meter_tells_the_outlet_in_its_layout(run, bench):
    async def main():
        async with bench(ev={"phases": 1}) as b:
            client = await b.modbus("meter_1")
            idle = await read_meter(client)
            assert idle["voltage_l1"] == pytest.approx(230.07, abs=0.01)
            assert idle["current_l1"] == idle["power_total"] == 0.0
            assert idle["energy_import"] == pytest.approx(54.321, abs=1e-5)
            evse = await b.charge(seconds=600.0)
            busy = await read_meter(client)
            watts = 230 * 16 * 0.97 * 0.99
            assert busy["current_l1"] == pytest.approx(15.52 * 1.0002, abs=0.001)
            assert busy["current_l2"] == busy["power_l3"] == 0.0
            assert busy["power_l1"] == pytest.approx(watts * 1.0005, abs=0.1)
            assert busy["power_total"] == busy["power_l1"]
            assert busy["power_factor_l1"] == pytest.approx(0.99, abs=0.001)
            assert busy["frequency"] == 50.0
            evse.open_contactor()
            await asyncio.sleep(1.0)
            done = await read_meter(client)
            counted_wh = (done["energy_import"] - idle["energy_import"]) * 1000.0
            assert counted_wh == pytest.approx(evse.totals().energy_wh * 1.0005, abs=0.11)
            assert done["energy_sum"] == done["energy_import"]
            assert done["energy_export"] == 0.0

    run(main())


def test_a_meter_at_the_vehicle_misses_the_cables_loss(run, bench):
    async def main():
        config = {"location": "vehicle", "energy_gain_error": 0.0, "register_start_wh": 0.0}
        async with bench(reference_meter=config, conductor_ohm=0.1) as b:
            client = await b.modbus("meter_1")
            evse = await b.charge(limit_a=32, seconds=3600.0)
            evse.open_contactor()
            await asyncio.sleep(1.0)
            energy_wh = (await read_meter(client))["energy_import"] * 1000.0
            totals = evse.totals()
            assert totals.energy_wh - totals.vehicle_energy_wh > 200.0
            assert energy_wh == pytest.approx(totals.vehicle_energy_wh, abs=0.11)

    run(main())


def test_the_meter_stands_still_between_updates(run, bench):
    async def main():
        async with bench(reference_meter={"update_s": 10.0}) as b:
            client = await b.modbus("meter_1")
            await b.charge(seconds=60.0)
            first = (await read_meter(client))["energy_import"]
            moved_after_s = 0.0
            while (await read_meter(client))["energy_import"] == first:
                await asyncio.sleep(0.5)
                moved_after_s += 0.5
            first = (await read_meter(client))["energy_import"]
            await asyncio.sleep(9.0)
            assert (await read_meter(client))["energy_import"] == first
            await asyncio.sleep(1.0)
            assert (await read_meter(client))["energy_import"] > first
            assert moved_after_s <= 10.0

    run(main())


def test_what_the_meter_does_not_have_is_refused(run, bench):
    async def main():
        async with bench() as b:
            client = await b.modbus("meter_1")
            for answer in (
                await client.read_coils(0, count=1, device_id=1),
                await client.read_holding_registers(0, count=1, device_id=1),
                await client.write_register(0, 1, device_id=1),
                await client.read_input_registers(344, count=2, device_id=1),
            ):
                assert answer.isError()
                assert answer.exception_code == 2

    run(main())


def test_relays_switch_and_the_first_cuts_the_mains(run, bench):
    async def main():
        async with bench() as b:
            client = await b.modbus("relays")
            assert await coils(client, 8) == [False] * 8
            await client.write_coil(2, True, device_id=1)
            assert await coils(client, 8) == [False, False, True] + [False] * 5
            assert b.plant.grid.live
            await client.write_coils(0, [True, True], device_id=1)
            assert await coils(client, 8) == [True, True, True] + [False] * 5
            assert not b.plant.grid.live
            await asyncio.sleep(1.0)
            assert not b.plant.mains_present()
            await client.write_coil(0, False, device_id=1)
            await asyncio.sleep(1.0)
            assert b.plant.mains_present()
            refused = await client.write_coil(8, True, device_id=1)
            assert refused.exception_code == 2

    run(main())


def test_the_box_is_the_car(run, bench):
    async def main():
        async with bench() as b:
            client, evse = await b.modbus("ev_2"), b.plant.evse(2)
            assert await coils(client, 6) == [False, True, False, False, False, True]
            assert await pilot_code(client) == 0
            assert not (await client.write_register(2, 20, device_id=1)).isError()
            await client.write_coil(0, True, device_id=1)
            assert evse.cable_rating_a() == 20.0
            assert await pilot_code(client) == 1
            await client.write_coil(2, True, device_id=1)
            evse.set_pilot_duty(25.0)
            await asyncio.sleep(2.0)
            assert await pilot_code(client) == 2
            await client.write_registers(0, [85, 1], device_id=1)
            assert (await client.read_holding_registers(0, count=3, device_id=1)).registers == [85, 1, 20]
            evse.close_contactor()
            await asyncio.sleep(30.0)
            assert evse.current_a() == (pytest.approx(8.5), 0.0, 0.0)
            await client.write_coil(1, False, device_id=1)
            assert await pilot_code(client) == 0
            assert evse.cable_rating_a() == 20.0
            await client.write_coil(0, False, device_id=1)
            assert evse.cable_rating_a() is None
            assert b.plant.evse(1).pilot_state() == "A"

    run(main())


@pytest.mark.parametrize(("coil", "code"), [(3, 4), (4, 4), (6, 0)])
def test_the_boxs_pilot_faults_are_seen_on_the_line(run, bench, coil, code):
    async def main():
        async with bench() as b:
            client = await b.modbus("ev_1")
            await client.write_coil(0, True, device_id=1)
            b.plant.evse(1).set_pilot_duty(25.0)
            await client.write_coil(coil, True, device_id=1)
            assert await pilot_code(client) == code
            assert (await coils(client, 8))[coil]
            await client.write_coil(coil, False, device_id=1)
            assert await pilot_code(client) == 1

    run(main())


def test_a_car_that_asks_for_ventilation_goes_to_d(run, bench):
    async def main():
        async with bench() as b:
            client = await b.modbus("ev_1")
            await client.write_coil(7, True, device_id=1)
            await client.write_coils(0, [True, True, True, False, False, False], device_id=1)
            assert await pilot_code(client) == 3

    run(main())


def test_a_resistor_in_place_of_the_cables_own_stays_until_it_is_taken_out(run, bench):
    async def main():
        async with bench() as b:
            client, evse = await b.modbus("ev_1"), b.plant.evse(1)
            await client.write_coil(0, True, device_id=1)
            await client.write_register(4, 1000, device_id=1)
            assert evse.proximity_ohm == 10_000.0
            await client.write_coil(0, False, device_id=1)
            await client.write_coil(0, True, device_id=1)
            assert evse.proximity_ohm == 10_000.0
            await client.write_register(2, 20, device_id=1)
            assert evse.proximity_ohm == 10_000.0
            await client.write_register(4, 0, device_id=1)
            assert evse.proximity_ohm == 680.0
            assert (await client.read_holding_registers(4, count=1, device_id=1)).registers == [0]

    run(main())


def test_a_rude_car_of_the_box_goes_to_c_without_pwm(run, bench):
    async def main():
        async with bench() as b:
            client = await b.modbus("ev_1")
            await client.write_coils(0, [True, True, True, False, False, False], device_id=1)
            assert await pilot_code(client) == 2
            await client.write_coil(5, True, device_id=1)
            await asyncio.sleep(3.0)
            assert await pilot_code(client) == 1

    run(main())


def test_the_box_refuses_what_no_car_is(run, bench):
    async def main():
        async with bench() as b:
            client = await b.modbus("ev_1")
            answers = {
                "cable": await client.write_register(2, 16, device_id=1),
                "phases": await client.write_register(1, 4, device_id=1),
                "demand": await client.write_register(0, 10001, device_id=1),
                "power factor": await client.write_register(3, 1001, device_id=1),
                "no power factor": await client.write_register(3, 0, device_id=1),
                "address": await client.write_register(5, 1, device_id=1),
                "coil": await client.write_coil(8, True, device_id=1),
                "read coil": await client.read_coils(8, count=1, device_id=1),
            }
            codes = {name: answer.exception_code for name, answer in answers.items()}
            values = {"cable": 3, "phases": 3, "demand": 3, "power factor": 3, "no power factor": 3}
            assert codes == {**values, "address": 2, "coil": 2, "read coil": 2}
            assert (await client.read_holding_registers(0, count=4, device_id=1)).registers == [320, 3, 32, 990]

    run(main())
