"""What a station makes of its connection: ended by the CSMS, refused, half-open, pinged, or left in peace."""

import asyncio
import contextlib
from collections.abc import Awaitable
from itertools import pairwise
from typing import Literal

from websockets.exceptions import WebSocketException

from bench.errors import Absent
from fixtures import configuration16, variables201
from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.csms.raw_frames import RawFrames
from fixtures.dialects.dialect import Dialect
from fixtures.steps import Steps
from fixtures.variables201 import Setting, Variable
from harness.model.station import Station
from testcases.physical.charging import CHARGING_A, Outlet
from testcases.robustness.calls import ORDINARY
from testcases.robustness.connections import Connections
from testcases.robustness.survival import Survival

CONNECTS = {
    "1.6": "OCPP-J 1.6 5.4, 5.5, errata 3.4: a station whose connection ended opens another; OCPP 1.6 3.7",
    "2.0.1": "OCPP 2.0.1 Part 4 5.3: when the connection is lost, the station tries to reconnect",
}
GOES_ON = {
    "1.6": "OCPP 1.6 3.5: a station without its CSMS operates stand-alone; 4.10",
    "2.0.1": "OCPP 2.0.1 E11: a transaction goes on when the connection is lost",
}
ENERGY = "OCPP 1.6 3.5, 7.7; OCPP 2.0.1 E11: energy flows for as long as the transaction goes on"
GROWS = "OCPP 2.0.1 Part 4 5.3, 8.1 to 8.3: an increasing back-off time"
HALF_OPEN = {
    "1.6": "OCPP-J 1.6 5.3, 7 WebSocketPingInterval; errata 3.11: a ping finds a half-open connection, and it is closed",
    "2.0.1": "OCPP 2.0.1 Part 4 5.2, 8.4 WebSocketPingInterval; 5.3",
}
PONG = "RFC 6455 5.5.2, 5.5.3: a ping is answered with a pong; OCPP-J 1.6 5.3, 7; OCPP 2.0.1 Part 4 5.2, 8.4"
KEPT = "OCPP 2.0.1 Part 4 3.1: the station keeps this connection open all the time"
FRAGMENTS = "RFC 6455 5.4: a message may be sent in fragments, with control frames between them; OCPP-J 1.6 3, OCPP 2.0.1 Part 4 3"
ENDINGS: tuple[tuple[str, Literal["close", "reset"], int], ...] = (
    ("with close code 1001", "close", 1001),
    ("with close code 1012", "close", 1012),
    ("without a close frame", "reset", 0),
)
TURNED_AWAY: tuple[tuple[str, Literal["unknown", "unauthorized"]], ...] = (
    ("HTTP 404", "unknown"),
    ("HTTP 401", "unauthorized"),
)
AWAY_S = 60.0
WATCHED_S = 30.0
DOWN_S = 240.0
PING_S = 20
STORM = 200
SELDOM_S = 60.0
EARLY_S = 1.0
MINIMUM_S, REPEATS = 4, 3
BACK_OFF = tuple(
    Setting(Variable("OCPPCommCtrlr", name), str(value))
    for name, value in (
        ("RetryBackOffWaitMinimum", MINIMUM_S),
        ("RetryBackOffRandomRange", 1),
        ("RetryBackOffRepeatTimes", REPEATS),
    )
)


