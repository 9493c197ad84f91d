import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import pyvisa

from bench.errors import BenchError, InstrumentFault
from bench.links.visa import VisaLink

IDN = {"*IDN?": "ZES,LMG671,1,1.0"}


def link_to(port, timeout=0.3, **more):
    return VisaLink("analyzer_1", f"TCPIP::127.0.0.1::{port}::SOCKET", timeout, **more)


async def test_a_question_is_answered_after_the_probe_and_the_greeting(talker):
    server = await talker({**IDN, "u?": "230.1;16.0"})
    link = link_to(server.port, greeting=("*zlang short",))
    assert await link.query_numbers("u?", 2) == (230.1, 16.0)
    assert server.heard == ["*IDN?", "*zlang short", "u?"]
    await link.close()


async def test_a_write_before_a_query_does_not_stall(talker):
    server = await talker({**IDN, "err?": "0,No error"})
    link = link_to(server.port)
    await link.identity()
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(40):
        await link.command("volt 230", "err?")
    # With Nagle on, each of the 40 waits for a delayed acknowledgement of about 40 ms.
    assert loop.time() - started < 1.0
    await link.close()


async def test_a_setting_that_the_instrument_refuses_is_a_fault(talker):
    server = await talker({**IDN, "err?": '-222,"Data out of range"'})
    link = link_to(server.port)
    with pytest.raises(InstrumentFault, match="'volt 999' was refused with '-222"):
        await link.command("volt 999", "err?")
    await link.close()


async def test_a_manager_that_somebody_closed_is_made_anew(talker):
    server = await talker({**IDN, "u?": "230.1"})
    for _ in range(2):
        link = link_to(server.port)
        assert await link.query_numbers("u?", 1) == (230.1,)
        await link.close()
        pyvisa.ResourceManager("@py").close()


async def test_a_refused_port_is_a_named_fault(refused_port):
    with pytest.raises(InstrumentFault, match=r"analyzer_1 at TCPIP.*no connection.*Cure: check address") as caught:
        await link_to(refused_port).query("u?")
    assert caught.value.address.endswith("SOCKET")


async def test_a_port_that_accepts_and_never_speaks_is_a_named_fault(talker):
    server = await talker({})
    with pytest.raises(InstrumentFault, match=r"no answer to '\*IDN\?' within 0.1 s"):
        await link_to(server.port, 0.1).query("u?")


async def test_a_late_answer_is_never_given_to_the_next_question(talker):
    async def late(writer):
        await asyncio.sleep(0.2)
        return "999"

    server = await talker({**IDN, "a?": late, "b?": "2"})
    link = link_to(server.port, 0.1)
    with pytest.raises(InstrumentFault, match="no answer to 'a"):
        await link.query("a?")
    await asyncio.sleep(0.15)
    assert await link.query("b?") == "2"
    assert server.connections == 2
    await link.close()


async def test_a_second_answer_is_never_given_to_the_next_question(talker):
    server = await talker({**IDN, "a?": b"1\n999\n", "b?": "2"})
    link = link_to(server.port)
    assert await link.query("a?") == "1"
    assert await link.query("b?") == "2"
    assert server.connections == 2
    await link.close()


async def test_a_connection_closed_in_mid_answer_is_a_named_fault_and_the_next_question_works(talker):
    def half(writer):
        writer.write(b"12")
        writer.close()

    server = await talker({**IDN, "a?": half, "b?": "2"})
    link = link_to(server.port, 0.2)
    with pytest.raises(InstrumentFault, match="closed the connection"):
        await link.query("a?")
    assert await link.query("b?") == "2"
    await link.close()


async def test_a_connection_closed_between_questions_is_opened_again(talker):
    server = await talker({**IDN, "a?": "1"})
    link = link_to(server.port)
    assert await link.query("a?") == "1"
    await server.stop()
    await server.start()
    assert await link.query("a?") == "1"
    await link.close()


async def test_garbage_in_place_of_numbers_is_a_named_fault(talker):
    server = await talker({**IDN, "a?": "nonsense", "b?": b"\xff\xff\n", "c?": "1;2;3"})
    link = link_to(server.port)
    with pytest.raises(InstrumentFault, match="'nonsense', not with 1 numbers"):
        await link.query_numbers("a?", 1)
    with pytest.raises(InstrumentFault, match="no text"):
        await link.query("b?")
    with pytest.raises(InstrumentFault, match="not with 2 numbers"):
        await link.query_numbers("c?", 2)
    await link.close()


async def test_an_instrument_that_never_stops_talking_is_cut_off(talker):
    async def babble(writer):
        while not writer.transport.is_closing():
            writer.write(b"x" * 64)
            await asyncio.sleep(0.005)

    server = await talker({**IDN, "a?": babble, "b?": "2"})
    link = link_to(server.port, 0.1)
    with pytest.raises(InstrumentFault):
        await asyncio.wait_for(link.query("a?"), 5)
    assert await link.query("b?") == "2"
    await link.close()


async def test_another_instrument_at_the_address_is_noticed(talker):
    server = await talker({**IDN, "a?": "1"})
    link = link_to(server.port)
    await link.query("a?")
    await server.stop()
    server.script["*IDN?"] = "KEYSIGHT,OTHER"
    await server.start()
    with pytest.raises(InstrumentFault, match=r"it was 'ZES,LMG671,1,1.0' and now answers as 'KEYSIGHT,OTHER'"):
        await link.query("a?")
    await link.close()


async def test_answers_do_not_mix_when_many_ask(talker):
    server = await talker({**IDN, **{f"q{n}": f"a{n}" for n in range(50)}})
    link = link_to(server.port, 2)
    assert await asyncio.gather(*(link.query(f"q{n}") for n in range(50))) == [f"a{n}" for n in range(50)]
    await link.close()


async def test_two_threads_on_one_session_never_get_each_others_answers(talker):
    """pyvisa-py itself would mix them up: the link's lock is what keeps question and answer together."""

    server = await talker({**IDN, "u?": "230.1", "i?": "16.0"})
    link, loop = link_to(server.port, timeout=2.0), asyncio.get_running_loop()

    def ask(question):
        return [asyncio.run_coroutine_threadsafe(link.query(question), loop).result(20) for _ in range(60)]

    with ThreadPoolExecutor(2) as threads:
        volts, amperes = await asyncio.gather(*(loop.run_in_executor(threads, ask, text) for text in ("u?", "i?")))
    assert (set(volts), set(amperes)) == ({"230.1"}, {"16.0"})
    turns = [first != second for first, second in pairwise(server.heard[1:])]
    assert sum(turns) > 10, "the threads took no turns: nothing was shown"
    assert server.connections == 1
    await link.close()


async def test_a_cancelled_caller_leaves_question_and_answer_together(talker):
    async def slow(writer):
        await asyncio.sleep(0.05)
        return "slow"

    server = await talker({**IDN, "a?": slow, "b?": "2"})
    link = link_to(server.port, 1)
    await link.identity()
    asking = asyncio.ensure_future(link.query("a?"))
    await asyncio.sleep(0.02)
    asking.cancel()
    assert await link.query("b?") == "2"
    assert server.connections == 1
    await link.close()


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(BenchError, match=r"is not a VISA address. Cure: write TCPIP::host::port::SOCKET"):
        VisaLink("scope_1", "tcp://127.0.0.1:5025", 1)


async def test_the_socket_sends_at_once(talker):
    server = await talker(IDN)
    link = link_to(server.port)
    await link.identity()
    line = link._session.visalib.sessions[link._session.session].interface
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await link.close()
