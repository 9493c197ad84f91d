"""The 1.6 station built into the plant that the virtual bench uses."""

import asyncio

import pytest
from rig16 import station_on

from bench.virtual.plant.plant import Plant

STATUSES = "StatusNotification"


@pytest.fixture
def built_in(sim):
    """Runs `body(plant, csms)` with a booted station on a plant."""

    def run(body, faults=()):
        async def main():
            plant = Plant(asyncio.get_running_loop())
            async with station_on(plant, faults) as csms:
                await body(plant, csms)

        sim(main)

    return run


async def charge(plant, csms, connector=1):
    plant.evse(connector).plug_in()
    plant.evse(connector).connect_ev_side(connected=True)
    plant.evse(connector).request_energy(on=True)
    await csms.wait(STATUSES, connectorId=connector, status="Preparing")
    await csms.call("RemoteStartTransaction", idTag="T", connectorId=connector)
    await csms.wait(STATUSES, connectorId=connector, status="Charging")
    await asyncio.sleep(10)
    return len(csms.messages)


@pytest.mark.parametrize("polite", [True, False])
def test_a_session_from_plug_to_unplug(built_in, polite):
    async def body(plant, csms):
        evse = plant.evse(1)
        evse.set_polite(polite=polite)
        after = await charge(plant, csms)
        assert min(evse.current_a()) > 10
        await asyncio.sleep(600)
        await csms.call("RemoteStopTransaction", transactionId=101)
        _, stop = await csms.wait("StopTransaction", within_s=10)
        (start,) = csms.seen("StartTransaction")
        assert max(evse.current_a()) == 0
        await asyncio.sleep(2)
        assert not evse.locked()
        assert stop["meterStop"] == int(evse.read_meter().energy_wh)
        assert stop["meterStop"] - start["meterStart"] > 1000
        await csms.wait(STATUSES, after=after, connectorId=1, status="Finishing")
        evse.unplug()
        await csms.wait(STATUSES, after=after, connectorId=1, status="Available")
        seen = [p["status"] for p in csms.seen(STATUSES, connectorId=1)]
        assert seen == ["Available", "Preparing", "Charging", "Finishing", "Available"]

    built_in(body)


def test_a_profile_shows_on_every_phase(built_in):
    async def body(plant, csms):
        await charge(plant, csms)
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}]}
        profile = {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": schedule,
        }
        await csms.call("SetChargingProfile", connectorId=1, csChargingProfiles=profile)
        await asyncio.sleep(15)
        assert max(plant.evse(1).current_a()) <= 8.0
        assert min(plant.evse(1).current_a()) > 7.0

    built_in(body)


def test_mains_loss_is_power_loss_and_the_register_survives(built_in):
    async def body(plant, csms):
        after = await charge(plant, csms)
        plant.set_mains_cut(cut=True)
        await asyncio.sleep(5)
        assert max(plant.evse(1).current_a()) == 0
        plant.set_mains_cut(cut=False)
        _, stop = await csms.wait("StopTransaction", after=after)
        assert stop["reason"] == "PowerLoss"
        assert stop["meterStop"] == int(plant.evse(1).read_meter().energy_wh)
        await asyncio.sleep(60)
        assert max(plant.evse(1).current_a()) == 0

    built_in(body)


def test_an_ev_side_disconnect_ends_in_finishing_until_the_plug_is_out(built_in):
    async def body(plant, csms):
        after = await charge(plant, csms)
        plant.evse(1).connect_ev_side(connected=False)
        await csms.wait("StopTransaction", reason="EVDisconnected")
        await csms.wait(STATUSES, after=after, connectorId=1, status="Finishing")
        plant.evse(1).unplug()
        await csms.wait(STATUSES, after=after, connectorId=1, status="Available", within_s=5)

    built_in(body)
