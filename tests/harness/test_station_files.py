from pathlib import Path

import pytest

from harness.model.station import load_station
from harness.selection import Applicability, select

STATIONS = Path(__file__).parents[2] / "fixtures" / "stations"


def load(name):
    return load_station((STATIONS / name).read_text(encoding="utf-8"), name)


def test_the_virtual_station():
    station = load("virtual.toml")
    assert station.identity == "PP-VIRTUAL"
    assert station.ocpp == ("1.6", "2.0.1")
    assert [evse.id for evse in station.evse] == [1, 2]
    for evse in station.evse:
        assert (evse.rated_current_a, evse.phases) == (32.0, 3)
        assert [(c.type, c.fixed_cable, c.lock) for c in evse.connectors] == [("sType2", False, True)]
        assert (evse.meter.energy_class, evse.meter.mpe_percent) == ("MID-B", 2.0)
    tokens = (station.pixit.valid_id_token, station.pixit.second_id_token, station.pixit.invalid_id_token)
    assert tokens == ("PP-TAG-0001", "PP-TAG-0002", "PP-TAG-BAD1")
    assert station.pixit.basis("profile_applied_within_s").adopted
    assert station.pixit.basis("stop_to_noise_floor_s").adopted


@pytest.mark.parametrize(
    "condition",
    [
        "(C-30 or C-31 or C-32) and not AQ-2",
        "not AQ-2 and (C-30 or C-31 or C-32 or C-33 or C-34 or C-35 or PROFILE-ISO15118)",
        "not AQ-2 and (C-36 or C-37 or C-38 or C-39)",
        "not HFS-2 and 1.6-StopTransactionOnEVSideDisconnect",
        "1.6-RemoteTrigger",
        "1.6-SmartCharging",
        "PROFILE-SmartCharging and SC-2.1",
        "1.6-LocalIdentification",
        "C-01",
    ],
)
def test_the_virtual_station_answers_what_the_first_cases_ask(condition):
    assert select(condition, load("virtual.toml").pics).outcome is Applicability.APPLICABLE


def test_the_example_for_a_lab_is_valid_and_keeps_its_password_outside():
    station = load("lab-example.toml")
    assert station.resolve_password({"STATION_PASSWORD": "x"}) == "x"
    assert not station.pixit.basis("profile_applied_within_s").adopted
    assert select("C-49", station.pics).unanswered == ("C-49",)
