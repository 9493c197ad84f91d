"""The station's network cut in each way, seen from both ends, on simulated time."""

import asyncio

import pytest

from bench.errors import BenchError
from bench.virtual import simtime
from bench.virtual.world import World, WorldConfig


class Csms:
    """Echoes lines; knows its connections."""

    def __init__(self):
        self.writers, self.heard, self.ends = [], [], []

    async def serve(self, reader, writer):
        self.writers.append(writer)
        try:
            while line := await reader.readline():
                self.heard.append(line)
                writer.write(b"re " + line)
            self.ends.append("closed")
        except ConnectionError as error:
            self.ends.append(type(error).__name__)
        finally:
            writer.close()


class Place:
    def __init__(self, world, csms, port):
        self.world, self.csms, self.port = world, csms, port

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def link(self, line):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.world.ports["network"])
        writer.write(line.encode() + b"\n")
        answer = (await reader.readline()).decode().strip()
        writer.close()
        return answer


def on_simulated_time(test):
    """Run `test(place)` with a world, a server behind its network, and no wall time spent on waiting."""

    async def run():
        csms = Csms()
        server = await asyncio.start_server(csms.serve, "127.0.0.1", 0)
        target = server.sockets[0].getsockname()[1]
        world = await World.start(WorldConfig.from_dict({}))
        url = await world.carry(f"ws://127.0.0.1:{target}/ocpp")
        assert url.endswith("/ocpp")
        try:
            await test(Place(world, csms, int(url.split(":")[2].split("/")[0])))
        finally:
            await world.stop()
            server.close()
            for writer in csms.writers:
                writer.transport.abort()
            await asyncio.sleep(1)

    try:
        with asyncio.Runner(loop_factory=simtime.loop_factory) as runner:
            runner.run(run())
    finally:
        simtime.uninstall()


async def ask(place, reader, writer, text=b"hello\n", seconds=5):
    writer.write(text)
    return await asyncio.wait_for(reader.readline(), seconds)


async def back(place):
    """The network carries connections again; gives the end of one that it carried."""
    await place.link("LINK ON")
    reader, writer = await place.connect()
    assert await ask(place, reader, writer) == b"re hello\n"
    return writer


def test_the_switch_says_who_it_is_and_refuses_what_it_does_not_know():
    async def test(place):
        assert "virtual network switch" in await place.link("*IDN?")
        assert await place.link("link?") == "ON"
        assert (await place.link("LINK UP")).startswith("ERR 'LINK UP' is none of *IDN?, LINK?, LINK ON, LINK DROP")
        assert await place.link("LINK DROP") == "OK"
        assert await place.link("LINK?") == "DROP"

    on_simulated_time(test)


def test_what_is_sent_into_a_silent_network_arrives_when_it_is_back():
    async def test(place):
        reader, writer = await place.connect()
        assert await ask(place, reader, writer) == b"re hello\n"
        await place.link("LINK DROP")
        with pytest.raises(TimeoutError):
            await ask(place, reader, writer, b"lost\n", 3600)
        place.csms.writers[0].write(b"from the CSMS\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 3600)
        assert place.csms.heard == [b"hello\n"]
        assert place.csms.ends == []
        await place.link("LINK ON")
        got = {await asyncio.wait_for(reader.readline(), 5) for _ in range(2)}
        assert got == {b"from the CSMS\n", b"re lost\n"}
        writer.close()
        await asyncio.sleep(1)
        assert place.csms.ends == ["closed"]

    on_simulated_time(test)


def test_a_connection_given_up_in_a_silent_network_ends_for_the_other_when_it_is_back():
    async def test(place):
        reader, writer = await place.connect()
        await ask(place, reader, writer)
        await place.link("LINK DROP")
        writer.close()
        await asyncio.sleep(60)
        assert place.csms.ends == []
        await place.link("LINK ON")
        await asyncio.sleep(1)
        assert place.csms.ends == ["closed"]

    on_simulated_time(test)


def test_a_connection_begun_in_a_silent_network_leads_nowhere():
    async def test(place):
        await place.link("LINK DROP")
        reader, writer = await place.connect()
        with pytest.raises(TimeoutError):
            await ask(place, reader, writer, seconds=20)
        _, given_up = await place.connect()
        given_up.close()
        await place.link("LINK ON")
        assert await asyncio.wait_for(reader.readline(), 5) == b"re hello\n"
        await asyncio.sleep(5)
        assert len(place.csms.writers) == 1  # the one that was given up never got there
        writer.close()

    on_simulated_time(test)


def test_a_reset_network_resets_both_ends_and_every_new_connection():
    async def test(place):
        reader, writer = await place.connect()
        await ask(place, reader, writer)
        await place.link("LINK RESET")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readline(), 5)
        await asyncio.sleep(1)
        assert place.csms.ends == ["ConnectionResetError"]
        reader, again = await place.connect()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readline(), 5)
        last = await back(place)
        for each in (writer, again, last):
            each.close()

    on_simulated_time(test)


def test_a_refusing_network_resets_and_lets_nobody_in():
    async def test(place):
        reader, writer = await place.connect()
        await ask(place, reader, writer)
        await place.link("LINK REFUSE")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readline(), 5)
        with pytest.raises(ConnectionRefusedError):
            await place.connect()
        last = await back(place)
        writer.close()
        last.close()

    on_simulated_time(test)


def test_megabytes_pass_both_ways_and_are_whole():
    async def test(place):
        reader, writer = await place.connect()
        line = b"x" * 60_000 + b"\n"
        for _ in range(50):
            assert await ask(place, reader, writer, line) == b"re " + line
        writer.close()

    on_simulated_time(test)


def test_a_csms_that_is_not_there_resets_the_station():
    async def run():
        world = await World.start(WorldConfig.from_dict({}))
        url = await world.carry("ws://127.0.0.1:1")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        with pytest.raises(BenchError, match=r"cannot listen on 203\.0\.113\.7:0"):
            await world.carry("ws://203.0.113.7:80")
        await world.stop()

    asyncio.run(run())
