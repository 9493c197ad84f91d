"""Field defects that the committed score tells as killed are killed still: a fixed sample of every area, or all with --all-rows."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.virtual.faults.library import FIELD_DEFECTS
from fixtures.catalogue_files import DETECTION
from fixtures.detection import Wrong
from fixtures.detection_forks import default_jobs
from fixtures.detection_sample import Sample, first_of_each_case, killed_by_area, spread_over
from fixtures.detection_stations import DEFAULT
from fixtures.field_defect_runs import Outcome, run_defect
from fixtures.field_defect_score import score_of
from fixtures.field_defects import load_kills


@pytest.fixture(scope="module")
def defect_runs(request):
    mine = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    names = [item.callspec.params["killed"] for item in mine if "killed" in item.callspec.params]
    kills = load_kills(DETECTION)
    with ThreadPoolExecutor(max_workers=default_jobs()) as pool:
        try:
            yield {name: pool.submit(run_defect, FIELD_DEFECTS[name], kills[name]) for name in names}
        finally:
            pool.shutdown(cancel_futures=True)


def test_what_was_killed_is_killed(killed, defect_runs):
    outcome = defect_runs[killed].result()
    assert outcome.fate == "killed", f"{killed}: {outcome.fate}: {outcome.why}"
    assert outcome.lines or outcome.evidence, "a kill without evidence"


def test_the_sample_has_every_sixth_case_and_every_area_and_says_what_it_leaves_out():
    part, whole = Sample.of(everything=False), Sample.of(everything=True)
    cases = len({(row.case, row.ocpp) for row in whole.rows})
    assert len({(row.case, row.ocpp) for row in part.rows}) == -(-cases // 6)
    assert {row.ocpp for row in part.rows} == {row.ocpp for row in whole.rows}
    assert part.stations == ()
    assert whole.stations[0] == DEFAULT
    assert {FIELD_DEFECTS[name].area for name in part.defects} == {FIELD_DEFECTS[name].area for name in whole.defects}
    assert set(part.rows) < set(whole.rows)
    assert f"{len(part.rows)} of {len(whole.rows)} rows" in part.told()
    assert "`make faults` runs all" in part.told()
    assert "sample" not in whole.told()


@pytest.mark.parametrize(("count", "picked"), [(1, [0]), (10, [0]), (11, [0, 5]), (28, [0, 9, 18])])
def test_a_sample_is_spread(count, picked):
    assert list(spread_over([str(number) for number in range(count)])) == [str(number) for number in picked]


def test_the_sample_takes_what_is_killed_and_the_first_row_of_a_case():
    outcomes = [Outcome("FD-001", "killed"), Outcome("FD-002", "survived"), Outcome("FD-003", "killed")]
    score = score_of(outcomes, date="", plugproof="", jobs=1, seconds=0.0)
    assert killed_by_area(score, {"FD-001", "FD-002"}) == {"framing": ["FD-001"]}
    first = Wrong("TC_010_CS", "1.6", "dead", "a", "r")
    second = Wrong("TC_010_CS", "1.6", "dead", "b", "r")
    assert first_of_each_case([first, second]) == (first,)
