"""The SCPI instruments and the panel over plain sockets."""

import asyncio

import pytest

from bench.virtual.instruments.server import Latency, latched

ASK = "actn;utrms1?;itrms1?;p1?;utrms3?;itrms3?;p3?;fcyc1?"


def floats(answer):
    return [float(part) for part in answer.split(";")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_with_lf_or_crlf(run, bench, end):
    async def main():
        async with bench() as b:
            for name, maker in (("analyzer_1", "ZES"), ("source", "CALIFORNIA"), ("scope_2", "KEYSIGHT")):
                client = await b.text(name)
                assert (await client.query("*IDN?", end)).startswith(maker)

    run(main())


def test_the_analyser_sees_the_outlet(run, bench):
    async def main():
        async with bench() as b:
            client = await b.text("analyzer_1")
            await client.write("*zlang short")
            dead = floats(await client.query(ASK))
            assert dead[0] == dead[2] == dead[6] == 0.0
            assert dead[1] == pytest.approx(0.002)  # its noise, not a current
            await b.charge(limit_a=16)
            live = floats(await client.query(ASK))
            assert live[0] == pytest.approx(230.0 * 1.0002, abs=0.001)
            assert live[1] == pytest.approx(16 * 0.97 * 0.9999, abs=0.0002)
            assert live[2] == pytest.approx(230 * 16 * 0.97 * 0.99 * 1.0002, abs=0.01)
            assert live[3:6] == live[0:3]
            assert live[6] == pytest.approx(50.0, abs=0.001)
            assert await client.query("syst:err:all?") == '0,"No error"'

    run(main())


def test_the_short_language_must_be_chosen(run, bench):
    async def main():
        async with bench() as b:
            client = await b.text("analyzer_1")
            await client.write("utrms1?")
            assert await client.query("syst:err:all?") == '-113,"Undefined header"'
            await client.write("*zlang short")
            assert await client.query("utrms1?") == "0.00000"
            await client.write("utrms4?")
            assert await client.query("syst:err?") == '-114,"Header suffix out of range"'

    run(main())


def test_the_analyser_holds_its_values_for_a_cycle_and_actn_takes_one(run, bench):
    async def main():
        async with bench(latency_s=0.0, latency_jitter_s=0.0) as b:
            loop = asyncio.get_running_loop()
            client = await b.text("analyzer_1")
            await client.write("*zlang short")
            evse = await b.charge()
            await asyncio.sleep(latched(loop.time(), 0.1) + 0.11 - loop.time())  # 10 ms into a cycle
            evse.unplug()
            at_once = await client.query("itrms1?")
            await asyncio.sleep(0.08)
            assert await client.query("itrms1?") == at_once
            assert float(at_once) > 15.0
            await asyncio.sleep(0.02)  # the cycle in which the current stopped: 10 of 100 ms carried it
            assert float(await client.query("itrms1?")) == pytest.approx(15.52 * 0.1**0.5, rel=0.01)
            await client.write("actn")
            await asyncio.sleep(5.0)
            assert float(await client.query("itrms1?")) == pytest.approx(15.52 * 0.1**0.5, rel=0.01)
            assert float(await client.query("actn;itrms1?")) == pytest.approx(0.002)

    run(main())


def test_a_fixed_range_clips(run, bench):
    async def main():
        async with bench() as b:
            client = await b.text("analyzer_1")
            await client.write("*zlang short")
            await b.charge()
            await client.write("iauto1 0;irng1 10")
            assert floats(await client.query("itrms1?;itrms2?")) == [10.0, pytest.approx(15.52, abs=0.01)]
            await client.write("iauto1 1")
            assert float(await client.query("itrms1?")) > 15.0
            await client.write("urng1 0")
            assert await client.query("syst:err?") == '-222,"Data out of range"'

    run(main())


def test_the_source_feeds_the_station(run, bench):
    async def main():
        async with bench() as b:
            client = await b.text("source")
            assert await client.query("outp?") == "1"
            assert floats(await client.query("meas:volt:ac?;:meas:freq?")) == [229.8, 50.0]
            await client.write("inst:coup none;:inst:nsel 2;:volt:ac 207.5")
            assert await client.query("volt?;:inst:nsel?;:inst:coup?") == "207.50;2;NONE"
            assert b.plant.grid.voltage_v == (230.0, 207.5, 230.0)
            await client.write("inst:coup all;:volt:ac 220;:freq 49.5")
            assert await client.query("freq?") == "49.50"
            assert b.plant.grid.voltage_v == (220.0, 220.0, 220.0)
            await client.write("abort;:outp off")
            assert await client.query("outp?;:meas:volt:ac?") == "0;0.0"
            await asyncio.sleep(1.0)
            assert not b.plant.mains_present()
            await client.write("outp on")
            assert await client.query("*OPC?") == "1"
            await asyncio.sleep(1.0)
            assert b.plant.mains_present()

    run(main())


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("volt 400", '-222,"Data out of range"'),
        ("freq 5", '-222,"Data out of range"'),
        ("inst:nsel 4", '-222,"Data out of range"'),
        ("inst:coup some", '-224,"Illegal parameter value"'),
    ],
)
def test_the_source_refuses_what_it_cannot_do(run, bench, line, error):
    async def main():
        async with bench() as b:
            client = await b.text("source")
            await client.write(line)
            assert await client.query("syst:err?") == error
            assert b.plant.grid.voltage_v == (230.0, 230.0, 230.0)

    run(main())


