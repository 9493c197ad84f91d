"""A line protocol described in a bench file."""

import asyncio

import pytest

from bench.errors import BenchError, InstrumentFault, VerbAbsent

OK = {"equals": "OK"}
PLUG = {"plug_in": {"send": "PLUG <cable_rating_a>", "ok": OK}, "unplug": {"send": "PULL", "ok": OK}}


def address(server):
    return f"tcp://127.0.0.1:{server.port}"


async def test_lines_are_sent_and_their_answers_judged(talker, commanded):
    server = await talker({"id": "BOX", "PLUG 32": "OK", "PULL": "ERR stuck"})
    box = commanded(address(server), PLUG)
    assert await box.identify() == "BOX"
    await box.plug_in()
    with pytest.raises(InstrumentFault, match="unplug: it answered 'ERR stuck' to PULL; right is text equal to 'OK'"):
        await box.unplug()
    assert server.heard == ["id", "PLUG 32", "PULL"]
    assert server.connections == 1


async def test_silence_ends_in_time_and_a_late_answer_is_nobodys(talker, commanded):
    async def late(writer):
        await asyncio.sleep(0.15)
        return "OK"

    server = await talker({"PLUG 32": late, "PULL": "OK"})
    verbs = {**PLUG, "plug_in": {**PLUG["plug_in"], "timeout_s": 0.05}}
    box = commanded(address(server), verbs)
    with pytest.raises(InstrumentFault, match=r"plug_in: no answer to 'PLUG 32' within 0.05 s"):
        await box.plug_in()
    await asyncio.sleep(0.2)
    await box.unplug()
    assert server.connections == 2


async def test_garbage_and_a_closed_connection_are_named_and_retried(talker, commanded):
    answers = [b"\xff\xfe\n", None]

    def answer(writer):
        if answers:
            data = answers.pop(0)
            if data is None:
                writer.close()
            return data
        return "OK"

    server = await talker({"PULL": answer})
    box = commanded(address(server), {**PLUG, "unplug": {**PLUG["unplug"], "retries": 2, "retry_pause_s": 0}})
    await box.unplug()
    assert server.heard == ["PULL"] * 3
    answers[:] = [b"\xff\xfe\n"] * 3
    with pytest.raises(
        InstrumentFault, match=r"answered 'PULL' with bytes that are no text; 3 times. Cure: check the add"
    ):
        await box.unplug()


async def test_cannot_leaves_the_verb_out(talker, commanded):
    server = await talker({"PULL": "ERR unsupported"})
    box = commanded(address(server), {**PLUG, "unplug": {**PLUG["unplug"], "cannot": {"matches": "unsupported"}}})
    with pytest.raises(VerbAbsent, match="it answered 'ERR unsupported'"):
        await box.unplug()


async def test_the_secret_does_not_stand_in_faults(talker, commanded, monkeypatch):
    monkeypatch.setenv("BOX_KEY", "s3cret")
    server = await talker({})
    present = {"send": "TAG <secret> <token>", "ok": OK}
    box = commanded(address(server), {"present": present}, ("id_reader",), timeout_s=0.05, secret_env="BOX_KEY")
    with pytest.raises(InstrumentFault, match=r"no answer to 'TAG \*\*\* X'"):
        await box.present("X")
    assert server.heard == ["TAG s3cret X"]


async def test_true_and_false_take_the_words_of_the_bench_file(talker, commanded):
    server = await talker({"OUT 1": "OK", "OUT 0": "OK", "OUT?": "0"})
    verbs = {"output": {"send": "OUT <on>", "ok": OK}, "output_is_on": {"send": "OUT?"}}
    box = commanded(address(server), verbs, ("ac_source",), on="1", off="0")
    await box.output(on=True)
    await box.output(on=False)
    assert server.heard == ["OUT 1", "OUT 0"]
    assert await box.output_is_on() is False
    with pytest.raises(
        VerbAbsent, match=r"box does not do set_voltage\(volts=230.0, phase=None\): the bench file lists"
    ):
        await box.set_voltage(230.0)


async def test_a_refused_connection_is_named(refused_port, commanded):
    with pytest.raises(InstrumentFault, match=r"identify: the connection was refused. Cure: check address"):
        await commanded(f"tcp://127.0.0.1:{refused_port}", PLUG).identify()


async def test_one_verb_at_a_time(talker, commanded):
    async def slow(writer):
        await asyncio.sleep(0.05)
        return "OK"

    server = await talker({"PULL": slow, "A": "OK", "PLUG 32": "OK"})
    unplug = {**PLUG["unplug"], "then": [{"send": "A", "ok": OK}]}
    box = commanded(address(server), {**PLUG, "unplug": unplug})
    await asyncio.gather(box.unplug(), box.plug_in())
    assert server.heard == ["PULL", "A", "PLUG 32"]


async def test_a_line_stays_one_line(commanded):
    with pytest.raises(BenchError, match=r"verbs.unplug: send = 'A\\nB' is more than one line. Cure: use `then`"):
        commanded("tcp://127.0.0.1:1", {**PLUG, "unplug": {"send": "A\nB", "ok": OK}})