@case("ROB_LINK_01")
async def test_connection_ended_in_a_session(
    csms: Csms, dialect: Dialect, station: Station, bench: Bench, step: Steps, survival: Survival, ocpp: str
) -> None:
    """The CSMS is restarted in three ways while an EV charges."""
    outlet, patience_s = Outlet(station, bench), station.pixit.long_operation_timeout_s
    async with step.preamble("an EV charges"):
        charge = await dialect.start_charging()
        await outlet.draws()
    for how, cut, code in ENDINGS:
        async with step.preamble(f"the CSMS ends the connection {how}"):
            before = await survival.answers()
            await csms.cut(cut, code)
        async with step.test(f"the station connects again after an end {how}", CONNECTS[ocpp]):
            await csms.connects(within=patience_s, after=before)
        async with step.test(f"it answers a request after an end {how}", survival.clause):
            answer = await survival.answers()
        async with step.test(f"the transaction goes on after an end {how}", GOES_ON[ocpp]):
            await dialect.goes_on(charge, answer, WATCHED_S)
        async with step.test(f"current flowed on through an end {how}", ENERGY):
            await bench.stays("charging current", outlet.currents, low=CHARGING_A, for_s=WATCHED_S, after=before)


@case("ROB_LINK_02")
async def test_nobody_is_let_in(
    csms: Csms,
    station: Station,
    bench: Bench,
    step: Steps,
    survival: Survival,
    connections: Connections,
    ocpp: str,
) -> None:
    """HTTP 503 to every handshake, as of a CSMS that is restarted behind its proxy."""
    patience_s = station.pixit.long_operation_timeout_s + MINIMUM_S * 2.0**REPEATS
    async with contextlib.AsyncExitStack() as configured:
        if ocpp != "1.6":
            await configured.enter_async_context(variables201.configured(csms, step, *BACK_OFF))
        async with step.preamble("the CSMS ends the connection, and lets none in"):
            before = await survival.answers()
            csms.refuse()
            await csms.cut()
            async with bench.sampling(SELDOM_S):
                await bench.wait(DOWN_S)
            csms.accept()
        if ocpp != "1.6":
            async with step.test("the pauses between its attempts grow as they must", GROWS):
                _pauses_grow(csms, before, connections.attempts(before))
        async with step.test("the station connects again", CONNECTS[ocpp]):
            await csms.connects(within=patience_s)
        async with step.test("it answers a request", survival.clause):
            await survival.answers()


@case("ROB_LINK_08")
async def test_turned_away(
    csms: Csms, station: Station, bench: Bench, step: Steps, survival: Survival, ocpp: str
) -> None:
    """A CSMS whose list of stations is gone for a while, and then its list of passwords."""
    async with contextlib.AsyncExitStack() as configured:
        if ocpp != "1.6":
            await configured.enter_async_context(variables201.configured(csms, step, *BACK_OFF))
        for name, how in TURNED_AWAY:
            async with step.preamble(f"the CSMS ends the connection, and answers attempts with {name}"):
                await survival.answers()
                csms.refuse(how)
                await csms.cut()
                async with bench.sampling(SELDOM_S):
                    await bench.wait(AWAY_S)
                csms.accept()
            async with step.test(f"the station connects again after {name}", CONNECTS[ocpp]):
                await csms.connects(within=station.pixit.long_operation_timeout_s + MINIMUM_S * 2.0**REPEATS)
        async with step.test("it answers a request", survival.clause):
            await survival.answers()


def _pauses_grow(csms: Csms, before: Seen, times: list[float]) -> None:
    csms.holds("attempts to connect", len(times) - 1, (before,), low=2)
    for number, (earlier, later) in enumerate(pairwise(times)):
        owed_s = MINIMUM_S * 2.0 ** min(number, REPEATS)
        csms.holds(f"pause before attempt {number + 1}", later - earlier, (before,), low=owed_s - EARLY_S, unit="s")


@case("ROB_LINK_03")
async def test_half_open(csms: Csms, station: Station, step: Steps, survival: Survival, ocpp: str) -> None:
    """The CSMS is gone, and nothing says so: no close frame, no reset, no answer."""
    async with step.preamble("how often the station sends pings is known"):
        ping_s = await _ping_interval_s(csms, ocpp)
    if ping_s == 0:  # then there may be no pings (OCPP-J 1.6 7; OCPP 2.0.1 Part 4 8.4), and nothing else has to notice
        cure = "set WebSocketPingInterval of the station above 0, or waive the case"
        raise Absent(f"WebSocketPingInterval is 0 or absent: a half-open connection may go unnoticed. Cure: {cure}")
    async with step.preamble("the connection is left half-open"):
        before = await survival.answers()
        await csms.cut("freeze")
    async with step.test("the station opens another connection", HALF_OPEN[ocpp]):
        await csms.connects(within=3 * ping_s + station.pixit.long_operation_timeout_s, after=before)
    async with step.test("it answers a request", survival.clause):
        await survival.answers()


