"""Which instrument stands at a port: as the driver that is wired there needs it, or as the bench file says."""

from pathlib import Path

import pytest

from bench import registry
from bench.virtual.dialects import DIALECTS
from bench.virtual.world import WorldConfig
from fixtures.bench_files import read_bench
from harness.model.strict import ModelError
from harness.model.topology import load_topology

BENCH = """
name = "b"
[limits]
max_voltage_v = 300
max_current_a = 80
[virtual]
{virtual}
"""
ENTRY = (
    '[[instrument]]\nname = "{name}"\nroles = ["power_analyzer"]\ndriver = "{driver}"\naddress = "{address}"\n{more}\n'
)


def wired(*entries, virtual=""):
    text = BENCH.format(virtual=virtual)
    for name, driver, address, more in entries:
        text += ENTRY.format(name=name, driver=driver, address=address, more=more)
    return WorldConfig.of(load_topology(text, "b.toml"))


def at(name, driver, more="", scheme="TCPIP::127.0.0.1::{%s}::SOCKET"):
    return name, driver, scheme % name, more


def test_every_dialect_is_a_driver_and_every_driver_of_a_maker_has_a_dialect():
    spoken_by_bench_file = {"commanded", "keyed_process", "operator", "line_panel"}
    assert set(DIALECTS) == set(registry.drivers()) - spoken_by_bench_file


def test_a_port_is_as_its_driver_needs_it():
    config = wired(at("analyzer_1", "yokogawa_wt"))
    assert config.instruments["analyzer_1"].dialect == "yokogawa_wt"
    config = wired(
        at("meter_2", "modbus_meter", 'options = { meter = "abb_b23" }', "modbus+rtu-tcp://127.0.0.1:{%s}/1")
    )
    fitted = config.instruments["meter_2"]
    assert (fitted.meter, fitted.framing, fitted.evse) == ("abb_b23", "rtu", None)
    config = wired(at("strip", "http_pdu", 'options = { model = "gude", outlet = 3 }', "http://127.0.0.1:{%s}"))
    assert (config.instruments["strip"].model, config.instruments["strip"].outlet) == ("gude", 3)


def test_a_port_with_a_name_of_its_own_stands_where_its_instrument_is_wired():
    config = wired(at("dmm", "keithley_dmm6500", 'evses = [2]\nphases = [3]\noptions = { function = "ac_voltage" }'))
    fitted = config.instruments["dmm"]
    assert (fitted.evse, fitted.phase, fitted.at_pilot) == (2, 3, False)
    assert "dmm" in config.names()


def test_what_the_file_itself_says_stands():
    own = '[virtual.instruments.analyzer_1]\ndialect = "hioki_pw3390"\n'
    assert wired(at("analyzer_1", "yokogawa_wt"), virtual=own).instruments["analyzer_1"].dialect == "hioki_pw3390"
    own = '[virtual.instruments.meter_1]\ndialect = "modbus_meter"\nmeter = "janitza_umg"\n'
    meter = at("meter_1", "modbus_meter", 'options = { meter = "abb_b23" }', "modbus+rtu-tcp://127.0.0.1:{%s}/1")
    fitted = wired(meter, virtual=own).instruments["meter_1"]
    assert (fitted.meter, fitted.framing) == ("janitza_umg", "rtu")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ('dialect = "yokogava_wt"', "did you mean 'yokogawa_wt'?"),
        ('dialct = "yokogawa_wt"', "dialct: unknown key"),
        ('dialect = "yokogawa_wt"\nmeter = "abb_b23"', "yokogawa_wt has no meter"),
        ('dialect = "modbus_meter"\nmeter = "abb_b32"', "did you mean 'abb_b23'?"),
        ('dialect = "http_pdu"\nmodel = "gud"', "did you mean 'gude'?"),
        ('dialect = "zes_lmg600"\nevse = 3', "instruments.analyzer_1 is at EVSE 3 of 2"),
    ],
)
def test_what_does_not_exist_is_refused_with_its_cure(own, told):
    with pytest.raises(ModelError) as caught:
        wired(at("analyzer_1", "zes_lmg600"), virtual=f"[virtual.instruments.analyzer_1]\n{own}\n")
    assert told in str(caught.value)


def test_there_is_only_one_network():
    with pytest.raises(ModelError, match=r"instruments.network cannot be another one"):
        wired(at("analyzer_1", "zes_lmg600"), virtual='[virtual.instruments.network]\ndialect = "zes_lmg600"\n')


def test_options_that_do_not_fit_are_left_to_the_driver_to_tell():
    config = wired(at("meter_1", "modbus_meter", 'options = { meter = "abb" }', "modbus+tcp://127.0.0.1:{%s}/1"))
    assert config.instruments == {}


def test_the_virtual_benches_shipped_have_every_dialect():
    folder = Path(__file__).parents[3] / "bench" / "topologies"
    benches = [read_bench(path) for path in sorted(folder.glob("virtual*.toml"))]
    assert len(benches) == 4
    assert {fitted.dialect for bench in benches for fitted in WorldConfig.of(bench).instruments.values()} == set(
        DIALECTS
    )
