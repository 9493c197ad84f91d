import pytest

from harness.model.strict import ModelError
from harness.model.topology import load_topology
from harness.uncertainty import Accuracy

GOOD = """
name = "two sockets"
sample_interval_s = 0.5

[limits]
max_voltage_v = 253
max_current_a = 32

[virtual]
seed = 7

[[instrument]]
name = "meter_1"
roles = ["reference_meter"]
driver = "modbus_meter"
address = "modbus+tcp://127.0.0.1:{meter_1}/1"
sample = true
location = "outlet"
calibration_date = 2025-06-01
calibration_due = 2026-06-01
[instrument.uncertainty.energy]
of_reading_pct = 0.5
resolution = 1.0
[instrument.options]
registers = "eastron_sdm630"

[[instrument]]
name = "panel"
roles = ["id_reader", "panel"]
driver = "line_panel"
address = "tcp://127.0.0.1:{panel}"
evses = [1, 2]

[[safe_state]]
instrument = "panel"
verb = "press"
args = {button = "emergency_release"}

[[waiver]]
role = "ac_source"
reason = "no controllable supply in this lab"
"""


def refusal(text):
    with pytest.raises(ModelError) as caught:
        load_topology(text, "bench.toml")
    return str(caught.value)


def test_a_bench_file_becomes_a_topology():
    bench = load_topology(GOOD, "bench.toml")
    assert (bench.name, bench.source, bench.sample_interval_s) == ("two sockets", "bench.toml", 0.5)
    meter = bench.wired("reference_meter", 1)
    assert meter.uncertainty == {"energy": Accuracy(of_reading_pct=0.5, resolution=1.0)}
    assert meter.located({"meter_1": 1502}) == "modbus+tcp://127.0.0.1:1502/1"
    assert bench.wired("reference_meter", 2) is None
    assert bench.wired("panel", 2).name == "panel"
    assert bench.csms.port == 0
    with pytest.raises(KeyError, match="meter_1"):
        meter.located({})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sample_interval_s", "sample_intervall_s", "did you mean 'sample_interval_s'"),
        (
            "= 0.5\n\n[l",
            "= 0.5\nrecord_interval_s = 0.6\n[l",
            "record_interval_s = 0.6 is more than sample_interval_s = 0.5",
        ),
        ("= 0.5\n\n[l", "= 0\n\n[l", "sample_interval_s: 0.0 is out of range. Cure: give a value from 0.001"),
        (
            '"outlet"',
            '"outlett"',
            "instrument[1].location: 'outlett' is not one of the values. Cure: did you mean 'outlet'",
        ),
        ("uncertainty.energy", "uncertainty.enrgy", "instrument[1].uncertainty.enrgy: 'enrgy' is not one"),
        ('name = "panel"', 'name = "meter_1"', "two instruments are named 'meter_1'"),
        ('instrument = "panel"', 'instrument = "pannel"', "'pannel' is not wired. Cure: did you mean 'panel'"),
        ("2026-06-01", "2025-05-01", "calibration_due is not after calibration_date"),
        ("[virtual]\nseed = 7", "", "has the placeholder {meter_1}, and there is no [virtual] table"),
        ('"id_reader", "panel"', '"reference_meter"', "are both reference_meter of EVSE 1"),
        ('role = "ac_source"', 'role = "a"\ncase = "b"', "exactly one of case and role"),
        ('verb = "press"', 'verb = "press"\nreadback = "x"', "readback and expected belong together"),
        ("max_current_a = 32", "", "limits.max_current_a: missing"),
    ],
)
def test_a_wrong_bench_file_says_where_what_and_the_cure(old, new, told):
    assert old in GOOD
    assert told in refusal(GOOD.replace(old, new))


def test_options_take_what_the_run_fills_and_leave_patterns_alone():
    options = """registers = "eastron_sdm630"
log = "{run_directory}/x.log"
ways = [{ when = "^[0-9]{2}$", do = ["{csms_url}"] }]"""
    text = GOOD.replace('registers = "eastron_sdm630"', options)
    meter = load_topology(text, "bench.toml").instruments[0]
    assert meter.placeholders() == ("meter_1", "run_directory", "csms_url")
    filled = meter.filled_options({"run_directory": "/r", "csms_url": "ws://h:1"})
    assert filled["log"] == "/r/x.log"
    assert filled["ways"] == [{"when": "^[0-9]{2}$", "do": ["ws://h:1"]}]


def test_a_real_bench_may_name_what_every_run_fills_and_nothing_else():
    text = GOOD.replace("[virtual]\nseed = 7", "").replace("{meter_1}", "502").replace("{panel}", "{csms_port}")
    assert load_topology(text, "bench.toml").instruments[1].located({"csms_port": 9}) == "tcp://127.0.0.1:9"


SHARED = (
    GOOD.replace('driver = "modbus_meter"\n', 'driver = "modbus_meter"\nstations = ["CS-A"]\n')
    + """
[[instrument]]
name = "meter_b"
roles = ["reference_meter"]
driver = "modbus_meter"
address = "modbus+tcp://127.0.0.1:{meter_2}/1"
stations = ["CS-B"]
"""
)


def test_an_instrument_may_be_wired_to_some_of_the_stations_only():
    bench = load_topology(SHARED, "bench.toml")
    assert bench.wired("reference_meter", 1, "CS-A").name == "meter_1"
    assert bench.wired("reference_meter", 1, "CS-B").name == "meter_b"
    assert bench.wired("reference_meter", 1, "CS-C") is None
    assert bench.wired("panel", 2, "CS-C").name == "panel"


def test_two_of_one_role_at_one_evse_of_one_station_are_refused():
    told = refusal(SHARED.replace('["CS-B"]', '["CS-B", "CS-A"]'))
    assert "meter_1 and meter_b are both reference_meter of EVSE 1" in told
    assert "both reference_meter" in refusal(SHARED.replace('stations = ["CS-B"]\n', ""))


CABLE = """
[[cable]]
evses = [1]
length_m = 5.0
cross_section_mm2 = 6.0
accuracy_pct = 10.0
"""


def test_a_cable_belongs_to_its_evses():
    topology = load_topology(GOOD + CABLE, "bench.toml")
    assert topology.cable(1) == topology.cables[0]
    assert topology.cable(2) is None


def test_two_cables_at_one_evse_are_refused():
    with pytest.raises(ModelError, match=r"two cables are described for EVSE 1. Cure: leave one"):
        load_topology(GOOD + CABLE + CABLE, "bench.toml")
