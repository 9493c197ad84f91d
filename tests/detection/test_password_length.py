"""A password of a length that OCPP does not allow: no fault of a virtual station makes one, as the CSMS lets in only what the station file says."""

import json

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import station_file

STEP = "the password is of 16 to 20 bytes, 40 hexadecimal digits at most"


def judged(folder, base, case, octets):
    file = folder / "station.toml"
    file.write_text(f'base = {json.dumps(str(station_file(base)))}\npassword = "{"p" * octets}"\n')
    run = run_cases([case], ocpp="1.6", station=file)
    assert run.record is not None, run.output
    (found,) = run.record.cases
    failed = [
        (step.title, check.requirement) for step in found.steps for check in step.checks if check.verdict == "fail"
    ]
    return found.result.value, failed


@pytest.mark.parametrize("octets", [15, 21])
@pytest.mark.parametrize(
    ("base", "case", "requirement"),
    [
        ("virtual-secure1", "TC_085_CS", "A00.FR.205"),
        ("virtual-secure2", "TC_085_CS", "A00.FR.304"),
        ("virtual-secure2", "TC_086_CS", "A00.FR.304"),
    ],
)
def test_a_password_too_short_or_too_long_is_failed_for_its_length(tmp_path, base, case, requirement, octets):
    assert judged(tmp_path, base, case, octets) == ("fail", [(STEP, requirement)])


@pytest.mark.parametrize("octets", [16, 20])
def test_a_password_of_an_allowed_length_passes(tmp_path, octets):
    assert judged(tmp_path, "virtual-secure1", "TC_085_CS", octets) == ("pass", [])
