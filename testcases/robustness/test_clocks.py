"""A CSMS whose time leaps, or is told in other zones, while a session is under way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fixtures import configuration16, variables201
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.dialects.dialect import Charge, Dialect
from fixtures.dialects.registers import Register, moment
from fixtures.steps import Steps
from fixtures.variables201 import Setting, Variable
from harness.model.station import Station
from testcases.physical.charging import CHARGING_A, Outlet, begin_charging

HEARTBEAT_S = 5
SELDOM_S = 5.0
"""How often the bench looks at a current that only has to be there."""
CONFIRMATIONS = 2
"""How often the right time is told at least before it counts: a station may want a leap to be confirmed (our figure)."""
OFTEN = 2
"""A station that followed so many leaps takes the time from so many heartbeats that it can be held to the right one at the end (our figure)."""
INTERVALS = 3
PERIODIC = "Sample.Periodic"
SAMPLE_OFF = "time of the sample - time at which it came"
SLACK_S = 60.0
"""Delays of messages and the deviation of clocks, generously: what is looked for is an hour or more (our figure)."""
ZONE_SLACK_S = 600.0
"""Less than half of the smallest step between zones."""
LEAPS = (("an hour ahead", 3600.0), ("an hour back", -3600.0), ("a day ahead", 86400.0), ("a day back", -86400.0))
ZONES = (("+02:00", 2.0), ("+01:00, as summer time has ended", 1.0), ("-05:30", -5.5))

SAMPLES = {
    "1.6": "OCPP 1.6 4.7, 9.1.19: a sample every MeterValueSampleInterval",
    "2.0.1": "OCPP 2.0.1 J02.FR.11: a sample every SampledDataTxUpdatedInterval",
}
GOES_ON = {
    "1.6": "OCPP 1.6 4.10: a transaction ends for a reason; 4.6: the time is for synchronizing the clock",
    "2.0.1": "OCPP 2.0.1 E06, G02.FR.06: a transaction ends for a reason; the time is for synchronizing the clock",
}
DURATION = {
    "1.6": "OCPP 1.6 6.45, 6.49: date and time at which the transaction is started and stopped",
    "2.0.1": "OCPP 2.0.1 part 2, TransactionEventRequest: timestamp is the date and time at which this happened",
}
ZONE = {
    "1.6": "OCPP 1.6 3.15: receivers must be able to handle time zone offsets; 4.7, 6.31",
    "2.0.1": "OCPP 2.0.1 part 2, 3.1: a time is one of RFC 3339, which has offsets; J02.FR.02",
}


@asynccontextmanager
async def _beating(csms: Csms, dialect: Dialect, station: Station, step: Steps, ocpp: str) -> AsyncIterator[None]:
    """Inside, the station samples and asks for the time often; afterwards it is told the right one."""
    interval_s = station.pixit.meter_value_interval_s
    if ocpp == "1.6":
        beating = configuration16.configured(csms, step, station, {"HeartbeatInterval": str(HEARTBEAT_S)})
    else:
        beating = variables201.configured(
            csms, step, Setting(Variable("OCPPCommCtrlr", "HeartbeatInterval"), str(HEARTBEAT_S))
        )
    async with dialect.sampled(step, interval_s), beating:
        try:
            yield
        finally:
            csms.tells_time()
        async with step.postamble("the station is told the right time"):
            await _told(csms)


async def _told(csms: Csms) -> Seen:
    """The station asks for the time and is told it, after now. Raises StepOver."""
    beat = await csms.eventually("Heartbeat", within=HEARTBEAT_S + csms.message_timeout_s)
    return await csms.answered(beat)


async def _leaps(csms: Csms, ahead_s: float = 0.0, zone_h: float = 0.0) -> Seen:
    csms.tells_time(ahead_s, zone_h)
    return await _told(csms)


@case("ROB_CLOCK_01")
async def test_leaps(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """Each leap is one from the time before, and as large as it says against the right one."""
    outlet, window_s = Outlet(station, bench), float(INTERVALS * station.pixit.meter_value_interval_s)
    followed = 0
    async with _beating(csms, dialect, station, step, ocpp), bench.sampling(SELDOM_S):
        async with step.preamble("an EV charges, and the station's clock is right"):
            charge = await begin_charging(dialect, outlet)
            await _is_right(csms, dialect, charge)
        for name, ahead_s in LEAPS:
            async with step.preamble(f"the CSMS's clock is set {name}"):
                leapt = await _leaps(csms, ahead_s)
            async with step.test(f"the transaction goes on, set {name}", GOES_ON[ocpp]):
                await dialect.goes_on(charge, leapt, window_s)
            async with step.test(f"current flows on, set {name}", GOES_ON[ocpp]):
                await bench.stays("charging current", outlet.currents, low=CHARGING_A, for_s=window_s, after=leapt)
            async with step.test(f"samples are taken at their interval, set {name}", SAMPLES[ocpp]):
                samples = _samples(dialect, charge, leapt)
                csms.holds("samples", len(samples), (leapt,), low=INTERVALS - 1, high=INTERVALS + 1)
            followed += any(
                abs(_ahead_s(dialect, charge, one) - ahead_s) < SLACK_S
                for one in dialect.registers(charge)
                if one.seen.seq > leapt.seq
            )
        await _lasted(csms, dialect, bench, step, charge, ocpp, followed)


def _samples(dialect: Dialect, charge: Charge, after: Seen) -> set[int]:
    """The messages with periodic samples since then, by their place in the trace: a leap makes clock-aligned values due as well."""
    readings = dialect.registers(charge)
    return {one.seen.seq for one in readings if one.seen.seq > after.seq and one.context == PERIODIC}


async def _is_right(csms: Csms, dialect: Dialect, charge: Charge) -> None:
    """What is told afterwards is held against it. For a preamble; raises StepOver."""
    sample = await dialect.next_sample(charge, charge.began)
    csms.holds(SAMPLE_OFF, _off_s(sample), (sample.seen,), low=-ZONE_SLACK_S, high=ZONE_SLACK_S, unit="s")


def _ahead_s(dialect: Dialect, charge: Charge, one: Register) -> float:
    """How far the station's clock was ahead at a reading, by the bench's, of what it was at the beginning; infinite where it tells no time."""
    off = [_off_s(each) for each in (one, *dialect.begin_registers(charge)[:1])]
    return off[0] - off[1] if len(off) > 1 else float("inf")


def _off_s(one: Register) -> float:
    at, now = moment(one.at), moment(one.seen.record.utc)
    return (at - now).total_seconds() if at is not None and now is not None else float("inf")


async def _settles(csms: Csms, dialect: Dialect, charge: Charge) -> bool:
    """Whether a sample says that the station's clock is again what it was at the beginning: it is told so as often as it was told anything else."""
    often = max(CONFIRMATIONS, len(csms.said("Heartbeat", after=charge.began)))
    right = latest = await _leaps(csms)
    for _ in range(often):
        if len(csms.said("Heartbeat", after=right)) > often:
            break
        sample = await dialect.next_sample(charge, latest)
        if abs(_ahead_s(dialect, charge, sample)) < SLACK_S:
            return True
        latest = sample.seen
    return False


