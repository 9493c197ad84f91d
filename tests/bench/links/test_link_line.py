import asyncio

import pytest

from bench.errors import BenchError, InstrumentFault
from bench.links.line import LineLink


def link_to(port, timeout=0.3):
    return LineLink("panel", f"tcp://127.0.0.1:{port}", timeout)


async def test_a_line_is_asked_and_answered(talker):
    server = await talker({"*IDN?": "PANEL 1", "PRESS 1 stop": "OK"})
    link = link_to(server.port)
    assert await link.query("*IDN?") == "PANEL 1"
    assert await link.query("PRESS 1 stop") == "OK"
    assert server.connections == 1
    await link.close()


async def test_a_refused_port_is_a_named_fault(refused_port):
    with pytest.raises(InstrumentFault, match=r"panel at tcp://.*refused.*Cure: check address") as caught:
        await link_to(refused_port).query("*IDN?")
    assert caught.value.instrument == "panel"


async def test_a_silent_instrument_is_a_named_fault_and_used_again_when_it_speaks(talker):
    server = await talker({"a?": None, "b?": "b"})
    link = link_to(server.port, 0.1)
    with pytest.raises(InstrumentFault, match=r"no answer to 'a\?' within 0.1 s"):
        await link.query("a?")
    assert await link.query("b?") == "b"
    assert server.connections == 2
    await link.close()


async def test_a_late_answer_is_never_given_to_the_next_question(talker):
    async def late(writer):
        await asyncio.sleep(0.15)
        return "late answer to a"

    server = await talker({"a?": late, "b?": "b"})
    link = link_to(server.port, 0.1)
    with pytest.raises(InstrumentFault):
        await link.query("a?")
    await asyncio.sleep(0.1)
    assert await link.query("b?") == "b"
    await link.close()


async def test_a_second_answer_is_never_given_to_the_next_question(talker):
    server = await talker({"a?": b"one\ntwo\n", "b?": "b"})
    link = link_to(server.port)
    assert await link.query("a?") == "one"
    assert await link.query("b?") == "b"
    assert server.connections == 2
    await link.close()


async def test_a_connection_closed_in_mid_answer_is_a_named_fault(talker):
    def half(writer):
        writer.write(b"hal")
        writer.close()

    server = await talker({"a?": half})
    with pytest.raises(InstrumentFault, match="closed the connection before its answer was complete after b'hal'"):
        await link_to(server.port).query("a?")


async def test_bytes_that_are_no_text_are_a_named_fault(talker):
    server = await talker({"a?": b"\xff\xfe\n", "b?": "b"})
    link = link_to(server.port)
    with pytest.raises(InstrumentFault, match="no text"):
        await link.query("a?")
    assert await link.query("b?") == "b"
    await link.close()


async def test_an_endless_line_is_cut(talker):
    server = await talker({"a?": b"x" * 200_000})
    with pytest.raises(InstrumentFault):
        await link_to(server.port).query("a?")


async def test_answers_do_not_mix_when_many_ask(talker):
    server = await talker({f"q{n}": f"a{n}" for n in range(50)})
    link = link_to(server.port, 2)
    answers = await asyncio.gather(*(link.query(f"q{n}") for n in range(50)))
    assert answers == [f"a{n}" for n in range(50)]
    await link.close()


async def test_a_cancelled_caller_leaves_question_and_answer_together(talker):
    async def slow(writer):
        await asyncio.sleep(0.05)
        return "slow"

    server = await talker({"a?": slow, "b?": "b"})
    link = link_to(server.port, 1)
    asking = asyncio.ensure_future(link.query("a?"))
    await asyncio.sleep(0.02)
    asking.cancel()
    assert await link.query("b?") == "b"
    assert server.connections == 1
    await link.close()


async def test_a_closed_link_says_so(talker):
    server = await talker({})
    link = link_to(server.port)
    await link.close()
    with pytest.raises(InstrumentFault, match="the link was closed"):
        await link.query("a?")


@pytest.mark.parametrize("address", ["127.0.0.1:5", "tcp://host", "tcp://host:99999", "http://h:1"])
def test_a_wrong_address_names_the_right_form(address):
    with pytest.raises(BenchError, match="write tcp://host:port"):
        LineLink("panel", address, 1)


async def test_two_lines_in_one_question_are_refused(talker):
    server = await talker({})
    link = link_to(server.port)
    with pytest.raises(BenchError, match="more than one line"):
        await link.query("a\nb")
    await link.close()
