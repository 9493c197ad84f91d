"""A tag of digits cannot be written in other letters: what rests on that is not run, and says what would help."""

import pytest

from fixtures.detection_runs import run_cases
from fixtures.detection_stations import DEFAULT, station_file
from harness.verdict import Result


@pytest.mark.parametrize(("ocpp", "case"), [("1.6", "ROB_AUTH_01"), ("2.0.1", "ROB_TOKEN_02")])
def test_a_tag_of_digits_passes_nothing_by_being_the_same_in_other_letters(tmp_path, ocpp, case):
    file = tmp_path / "digits.toml"
    file.write_text(f'base = "{station_file(DEFAULT)}"\n[pixit]\nvalid_id_token = "04539201"\n')
    done = run_cases([case], ocpp=ocpp, station=file)
    assert done.record is not None, done.output
    (told,) = (one for one in done.record.cases if one.id == case)
    assert told.result is Result.NOT_RUN
    assert "'04539201' has no letters" in told.reason
    assert "Cure: set valid_id_token" in told.reason
