"""OCPP 1.6, reservation profile: a reserved connector is for who reserved it."""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, Seen
from fixtures.procedures16 import Procedures16
from fixtures.reservations16 import ANY_CONNECTOR, Reservations16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent, AnyMatcher, SameToken

RESERVED = "OCPP 1.6 4.9 A7; errata 3.19"
OTHERS = "OCPP 1.6 5.13: charging is refused to all tags but the reserving one"
ENDED = "OCPP 1.6 5.13: the transaction names the reservation that it ends"
CHARGING = "OCPP 1.6 4.9 B3; errata 3.19"


async def made(
    csms: Csms, step: Steps, reservations: Reservations16, connector: int | None = None, parent: str | None = None
) -> Seen:
    """The connector (or any) is reserved, and said to be; gives the status message."""
    async with step.test("the reservation is accepted", "OCPP 1.6 5.13"):
        reply = await reservations.reserve(connector, parent=parent)
        reply.has(status="Accepted")
    async with step.test("Reserved is reported", RESERVED):
        if connector == ANY_CONNECTOR:
            return await csms.eventually("StatusNotification", after=reply, status="Reserved")
        return await reservations.told("Reserved", after=reply)


async def charged(
    step: Steps,
    procedures: Procedures16,
    reservations: Reservations16,
    since: Seen,
    tag: str,
    *,
    reservation: AnyMatcher,
    why: str = ENDED,
) -> None:
    """What follows a cable and a tag that may charge. StartTransaction and Charging may be reversed (test case document, 1.2)."""
    async with step.test("a transaction starts with the tag", "OCPP 1.6 4.8, 6.45"):
        await reservations.charged(tag, reservation, since, why=why)
    async with step.test("Charging is reported", CHARGING):
        charging = await reservations.told("Charging", since=since)
    async with step.test("current flows on every phase", "OCPP 1.6 7.7: at Charging the EV is allowed to charge"):
        await procedures.energy_flows(after=charging)


