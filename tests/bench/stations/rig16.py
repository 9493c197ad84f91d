"""A 1.6 station on fake hardware with a CSMS that agrees to everything."""

import asyncio
import contextlib
import itertools
from datetime import UTC, datetime, timedelta

from fake_hardware import FakeStation
from raw_csms import RawCsms

from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.station import VirtualStation


def csms_time():
    seconds = asyncio.get_running_loop().time()
    return (datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()


def answers_of_an_agreeing_csms():
    """Answers for `RawCsms.answers`; transactions are numbered 101, 102, ..."""
    numbers = itertools.count(101)
    return {
        "BootNotification": lambda _: {"status": "Accepted", "interval": 300, "currentTime": csms_time()},
        "Heartbeat": lambda _: {"currentTime": csms_time()},
        "Authorize": {"idTagInfo": {"status": "Accepted"}},
        "StartTransaction": lambda _: {"transactionId": next(numbers), "idTagInfo": {"status": "Accepted"}},
    }


@contextlib.asynccontextmanager
async def station_on(plant, faults=(), **config):
    """A booted 1.6 station built into the plant, which is closed with it; gives the CSMS, which agrees to everything."""
    csms = RawCsms("ocpp1.6")
    csms.answers = answers_of_an_agreeing_csms()
    settings = StationConfig.from_dict({"identity": "CS16", **config})
    station = VirtualStation(plant, settings, ActiveFaults(faults))
    await csms.start()
    await station.start(csms.url)
    try:
        await csms.wait("StatusNotification", connectorId=2)
        yield csms
    finally:
        await station.stop()
        await csms.stop()
        plant.close()


class Rig16:
    """A 1.6 station on fake hardware and a CSMS that agrees to everything."""

    def __init__(self, faults=(), **config):
        self.hardware = FakeStation()
        self.csms = RawCsms("ocpp1.6")
        self.csms.answers = answers_of_an_agreeing_csms()
        settings = {"identity": "CS16", "subprotocols": ["ocpp1.6"], **config}
        self.station = VirtualStation(self.hardware, StationConfig.from_dict(settings), ActiveFaults(faults))

    def now(self):
        return csms_time()

    @property
    def transactions(self):
        """The number of the latest transaction."""
        return 100 + len(self.csms.seen("StartTransaction"))

    async def boot(self):
        await self.csms.start()
        await self.station.start(self.csms.url)
        for connector in (0, 1, 2):
            await self.csms.wait("StatusNotification", connectorId=connector)

    async def charge(self, connector=1):
        """Plug in, start remotely, wait for Charging; gives the index of the next message and the transactionId."""
        self.hardware[connector].plug_in()
        await self.csms.wait("StatusNotification", connectorId=connector, status="Preparing")
        await self.csms.call("RemoteStartTransaction", idTag="TAG-1", connectorId=connector)
        await self.csms.wait("StartTransaction", connectorId=connector)
        await self.csms.wait("StatusNotification", connectorId=connector, status="Charging")
        return len(self.csms.messages), self.transactions