async def _lasted(
    csms: Csms, dialect: Dialect, bench: Bench, step: Steps, charge: Charge, ocpp: str, followed: int = OFTEN
) -> None:
    """With the right time the transaction ends, and has lasted as long as it did. `followed`: so many leaps were seen in its samples.

    To set the clock by a heartbeat is recommended (1.6 4.6; 2.0.1 G02.FR.06): a station may take one in a hundred, and be wrong until the next.
    """
    async with step.preamble("the CSMS's clock is right again"):
        settled = await _settles(csms, dialect, charge)
    if not settled:
        async with step.preamble("the station took the time often enough to be held to it"):
            csms.holds("leaps that its samples followed", followed, (charge.began,), low=OFTEN)
    async with step.preamble("the transaction is stopped"):
        ended = await dialect.ended(charge, await dialect.remote_stop(charge))
        await bench.ev.request_energy(on=False)
        await bench.ev.unplug()
    async with step.test("the times of beginning and end are as far apart as the session was long", DURATION[ocpp]):
        begins, ends = dialect.begin_registers(charge), dialect.end_registers(ended)
        csms.holds("registers with times at begin and end", len(begins) + len(ends), (charge.began, ended), low=2)
        begun, over = moment(begins[0].at), moment(ends[-1].at)
        told_s = (over - begun).total_seconds() if begun is not None and over is not None else float("inf")
        took_s = ended.t - charge.began.t
        what = "duration told - duration by the clock of the bench"
        csms.holds(what, told_s - took_s, (charge.began, ended), low=-SLACK_S, high=SLACK_S, unit="s")


@case("ROB_CLOCK_02")
async def test_zones(csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, ocpp: str) -> None:
    """The time itself is right throughout."""
    async with _beating(csms, dialect, station, step, ocpp):
        async with step.preamble("a transaction runs, and the station's clock is right"):
            charge = await dialect.start_charging()
            await _is_right(csms, dialect, charge)
        for name, zone_h in ZONES:
            async with step.preamble(f"the CSMS tells its time with {name}"):
                told = await _leaps(csms, zone_h=zone_h)
            async with step.test(f"a sample has the time at which it was taken, told with {name}", ZONE[ocpp]):
                sample = await dialect.next_sample(charge, told)
                evidence = (told, sample.seen)
                csms.holds(SAMPLE_OFF, _off_s(sample), evidence, low=-ZONE_SLACK_S, high=ZONE_SLACK_S, unit="s")
        await _lasted(csms, dialect, bench, step, charge, ocpp)
