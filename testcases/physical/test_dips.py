"""Dips of the supply under load: no chatter, one whole transaction, no register lost, on any OCPP version."""

from dataclasses import dataclass

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms
from fixtures.dialects.dialect import Dialect
from fixtures.dialects.registers import steps_back
from fixtures.steps import Steps
from harness.limits import AtMost
from harness.model.station import Station
from harness.quantity import Quantity
from harness.trace.events import Sample
from harness.trace.trace import Record
from testcases.physical.charging import Outlet, begin_charging
from testcases.physical.measuring import reading
from testcases.physical.under_load import SAMPLED_EVERY_S

WATCHED_S = 8.0
"""How long the outlet is looked at closely after a dip."""

ANALYSED_S = 0.4
"""An analyser's value is of the cycles before it: so long after the dip there is nothing of it in them."""

SELDOM_S = 5.0
"""How often the outlet is looked at while the station tells what became of the session."""

LIVE_V = 100.0
"""More than open contacts let through, less than a supply that is back: the outlet is on."""


@dataclass(frozen=True, slots=True)
class _Dip:
    """What is left of the voltage of all phases, and for how long: depths and durations of the class that IEC 61000-4-11 tests."""

    share: float
    duration_s: float

    def __str__(self) -> str:
        return f"a dip to {self.share * 100:g} % for {self.duration_s:g} s"


DIPS = tuple(_Dip(share, duration_s) for share in (0.8, 0.7, 0.4, 0.0) for duration_s in (0.01, 0.5, 5.0))


@case("HIL_DIP_01")
async def test_dips(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps) -> None:
    """One session for each dip, from the slightest to the worst; an EV that draws on."""
    async with dialect.sampled(step, station.pixit.meter_value_interval_s):
        for dip in DIPS:
            await _rides_through(csms, dialect, station, bench, step, dip)


async def _rides_through(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, dip: _Dip) -> None:
    pixit, outlet = station.pixit, Outlet(station, bench)
    async with step.preamble(f"an EV charges before {dip}"):
        charge = await begin_charging(dialect, outlet)
    async with step.preamble(str(dip)), bench.sampling(SAMPLED_EVERY_S):
        before = await reading(bench, "power_analyzer")
        await bench.mains.dip(dip.share, dip.duration_s)
        await bench.wait(ANALYSED_S)
        back = await reading(bench, "power_analyzer")
        await bench.wait(WATCHED_S)
    if outlet.voltage_is_seen():
        async with step.test(f"the contactor does not chatter after {dip}", "PIXIT dip_openings"):
            openings, evidence = _openings(bench, back, pixit.outlet_dead_v)
            limit = AtMost(float(pixit.dip_openings), "", pixit.basis("dip_openings"))
            bench.judge("openings of the outlet", Quantity(float(openings), "", 0.0), limit, evidence)
    async with step.preamble(f"the station is connected after {dip}"):
        if not csms.connected:
            await csms.connects(within=pixit.long_operation_timeout_s)
    async with step.test(f"the transaction of {dip} is ended once", dialect.trouble.clauses.one_end):
        async with bench.sampling(SELDOM_S):
            ended = await dialect.interrupted(charge, before)
            await bench.wait(pixit.message_timeout_s)
        ends = dialect.trouble.ends(charge, before)
        csms.holds("messages that end it", len(ends), tuple(ends) or (ended,), low=1, high=1)
    async with step.test(f"no register is lost over {dip}", dialect.clauses.monotonic):
        told = dialect.registers(charge)
        csms.holds("registers told", len(told), (charge.began, ended), low=2)
        pairs = steps_back(told)
        shown = tuple(one.seen for one in told)
        csms.holds("registers that step back", len(pairs), shown, high=0)
    async with step.preamble(f"the EV of {dip} leaves"):
        await bench.ev.unplug()
        await dialect.freed(charge)


def _openings(bench: Bench, back: Record, dead_v: float) -> tuple[int, tuple[int, ...]]:
    """How often the outlet is found dead after it was live, and the samples that show it (or the last one), from the end of the dip on.

    An outlet that is dead in the dip lacks its supply, whatever its contactor does: a station that is held up by a back-up may open it later.
    """
    live, count, shown, last = True, 0, [back.seq], back.seq
    for record in (back, *bench.readings("power_analyzer", since=back)):
        volts = _first_phase_v(record)
        last = record.seq
        if live and volts <= dead_v:
            live, count = False, count + 1
            shown.append(record.seq)
        elif volts >= LIVE_V:
            live = True
    return count, (*shown, last)


def _first_phase_v(record: Record) -> float:
    assert isinstance(record.event, Sample)  # Bench.readings gives nothing else
    return record.event.values["voltage_l1_v"][0]
