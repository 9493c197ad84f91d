"""The supply taken away under load and given back."""

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms
from harness.model.station import Station

AWAY_S = 10.0
"""How long the supply is away: longer than a station's power supply holds up."""


async def goes_dark(csms: Csms, station: Station, bench: Bench) -> None:
    """The supply goes, and the station with it: a back-up supply holds it up for a while. Its connection tells when that is over, or, without one, time."""
    tells = csms.connected
    await bench.mains.output(on=False)
    await bench.wait(AWAY_S)
    left_s = station.pixit.long_operation_timeout_s if station.pics.answer("1.6-BackupSupply") else 0.0
    while (csms.connected or not tells) and left_s > 0:
        await bench.wait(min(AWAY_S, left_s))
        left_s -= AWAY_S


async def loses_supply(csms: Csms, station: Station, bench: Bench) -> None:
    """The supply goes, and comes back when the station is down."""
    await goes_dark(csms, station, bench)
    await bench.mains.output(on=True)
