from dataclasses import replace
from pathlib import Path

from fixtures.station_files import read_station
from harness.facts.declared import declared_by
from harness.facts.identity import identities
from harness.trace.events import Frame
from harness.trace.trace import Trace

STATION = read_station(Path(__file__).parents[3] / "fixtures" / "stations" / "virtual.toml")


def booted(trace, payload, ocpp="1.6", station="PP-VIRTUAL"):
    event = Frame(
        connection=1, station=station, ocpp=ocpp, direction="in", frame="call", action="BootNotification", raw="x"
    )
    trace.append(event, 0.0, "", payload)


def test_what_a_station_tells_stands_beside_what_its_file_says():
    trace = Trace()
    told = {"chargePointVendor": STATION.vendor, "chargePointModel": "Other", "firmwareVersion": "1.0.0"}
    booted(trace, told)
    booted(trace, told)
    booted(trace, told | {"firmwareVersion": "1.1.0"})
    (one,) = identities(trace.records, [replace(STATION, firmware="1.0.0")])
    assert one.filed["model"] == STATION.model
    assert one.told == {"vendor": [STATION.vendor], "model": ["Other"], "firmware": ["1.0.0", "1.1.0"]}
    assert one.differs == ["model"]
    assert one.evidence == [0, 2]


def test_201_tells_the_same_in_an_object_of_its_own():
    trace = Trace()
    station = {"vendorName": "V", "model": "M", "serialNumber": "S", "firmwareVersion": "F"}
    booted(trace, {"chargingStation": station, "reason": "PowerUp"}, ocpp="2.0.1", station="NOBODY")
    (one,) = identities(trace.records, [])
    assert one.told == {"vendor": ["V"], "model": ["M"], "serial": ["S"], "firmware": ["F"]}
    assert (one.filed, one.differs) == ({}, [])


def test_a_station_that_never_booted_has_only_its_file():
    (one,) = identities([], [STATION])
    assert (one.station, one.ocpp, one.told, one.differs) == (STATION.identity, "", {}, [])


def test_broken_boots_tell_nothing():
    trace = Trace()
    booted(trace, [])
    booted(trace, {"chargePointVendor": 7, "chargingStation": "x"})
    assert [one.told for one in identities(trace.records, [])] == [{}]


def test_declarations_tell_answers_items_and_which_are_our_own_figures():
    (one,) = declared_by([STATION])
    assert one.pics == {item: list(a) if isinstance(a, tuple) else a for item, a in STATION.pics.answers.items()}
    assert one.pixit["valid_id_token"] == STATION.pixit.valid_id_token
    assert "message_timeout_s" in one.pixit
    assert "valid_id_token" not in one.defaults
    assert set(one.defaults) < set(one.pixit)
    assert "max_time_deviation_s" in one.defaults
