import asyncio
import contextlib
import time

import ocpp.v16
import pytest
from ocpp.routing import on
from ocpp.v16 import call, call_result
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError

from bench.virtual import simtime

simtime.install()


async def swallow(reader, _writer):
    while await reader.read(4096):
        pass


@contextlib.asynccontextmanager
async def mute_server():
    """Accepts, reads and never answers."""
    running = set()

    async def handle(reader, writer):
        running.add(asyncio.current_task())
        await swallow(reader, writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*running)


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_websockets_conversation_takes_no_time(run, compression):
    async def main():
        async def echo(connection):
            async for message in connection:
                await connection.send(message)

        async with serve(echo, "127.0.0.1", 0, compression=compression) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}", compression=compression, proxy=None) as client:
                for number in range(300):
                    await client.send("x" * number)
                    async with asyncio.timeout(0.001):
                        assert await client.recv() == "x" * number
        return asyncio.get_running_loop().time()

    assert run(main()) == 1000.0


def test_websockets_keep_alive_runs_on_simulated_time(run):
    """20 s to the first ping, 20 s without its pong: then the peer is given up (websockets' defaults, and 10 s to close)."""

    async def main():
        begin = asyncio.get_running_loop().time()

        async def deaf(reader, writer):
            from websockets.server import ServerProtocol

            protocol = ServerProtocol()
            while not (events := protocol.events_received()):
                protocol.receive_data(await reader.read(4096))
            protocol.send_response(protocol.accept(events[0]))
            writer.write(b"".join(protocol.data_to_send()))
            await swallow(reader, writer)
            writer.close()

        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            with pytest.raises(ConnectionClosedError, match="keepalive ping timeout"):
                await client.recv()
            passed = asyncio.get_running_loop().time() - begin
        server.close()
        await server.wait_closed()
        await asyncio.sleep(1)
        return passed

    begin = time.monotonic()
    assert run(main()) == pytest.approx(50.0, abs=1e-6)
    assert time.monotonic() - begin < 5


class Station(ocpp.v16.ChargePoint):
    """A station on the `ocpp` package."""

    @on("RemoteStartTransaction")
    def on_remote_start(self, **_):
        return call_result.RemoteStartTransaction(status="Accepted")


def test_ocpp_package_talks_and_times_out_on_simulated_time(run):
    async def main():
        loop = asyncio.get_running_loop()

        async def csms(connection):
            async for message in connection:
                if "Heartbeat" in message:
                    continue  # never answered
                unique_id = message.split('"')[1]
                await connection.send(f'[3,"{unique_id}",{{"idTagInfo":{{"status":"Accepted"}}}}]')

        async with (
            serve(csms, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server,
            connect(
                f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/CP1", subprotocols=["ocpp1.6"], proxy=None
            ) as link,
        ):
            station = Station("CP1", link, response_timeout=30)
            listening = asyncio.create_task(station.start())
            for _ in range(50):
                reply = await station.call(call.Authorize(id_tag="TAG"))
                assert reply.id_tag_info["status"] == "Accepted"
            talked = loop.time()
            with pytest.raises(TimeoutError):
                await station.call(call.Heartbeat())
            waited = loop.time() - talked
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        return talked, waited

    assert run(main()) == (1000.0, 30.0)


async def modbus_server():
    blocks = [SimData(0, values=[7, 8, 9, 10], datatype=DataType.REGISTERS)]
    server = ModbusTcpServer(SimDevice(id=1, simdata=blocks), address=("127.0.0.1", 0))
    await server.listen()
    return server, server.transport.sockets[0].getsockname()[1]


def test_modbus_reads_take_no_time(run):
    async def main():
        server, port = await modbus_server()
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        assert await client.connect()
        for _ in range(300):
            async with asyncio.timeout(0.001):
                answer = await client.read_holding_registers(0, count=4, device_id=1)
            assert answer.registers == [7, 8, 9, 10]
        client.close()
        await server.shutdown()
        return asyncio.get_running_loop().time()

    assert run(main()) == 1000.0


def test_a_mute_meter_times_out_after_simulated_seconds(run):
    async def main():
        async with mute_server() as port:
            client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=3, retries=3)
            assert await client.connect()
            begin = asyncio.get_running_loop().time()
            with pytest.raises(ModbusIOException):
                await client.read_holding_registers(0, count=1, device_id=1)
            passed = asyncio.get_running_loop().time() - begin
            client.close()
        return passed

    assert run(main()) == pytest.approx(12.0, abs=1e-9)
