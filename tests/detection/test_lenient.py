"""Stations that are unusual and right pass: three runs, each of a station that does everything of its rows at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.virtual.stations.lenient import LENIENT
from fixtures.catalogue_files import DETECTION
from fixtures.detection import run_cases
from fixtures.leniency import by_run, cases_of, load_lenient

ALLOWED = load_lenient(DETECTION / "lenient.toml")
RUNS = by_run(ALLOWED)


def _start(pool, run):
    ocpp, _, station = run
    names = [row.name for row in RUNS[run]]
    cases = {case for row in RUNS[run] for case in row.concerned()}
    in_order = [case for case in cases_of(ocpp, station) if case in cases]
    return pool.submit(run_cases, in_order, ocpp=ocpp, faults=names, station=station)


@pytest.fixture(scope="module")
def lenient_runs(request):
    wanted = {item.callspec.params["run"] for item in request.session.items if "lenient_runs" in item.fixturenames}
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {run: _start(pool, run) for run in RUNS if run in wanted}


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_what_is_allowed_passes_without_a_finding(run, lenient_runs):
    done = lenient_runs[run].result()
    assert done.record is not None, done.output
    results = {case.id: (case.result.value, case.reason) for case in done.record.cases}
    assert results == dict.fromkeys(results, ("pass", "")), done.output
    assert results.keys() == {case for row in RUNS[run] for case in row.concerned()}
    assert done.record.findings == []
    assert done.exit_code == 0, done.output


def test_every_allowed_behaviour_is_run_once():
    assert sorted((row.name, row.ocpp) for row in ALLOWED) == sorted(
        (entry.name, ocpp) for entry in LENIENT.values() for ocpp in entry.ocpp
    )
