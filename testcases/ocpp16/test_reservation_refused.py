"""OCPP 1.6, reservation profile: why a reservation is not made, and that it is not made then.

Where a case is about a connector, it tries afterwards with the connector under test alone: the others stay as they are, so that a
reservation of any connector would have to show at this one.
"""

from fixtures.bench_facade import Bench
from fixtures.cases import case
from fixtures.csms.facade import Csms, message
from fixtures.procedures16 import Procedures16
from fixtures.reservations16 import ANY_CONNECTOR, Reservations16
from fixtures.steps import Steps
from harness.model.station import Station
from harness.oracle.matchers import Absent

NOT_MADE = "OCPP 1.6 7.40: the reservation has not been made"


async def _refused(step: Steps, reservations: Reservations16, status: str, connector: int | None = None) -> None:
    async with step.test(f"the reservation is answered {status}", f"OCPP 1.6 5.13, 7.40: {status}"):
        reply = await reservations.reserve(connector)
        reply.has(status=status)


async def _faulted(csms: Csms, station: Station, bench: Bench, procedures: Procedures16, evses: list[int]) -> None:
    """Reusable states SetConnectorFaulted and SetChargePointFaulted (tables 106, 107)."""
    for evse in evses:
        await bench.faults_at(evse).inject(station.pixit.fault_condition, evse=evse)
    numbers = [procedures.connector_id] if evses == [bench.evse] else [n for n in procedures.connector_ids if n > 0]
    await csms.all_of(*(message("StatusNotification", connectorId=number, status="Faulted") for number in numbers))


async def _free_of_fault(bench: Bench, step: Steps, reservations: Reservations16) -> None:
    async with step.test("without the fault the connector is not reserved", NOT_MADE):
        await bench.faults.clear(evse=bench.evse)
        await reservations.none_told()


@case("TC_048_1_CS")
async def test_faulted_connector(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """A Faulted connector cannot be reserved."""
    async with step.preamble("the connector is Faulted"):
        await _faulted(csms, station, bench, procedures, [bench.evse])
    await _refused(step, reservations, "Faulted")
    await _free_of_fault(bench, step, reservations)


@case("TC_048_2_CS")
async def test_occupied_connector(step: Steps, procedures: Procedures16, reservations: Reservations16) -> None:
    """An occupied connector cannot be reserved, and who occupies it is charged."""
    async with step.preamble("no tag is cached; the cable is plugged in"):
        await procedures.forget_tags()
        await procedures.reach("SetConnectorOccupied")
    await _refused(step, reservations, "Occupied")
    async with step.test("another tag than the refused one is charged there", f"{NOT_MADE}; 5.11"):
        start = await reservations.remote_start(reservations.other_tag)
        start.has(status="Accepted")
        await reservations.charged(reservations.other_tag, Absent(), start)
        await procedures.energy_flows(after=start)


@case("TC_048_3_CS")
async def test_unavailable_connector(step: Steps, procedures: Procedures16, reservations: Reservations16) -> None:
    """An Unavailable connector cannot be reserved."""
    async with step.preamble("the connector is Unavailable"):
        await reservations.set_available(procedures.connector_id, "Inoperative")
        await reservations.told("Unavailable")
    await _refused(step, reservations, "Unavailable")
    await _operative_again(step, procedures, reservations)


async def _operative_again(step: Steps, procedures: Procedures16, reservations: Reservations16) -> None:
    async with step.test("operative again, the connector is not reserved", NOT_MADE):
        await reservations.set_available(procedures.connector_id, "Operative")
        await reservations.none_told()


@case("TC_048_4_CS")
async def test_no_reservations(step: Steps, reservations: Reservations16) -> None:
    """A station without the reservation profile rejects the reservation of a connector."""
    await _refused(step, reservations, "Rejected")


@case("TC_050_1_CS")
async def test_faulted_station(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """A Faulted station cannot be reserved."""
    async with step.preamble("every connector is Faulted"):
        await _faulted(csms, station, bench, procedures, [evse.id for evse in station.evse])
    await _refused(step, reservations, "Faulted", ANY_CONNECTOR)
    await _free_of_fault(bench, step, reservations)


@case("TC_050_2_CS")
async def test_occupied_station(
    csms: Csms, station: Station, bench: Bench, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """A station whose connectors are all occupied cannot be reserved."""
    async with step.preamble("a cable is plugged in at every EVSE"):
        for evse in station.evse:
            await bench.ev_at(evse.id).plug_in()
        numbers = [number for number in procedures.connector_ids if number != ANY_CONNECTOR]
        await csms.all_of(*(message("StatusNotification", connectorId=n, status="Preparing") for n in numbers))
    await _refused(step, reservations, "Occupied", ANY_CONNECTOR)
    async with step.test("the connector that comes free is not reserved", NOT_MADE):
        await procedures.unplug()
        await reservations.none_told()


@case("TC_050_3_CS")
async def test_unavailable_station(
    csms: Csms, step: Steps, procedures: Procedures16, reservations: Reservations16
) -> None:
    """An Unavailable station cannot be reserved."""
    async with step.preamble("the station and every connector are Unavailable"):
        await reservations.set_available(ANY_CONNECTOR, "Inoperative")
        reports = (message("StatusNotification", connectorId=n, status="Unavailable") for n in procedures.connector_ids)
        await csms.all_of(*reports)
    await _refused(step, reservations, "Unavailable", ANY_CONNECTOR)
    await _operative_again(step, procedures, reservations)


@case("TC_050_4_CS")
async def test_no_reservations_of_any_connector(step: Steps, reservations: Reservations16) -> None:
    """A station without the reservation profile rejects the reservation of any connector."""
    await _refused(step, reservations, "Rejected", ANY_CONNECTOR)
