"""A station that comes with authorization switched off (AuthCtrlr.Enabled) lets anybody charge, rightly: what demands it switches it on."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import DEFAULT, station_file

DEMANDING = (
    "HIL_AUTH_01",
    "HIL_AUTH_02",
    "HIL_RESET_01",
    "HIL_POWER_01",
    "HIL_STOP_03",
    "HIL_EDGE_06",
    "ROB_POWER_01",
    "ROB_POWER_03",
    "ROB_POWER_04",
)


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory):
    file = tmp_path_factory.mktemp("stations") / "open.toml"
    variables = '[virtual]\nvariables = { "AuthCtrlr.Enabled" = "false" }\n'
    file.write_text(f'base = "{station_file(DEFAULT)}"\nocpp = ["2.0.1"]\n{variables}')
    return file


def test_a_station_that_lets_anybody_charge_passes_where_authorization_is_demanded(open_to_all):
    done = run_cases(DEMANDING, ocpp="2.0.1", station=open_to_all)
    assert done.record is not None, done.output
    assert {
        case.id: (case.result.value, case.reason) for case in done.record.cases if case.id in DEMANDING
    } == dict.fromkeys(DEMANDING, ("pass", ""))
    assert done.record.findings == []
