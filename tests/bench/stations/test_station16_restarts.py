import asyncio

import pytest
from rig16 import station_on

from bench.virtual.plant.plant import Plant, PlantConfig

STATUSES = "StatusNotification"
BACKUP_S = 20.0


def order(rig, after, *actions):
    """The actions named, in the order in which they came, each once."""
    return list(dict.fromkeys(action for _, action, _ in rig.csms.messages[after:] if action in actions))


@pytest.mark.parametrize("kind", ["Soft", "Hard"])
@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("", ["StopTransaction", "BootNotification"]),
        ("{kind}_reset_stops_afterwards", ["BootNotification", "StopTransaction"]),
    ],
)
def test_when_the_end_of_a_transaction_is_told_around_a_reset(rig16, kind, switch, expected):
    async def body(rig):
        after, number = await rig.charge()
        assert await rig.csms.call("Reset", type=kind) == [{"status": "Accepted"}]
        _, stop = await rig.csms.wait("StopTransaction", after=after)
        assert (stop["transactionId"], stop["reason"]) == (number, f"{kind}Reset")
        boot, _ = await rig.csms.wait("BootNotification", after=after)
        await rig.csms.wait(STATUSES, after=boot, connectorId=1)
        assert order(rig, after, "StopTransaction", "BootNotification") == expected

    rig16(body, faults=[switch.format(kind=kind.lower())] if switch else [])


def test_a_soft_reset_without_a_boot(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        await rig.csms.call("Reset", type="Soft")
        await rig.csms.wait("StopTransaction", after=after, reason="SoftReset")
        await asyncio.sleep(60)
        assert rig.csms.seen("BootNotification", after=after) == []

    rig16(body, faults=["soft_reset_without_boot"])


def test_a_reset_that_is_rejected(rig16):
    async def body(rig):
        assert await rig.csms.call("Reset", type="Hard") == [{"status": "Rejected"}]

    rig16(body, faults=["reset_rejected"])


@pytest.mark.parametrize(
    ("faults", "status", "energised"),
    [
        ([], "Preparing", False),
        (["available_after_boot_with_cable"], "Available", False),
        (["supplies_after_start"], "Preparing", True),
    ],
)
def test_a_start_with_a_cable_in(rig16, faults, status, energised):
    async def body(rig):
        after, _ = await rig.charge()
        await rig.csms.call("Reset", type="Hard")
        boot, _ = await rig.csms.wait("BootNotification", after=after)
        _, told = await rig.csms.wait(STATUSES, after=boot, connectorId=1)
        await asyncio.sleep(10)
        assert told["status"] == status
        assert rig.hardware[1].closed == energised

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "connectors"), [([], [0, 1, 2]), (["station_availability_not_passed_on"], [0])])
def test_what_connector_zero_takes_out_of_service(rig16, faults, connectors):
    async def body(rig):
        assert await rig.csms.call("ChangeAvailability", connectorId=0, type="Inoperative") == [{"status": "Accepted"}]
        await asyncio.sleep(5)
        gone = rig.csms.seen(STATUSES, status="Unavailable")
        assert sorted(message["connectorId"] for message in gone) == connectors

    rig16(body, faults=faults)


@pytest.mark.parametrize("faults", [[], ["interrupted_transaction_forgotten"], ["resumes_after_power_loss"]])
def test_a_transaction_that_a_loss_of_supply_interrupts(rig16, faults):
    async def body(rig):
        after, number = await rig.charge()
        rig.hardware.switch_mains(False)
        await asyncio.sleep(10)
        rig.hardware.switch_mains(True)
        await rig.csms.wait("BootNotification", after=after)
        await asyncio.sleep(30)
        told = rig.csms.seen("StopTransaction", after=after)
        assert [(stop["transactionId"], stop["reason"]) for stop in told] == ([] if faults else [(number, "PowerLoss")])
        assert rig.hardware[1].closed == (faults == ["resumes_after_power_loss"])

    rig16(body, faults=faults)