@case("TC_046_1_CS")
async def test_reserved_connector_local_start(
    csms: Csms, bench: Bench, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """At a reserved connector another tag charges nothing, and the reserving tag is charged."""
    async with step.preamble("no tag is cached; every other connector is Unavailable"):
        await procedures.forget_tags()
        await reservations.only_this_connector()
    await made(csms, step, reservations)
    async with step.test("another tag charges nothing", OTHERS):
        await bench.reader.present(reservations.other_tag)
        await procedures.plug_in()
        await reservations.nobody_charges()
    async with step.preamble("that driver has left"):
        await procedures.unplug()
    async with step.test("the reserving tag is let in: Preparing is reported", "OCPP 1.6 5.13; 4.9 G2"):
        await procedures.present_token()
        preparing = await reservations.told("Preparing", within=2 * csms.message_timeout_s)  # Authorize may come before
    async with step.preamble("the cable is plugged in"):
        await procedures.plug_in()
    await charged(step, procedures, reservations, preparing, procedures.tag, reservation=reservations.own)


@case("TC_046_2_CS")
async def test_reserved_connector_remote_start(
    csms: Csms, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """At a reserved connector the reserving tag is charged by a remote start."""
    async with step.preamble("no tag is cached"):
        await procedures.forget_tags()
    await made(csms, step, reservations)
    async with step.preamble("the cable is plugged in"):
        await procedures.plug_in()
    # Reserved to Preparing, which follows, is over at once: a station whose statuses settle first leaves it out (4.9)
    start = await _started(step, reservations, procedures.tag)
    await charged(step, procedures, reservations, start, procedures.tag, reservation=reservations.own)


async def _started(step: Steps, reservations: Reservations16, tag: str) -> Seen:
    async with step.test("the station accepts the remote start", "OCPP 1.6 5.11, 5.13"):
        start = await reservations.remote_start(tag)
        return start.has(status="Accepted")


@case("TC_047_CS")
async def test_reservation_expires(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """A reservation that nobody uses ends at its expiryDate, and the connector is everybody's again."""
    lasts_s, slack_s = station.pixit.reservation_duration_s, station.pixit.max_time_deviation_s
    async with step.preamble("no tag is cached; every other connector is Unavailable"):
        await procedures.forget_tags()
        await reservations.only_this_connector()
    async with step.test("the reservation is accepted", "OCPP 1.6 5.13"):
        reply = await reservations.reserve(for_s=lasts_s)
        reply.has(status="Accepted")
        left_s = reservations.left_s(reply)
    async with step.test("Reserved is reported", RESERVED):
        await reservations.told("Reserved", after=reply)
    async with step.test("the connector stays reserved until the expiryDate", "OCPP 1.6 5.13"):
        await reservations.stays_reserved(reply, max(left_s - slack_s, 0.0))
    async with step.test("Available is reported once it has passed", "OCPP 1.6 5.13; 4.9 G1"):
        await reservations.told("Available", after=reply, within=left_s + slack_s + csms.message_timeout_s)
    await _free_for_all(step, procedures, reservations)


async def _free_for_all(step: Steps, procedures: Procedures16, reservations: Reservations16) -> None:
    """Another tag is charged now, and its transaction ends no reservation."""
    async with step.preamble("the cable is plugged in"):
        await procedures.plug_in()
        await reservations.told("Preparing")
    start = await _started(step, reservations, reservations.other_tag)
    why = "OCPP 1.6 4.8: no reservation ends with this transaction"
    await charged(step, procedures, reservations, start, reservations.other_tag, reservation=Absent(), why=why)


@case("TC_049_CS")
async def test_reserved_station(
    csms: Csms, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """The last connector of a reserved station is kept for the reserving tag, who is charged there."""
    async with step.preamble("no tag is cached; every other connector is Unavailable"):
        await procedures.forget_tags()
        await reservations.only_this_connector()
    await made(csms, step, reservations, ANY_CONNECTOR)
    async with step.test(
        "another tag charges nothing", "OCPP 1.6 5.13: one connector remains available to who reserved"
    ):
        await procedures.plug_in()
        await reservations.remote_start(reservations.other_tag)
        await reservations.nobody_charges()
    start = await _started(step, reservations, procedures.tag)
    await charged(step, procedures, reservations, start, procedures.tag, reservation=reservations.own)


@case("TC_051_CS")
async def test_reservation_cancelled(
    csms: Csms, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """A reservation that is cancelled leaves the connector to everybody."""
    async with step.preamble("no tag is cached; the connector is reserved"):
        await procedures.forget_tags()
        await reservations.reserved()
    async with step.test("the cancellation is accepted", "OCPP 1.6 5.1"):
        reply = await csms.call("CancelReservation", reservationId=reservations.id)
        reply.has(status="Accepted")
    async with step.test("Available is reported", "OCPP 1.6 5.1; 4.9 G1"):
        await reservations.told("Available", after=reply)
    await _free_for_all(step, procedures, reservations)


@case("TC_052_CS")
async def test_unknown_reservation_is_not_cancelled(
    csms: Csms, bench: Bench, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """Cancelling a reservation that is not there is rejected, and the one that is there stays."""
    async with step.preamble("no tag is cached; the connector is reserved"):
        await procedures.forget_tags()
        await reservations.reserved()
    async with step.test("the cancellation of another reservation is rejected", "OCPP 1.6 5.1"):
        reply = await csms.call("CancelReservation", reservationId=reservations.id + 1_000_000)
        reply.has(status="Rejected")
    async with step.test("the connector stays reserved", "OCPP 1.6 5.1: only the reservation that is named"):
        await reservations.stays_reserved(reply, csms.message_timeout_s)
    if not bench.has("ev_simulator"):
        bench.unobserved("no charging at a reserved connector", "ev_simulator")
        return
    async with step.test("another tag still charges nothing", OTHERS):
        await procedures.plug_in()
        await reservations.remote_start(reservations.other_tag)
        await reservations.nobody_charges()


@case("TC_053_1_CS")
async def test_reserved_for_a_group_local_start(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """Another tag of the reserving group is charged at the reserved connector."""
    tag, group = str(station.pixit.same_group_id_token), str(station.pixit.group_id_token)
    async with step.preamble("no tag is cached; every other connector is Unavailable"):
        await procedures.forget_tags()
        await reservations.only_this_connector()
        of_group(csms, tag, group)
    await made(csms, step, reservations, parent=group)
    async with step.test("the presented tag is authorized, and Preparing is reported", "OCPP 1.6 5.13; 4.9 G2"):
        await bench.reader.present(tag)
        await csms.eventually("Authorize", idTag=SameToken(tag), why="OCPP 1.6 5.13: the group of a tag is asked for")
        preparing = await reservations.told("Preparing", why="OCPP 1.6 4.9 G2; 5.13: the parent idTag matches")
    async with step.preamble("the cable is plugged in"):
        await procedures.plug_in()
    await charged(step, procedures, reservations, preparing, tag, reservation=reservations.own)


@case("TC_053_2_CS")
async def test_reserved_for_a_group_remote_start(
    csms: Csms, station: Station, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """A remote start at a reserved connector charges another tag of the reserving group, and none of another."""
    tag, group = str(station.pixit.same_group_id_token), str(station.pixit.group_id_token)
    async with step.preamble("no tag is cached; every other connector is Unavailable"):
        await procedures.forget_tags()
        await reservations.only_this_connector()
        of_group(csms, tag, group)
    reserved = await made(csms, step, reservations, parent=group)
    async with step.test("a tag of no group charges nothing", OTHERS):
        await procedures.plug_in()
        await reservations.remote_start(reservations.other_tag)
        await reservations.nobody_charges()
    start = await _started(step, reservations, tag)
    async with step.test("the tag is authorized", "OCPP 1.6 5.13: the group of a tag is asked for"):
        await csms.eventually("Authorize", since=reserved, idTag=SameToken(tag))  # also before the start is answered
    await charged(step, procedures, reservations, start, tag, reservation=reservations.own)


def of_group(csms: Csms, tag: str, group: str) -> None:
    """The CSMS tells the tag's group wherever it judges the tag."""
    info = {"status": "Accepted", "parentIdTag": group}
    for action in ("Authorize", "StartTransaction"):
        csms.reply_with(action, where={"idTag": SameToken(tag)}, idTagInfo=info)
