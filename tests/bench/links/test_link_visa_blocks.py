"""Definite-length binary blocks over VISA, and what is not one."""

import asyncio

import pytest

from bench.errors import InstrumentFault
from bench.links.visa import VisaLink

IDN = {"*IDN?": "KEYSIGHT,DSOX1204G,1,1.0"}
EVERY_BYTE = bytes(range(256)) * 40


def link_to(port, timeout=0.3):
    return VisaLink("scope_1", f"TCPIP::127.0.0.1::{port}::SOCKET", timeout)


def block(data):
    digits = str(len(data)).encode()
    return b"#" + str(len(digits)).encode() + digits + data


async def test_a_block_keeps_every_byte_and_the_next_question_its_answer(talker):
    server = await talker({**IDN, "data?": block(EVERY_BYTE) + b"\n", "u?": "230.1"})
    link = link_to(server.port)
    for _ in range(2):
        assert await link.query_block("data?") == EVERY_BYTE
        assert await link.query("u?") == "230.1"
    assert server.connections == 1
    await link.close()


async def test_a_block_of_line_feeds_only_that_comes_in_pieces(talker):
    async def dribble(writer):
        for piece in (b"#", b"3500", b"\n" * 250, b"\n" * 250, b"\n"):
            writer.write(piece)
            await asyncio.sleep(0.01)

    server = await talker({**IDN, "data?": dribble, "u?": "1"})
    link = link_to(server.port)
    assert await link.query_block("data?") == b"\n" * 500
    assert await link.query("u?") == "1"
    await link.close()


async def test_a_block_with_a_header_before_it_and_an_end_of_its_own(talker):
    server = await talker({**IDN, "C1:WF? DAT2": b"DAT2," + block(b"\x01\n\xff") + b"\n\n", "u?": "1"})
    link = link_to(server.port)
    assert await link.query_block("C1:WF? DAT2", lead=12, end="\n\n") == b"\x01\n\xff"
    assert await link.query("u?") == "1"
    assert server.connections == 1
    await link.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"230.1\n", "b'23' where a block begins"),
        (b"#0" + b"x" * 20 + b"\n", "b'#0' where a block begins"),
        (b"#A12\n" + b"x" * 20, "b'#A' where a block begins"),
        (b"#3 12" + b"x" * 20, "a block of b' 12' bytes"),
        (b"#9999999999" + b"x" * 20, "a block of b'999999999' bytes, where up to 4000000 are taken"),
        (b"#15abcdefgh\n", "b'f' after the 5 bytes of its block"),
        (b"#15abc\n", "no answer to 'data\\? \\(a block of 5 bytes\\)' within 0.2 s"),
        (b"#15abcde", "no answer to .*the end b'.*' of a block of 5 bytes"),
        (b"#9", "no answer to 'data\\? \\(the length of a block\\)'"),
    ],
    ids=["number", "indefinite", "no digit", "no length", "too long", "overlong", "short", "no end", "head only"],
)
async def test_what_is_no_whole_block_is_a_named_fault_and_nothing_of_it_is_left(talker, answer, said):
    server = await talker({**IDN, "data?": answer, "u?": "230.1"})
    link = link_to(server.port, 0.2)
    with pytest.raises(InstrumentFault, match=said):
        await link.query_block("data?")
    assert await link.query("u?") == "230.1"
    assert server.connections == 2
    await link.close()


async def test_a_late_block_is_never_given_to_the_next_question(talker):
    async def late(writer):
        await asyncio.sleep(0.25)
        writer.write(block(b"999") + b"\n")

    server = await talker({**IDN, "data?": late, "u?": "230.1"})
    link = link_to(server.port, 0.1)
    with pytest.raises(InstrumentFault, match="no answer to 'data"):
        await link.query_block("data?")
    await asyncio.sleep(0.2)
    assert await link.query("u?") == "230.1"
    await link.close()


async def test_a_connection_closed_in_mid_block_is_a_named_fault(talker):
    def half(writer):
        writer.write(b"#3500" + b"x" * 200)
        writer.close()

    server = await talker({**IDN, "data?": half, "u?": "230.1"})
    link = link_to(server.port, 0.2)
    with pytest.raises(InstrumentFault, match="closed the connection"):
        await link.query_block("data?")
    assert await link.query("u?") == "230.1"
    await link.close()


async def test_a_refused_port_is_a_named_fault_for_a_block_too(refused_port):
    with pytest.raises(InstrumentFault, match="no connection"):
        await link_to(refused_port).query_block("data?")


async def test_every_entry_of_the_error_queue_is_told_and_none_is_left(talker):
    queue = ['-222,"Data out of range"', '-113,"Undefined header"']
    server = await talker({**IDN, "err?": lambda _: queue.pop(0) if queue else "0,No error"})
    link = link_to(server.port)
    with pytest.raises(InstrumentFault, match=r"'-222.*', then '-113.*'"):
        await link.command("volt 999", "err?")
    await link.command("volt 230", "err?")
    await link.close()


async def test_an_error_queue_that_never_empties_is_given_up(talker):
    server = await talker({**IDN, "err?": '-350,"Queue overflow"'})
    link = link_to(server.port)
    with pytest.raises(InstrumentFault, match="was refused with"):
        await link.command("volt 230", "err?")
    assert server.heard.count("err?") == 50
    await link.close()