async def _ping_interval_s(csms: Csms, ocpp: str) -> float:
    """0 where the station sends none, or does not say."""
    if ocpp == "1.6":
        setting = await configuration16.read(csms, "WebSocketPingInterval")
        told = setting.value if setting is not None else None
    else:
        told = await variables201.read_optional(csms, Variable("OCPPCommCtrlr", "WebSocketPingInterval"))
    return float(told) if told is not None and told.isdecimal() else 0.0


@case("ROB_LINK_04")
async def test_pings(csms: Csms, station: Station, bench: Bench, step: Steps, survival: Survival) -> None:
    """One ping, and a storm of them."""
    within = station.pixit.message_timeout_s
    async with step.preamble("the station answers"):
        before = await survival.answers()
    async with step.test("a ping is returned", PONG):
        await _returned(csms, bench, before, 1, within)
    async with step.test("the last of many pings is returned", PONG):
        await _returned(csms, bench, before, STORM, within)
    async with step.test("it answers a request", survival.clause):
        await survival.answers()


async def _seen(pong: Awaitable[float]) -> None:
    with contextlib.suppress(WebSocketException):
        await pong


async def _returned(csms: Csms, bench: Bench, before: Seen, count: int, within: float) -> None:
    *_, last = [await csms.ping() for _ in range(count)]
    returned = asyncio.create_task(_seen(last))
    left_s = within
    while not returned.done() and left_s > 0:
        await bench.wait(min(1.0, left_s))
        left_s -= 1.0
    missing = returned.cancel()  # what is done cannot be cancelled
    csms.holds("last pings without a pong", float(missing), (before,), high=0)


@case("ROB_LINK_05")
async def test_idle_connection(
    csms: Csms, bench: Bench, step: Steps, survival: Survival, connections: Connections, ocpp: str
) -> None:
    """Pings and a request now and then, and nothing else."""
    async with step.preamble("the station answers"):
        before = await survival.answers()
    async with step.test("it answers a request every minute", survival.clause), bench.sampling(SELDOM_S):
        for number in range(45):
            if csms.connected:
                await csms.ping()
            await bench.wait(PING_S)
            if number % 3 == 2:
                await survival.answers()
    if ocpp != "1.6":
        async with step.test("the connection is still the same", KEPT):
            csms.holds("connections that ended", connections.ended(before), (before,), high=0)


@case("ROB_LINK_06")
async def test_within_reach(dialect: Dialect, bench: Bench, step: Steps, survival: Survival) -> None:
    """A link that died in the session would be found out before the session is over."""
    async with step.preamble("an EV charges"):
        await dialect.start_charging()
    for number in range(1, 5):
        async with step.test(f"it answers a request after {number * WATCHED_S:g} s", survival.clause):
            await bench.wait(WATCHED_S)
            await survival.answers()


@case("ROB_LINK_07")
async def test_fragments(csms: Csms, frames: RawFrames, step: Steps, survival: Survival, ocpp: str) -> None:
    """A proxy between CSMS and station may cut a message up, and pings may come between the pieces."""
    async with step.preamble("the station answers"):
        await survival.answers()
    for size in (1, 7, 40):
        async with step.test(f"it answers a request in fragments of {size} bytes", FRAGMENTS):
            sent = await frames.call_in_fragments(*ORDINARY[ocpp], size)
            await csms.reply_to(sent, error_ok=False)
    async with step.test("it answers a request in one piece", survival.clause):
        await survival.answers()