def test_the_source_measures_what_the_station_takes_and_resets_to_off(run, bench):
    async def main():
        async with bench() as b:
            client = await b.text("source")
            await b.charge(1)
            await b.charge(2)
            assert float(await client.query("meas:curr:ac?")) == pytest.approx(2 * 15.52 * 1.002, abs=0.02)
            assert await client.query("*RST;outp?") == "0"

    run(main())


def test_the_scope_sees_the_pilot(run, bench):
    async def main():
        async with bench() as b:
            client = await b.text("scope_1")
            ask = ":MEASure:DUTYcycle? CHANnel1;:MEASure:VTOP? CHANnel1;:MEASure:VBASe? CHANnel1;:MEASure:FREQuency?"
            steady = floats(await client.query(ask))
            assert steady[0] == steady[3] == 9.9e37
            assert steady[1] == steady[2] == pytest.approx(12.0, abs=0.1)
            await b.charge(limit_a=16)
            pwm = floats(await client.query(ask))
            assert pwm[0] == pytest.approx(16 / 0.6, abs=0.05)
            assert pwm[1] == pytest.approx(6.0, abs=0.1)
            assert pwm[2] == pytest.approx(-12.0, abs=0.1)
            assert pwm[3] == pytest.approx(1000.4, abs=0.1)
            assert await client.query(":meas:duty? CHAN2") == "+9.9E+37"
            await client.write(":measure:source channel3")
            assert await client.query(":meas:sour?;vtop?") == "CHAN3;+9.9E+37"
            await client.write(":meas:duty? CHAN9")
            assert await client.query("syst:err?") == '-224,"Illegal parameter value"'
            b.plant.evse(1).short_pilot(shorted=True)
            shorted = floats(await client.query("*RST;" + ask))
            assert shorted[0] == 9.9e37
            assert shorted[1] == pytest.approx(0.0, abs=0.1)

    run(main())


def test_the_panel_does_what_a_line_says(run, bench):
    async def main():
        async with bench() as b:
            seen = []
            b.plant.on_id_token(lambda *what: seen.append(what))
            b.plant.on_button(lambda *what: seen.append(what))
            client = await b.text("panel")
            assert "panel" in await client.query("*IDN?")
            assert await client.query("PRESENT 0 CAFE01") == "OK"
            assert await client.query("press 2 emergency_stop", "\r\n") == "OK"
            assert seen == [(0, "CAFE01"), (2, "emergency_stop")]
            assert await client.query("FAULT 2 ground_failure") == "OK"
            assert b.plant.evse(2).fault() == "ground_failure"
            assert await client.query("CLEAR 2") == "OK"
            assert b.plant.evse(2).fault() is None
            assert await client.query("BAY 2 occupied") == "OK"
            assert [await client.query(f"BAY? {evse}") for evse in (1, 2)] == ["0", "1"]
            assert await client.query("BAY 2 free") == "OK"
            assert await client.query("BAY? 2") == "0"
            b.plant.evse(2).lock(locked=True)
            assert await client.query("LOCK? 2") == "0"  # the motor is slower than the question
            await asyncio.sleep(0.3)
            assert [await client.query(f"LOCK? {evse}") for evse in (1, 2)] == ["0", "1"]

    run(main())


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("JUMP 1", "ERR unknown word 'JUMP': use one of PRESENT, PRESS, FAULT, CLEAR, BAY, LOCK?, BAY?, *IDN?"),
        ("PRESENT 0", "ERR PRESENT takes <reader> <token>, not '0'"),
        ("BAY 1 full", "ERR 'full' is no state of a bay: use occupied or free"),
        ("LOCK? 3", "ERR there is no EVSE 3: this plant has 1 to 2"),
        ("CLEAR", "ERR CLEAR takes <evse>, not 'nothing'"),
        ("PRESS one stop", "ERR 'one' is not a number: use PRESS <evse> <button>"),
        ("PRESS 3 stop", "ERR there is no EVSE 3: this plant has 1 to 2"),
        ("PRESS 1 start", "ERR there is no button 'start': use one of stop, emergency_stop, emergency_release"),
    ],
)
def test_the_panel_names_what_it_cannot_do(run, bench, line, error):
    async def main():
        async with bench() as b:
            client = await b.text("panel")
            assert await client.query(line) == error

    run(main())


def test_latency_is_bounded_and_repeatable():
    first, again = Latency(0.002, 0.001, seed=7), Latency(0.002, 0.001, seed=7)
    draws = [first.draw_s() for _ in range(100)]
    assert draws == [again.draw_s() for _ in range(100)]
    assert all(0.002 <= draw <= 0.003 for draw in draws)
    assert len(set(draws)) > 90


@pytest.mark.parametrize(
    ("now", "end"), [(1000.0, 1000.0), (1000.05, 1000.0), (1000.0999, 1000.0), (1000.1, 1000.1), (1000.25, 1000.2)]
)
def test_an_update_happens_on_its_grid(now, end):
    assert latched(now, 0.1) == pytest.approx(end)