def test_a_soft_reset_that_ends_nothing(rig16):
    async def body(rig):
        after, _ = await rig.charge()
        await rig.csms.call("Reset", type="Soft")
        await rig.csms.wait("StopTransaction", after=after, reason="SoftReset")
        await asyncio.sleep(60)
        assert rig.hardware[1].closed
        assert rig.csms.seen("BootNotification", after=after) == []

    rig16(body, faults=["soft_reset_keeps_energy"])


@pytest.mark.parametrize(
    ("faults", "answers"),
    [
        (["availability_rejected"], ["Rejected", "Rejected"]),
        (["operative_rejected"], ["Accepted", "Rejected"]),
    ],
)
def test_changes_of_availability_that_are_rejected(rig16, faults, answers):
    async def body(rig):
        for kind, answer in zip(("Inoperative", "Operative"), answers, strict=True):
            assert await rig.csms.call("ChangeAvailability", connectorId=1, type=kind) == [{"status": answer}]

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "boots"), [([], 1), (["no_boot_after_power_loss"], 0)])
def test_a_restart_that_is_not_told(rig16, faults, boots):
    async def body(rig):
        after = len(rig.csms.messages)
        rig.hardware.switch_mains(False)
        await asyncio.sleep(5)
        rig.hardware.switch_mains(True)
        for connector in (0, 1, 2):
            await rig.csms.wait(STATUSES, after=after, connectorId=connector)
        assert len(rig.csms.seen("BootNotification", after=after)) == boots

    rig16(body, faults=faults)


@pytest.mark.parametrize(("faults", "connections"), [([], 2), (["stays_away"], 1)])
def test_a_connection_that_ended(rig16, faults, connections):
    async def body(rig):
        rig.csms.cut()
        await asyncio.sleep(600)
        assert rig.csms.connections == connections

    rig16(body, faults=faults)


@pytest.fixture
def backed_up(sim):
    """Runs `body(plant, csms)` with a charging station on a plant, with a back-up supply; its transaction is number 101."""

    def run(body, faults=()):
        async def main():
            plant = Plant(asyncio.get_running_loop(), PlantConfig(hold_up_s=BACKUP_S))
            async with station_on(plant, faults, backup_supply_s=BACKUP_S) as csms:
                plant.evse(1).plug_in()
                plant.evse(1).request_energy(on=True)
                await csms.wait(STATUSES, connectorId=1, status="Preparing")
                await csms.call("RemoteStartTransaction", idTag="T", connectorId=1)
                await csms.wait(STATUSES, connectorId=1, status="Charging")
                await asyncio.sleep(10)
                await body(plant, csms)

        sim(main)

    return run


@pytest.mark.parametrize("faults", [[], ["backup_supply_unused"]])
def test_a_backup_supply_ends_the_transaction_before_the_station_goes_down(backed_up, faults):
    async def body(plant, csms):
        after = len(csms.messages)
        plant.set_output(on=False)
        await asyncio.sleep(BACKUP_S - 1)
        told = csms.seen("StopTransaction", after=after)
        assert [stop["reason"] for stop in told] == ([] if faults else ["PowerLoss"])
        plant.present_token(0, "T2")  # nothing begins without mains
        await asyncio.sleep(30)
        plant.set_output(on=True)
        await csms.wait("BootNotification", after=after)
        await asyncio.sleep(10)
        told = csms.seen("StopTransaction", after=after)
        assert [(stop["transactionId"], stop["reason"]) for stop in told] == [(101, "PowerLoss")]
        assert len(csms.seen("StartTransaction")) == 1

    backed_up(body, faults)


def test_mains_that_comes_back_in_time_needs_no_boot(backed_up):
    async def body(plant, csms):
        after = len(csms.messages)
        plant.set_output(on=False)
        await asyncio.sleep(2)
        plant.set_output(on=True)
        await asyncio.sleep(60)
        assert len(csms.seen("StopTransaction", after=after, reason="PowerLoss")) == 1
        assert csms.seen("BootNotification", after=after) == []

    backed_up(body)
