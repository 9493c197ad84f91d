"""A station with a password and without the security extension, as OCPP-J has it (6.2.2), is asked for nothing that only the extension brings."""

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import station_file

PLAIN = """
base = "{base}"
identity = "PP-PLAIN"
ocpp = ["1.6"]
security_profile = 1
password = "Plugproof-plain-1"

[pixit]
cpo_name = "Plugproof Charging"
"""
PASS = ("TC_085_CS", "TC_044_1_CS", "HIL_REGISTER_04")
OF_THE_EXTENSION = ("TC_073_CS", "TC_079_CS", "TC_083_CS")


def test_it_is_judged_without_the_extension(tmp_path):
    file = tmp_path / "plain.toml"
    file.write_text(PLAIN.format(base=station_file("virtual")), encoding="utf-8")
    folder = station_file("virtual").parent / "firmware"
    (tmp_path / "firmware").symlink_to(folder)
    done = run_cases((*PASS, *OF_THE_EXTENSION), station=file)
    assert done.record is not None, done.output
    results = {case.id: case.result.value for case in done.record.cases}
    assert results == dict.fromkeys(PASS, "pass") | dict.fromkeys(OF_THE_EXTENSION, "not applicable")
    assert done.record.findings == []
