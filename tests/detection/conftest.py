"""All runs of a module: one a core at a time, started as soon as its first test needs one, each shared by all that look at it."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from fixtures.catalogue_files import DETECTION, catalogue
from fixtures.detection import group_of, grouped, load_rows, run_group
from fixtures.detection_forks import default_jobs
from fixtures.detection_runs import run_cases
from fixtures.detection_sample import Sample
from fixtures.detection_stations import DEFAULT, applies, station, station_names
from fixtures.leniency import by_run, cases_of, load_lenient
from tests.detection.tightening import Tried

ROWS = load_rows([DETECTION])
ALLOWED = load_lenient(DETECTION / "lenient.toml")
ALLOWED_RUNS = by_run(ALLOWED)
VERSIONS = {ocpp for name in station_names() for ocpp in station(name).ocpp}
CASES = [(entry.id, ocpp) for entry in catalogue().values() for ocpp in entry.ocpp if ocpp in VERSIONS]
DOUBLED = tuple(
    dict.fromkeys([*((version, DEFAULT) for version in station(DEFAULT).ocpp), *((r.ocpp, r.station) for r in ROWS)])
)
"""Versions and stations on which a double must pass nothing."""


class Runs:
    """Futures of every run that the selected tests need, the longest first."""

    def __init__(self, pool, rows, doubles, good, allowed):
        self._good = {name: pool.submit(_run_good, name) for name in good}
        self._doubles = {key: pool.submit(_run_double, *key) for key in doubles}
        self._allowed = {key: pool.submit(_run_allowed, *key) for key in allowed}
        self._groups = {key: pool.submit(run_group, members) for key, members in grouped(rows).items()}

    def good(self, name):
        return self._good[name].result()

    def double(self, ocpp, name, double):
        return self._doubles[ocpp, name, double].result()

    def allowed(self, run):
        return self._allowed[run].result()

    def outcome(self, row):
        return next(o for o in self._groups[group_of(row)].result() if o.row == row)


def _run_good(name):
    """All cases on the default station. On another one those that are there for its sake, and those of the compliance testing tool, but for
    a station that is late by law: what is not told to override that finds it late.
    """
    if name == DEFAULT:
        return run_cases(station=name)
    for_its_sake = {row.case for row in ROWS if row.station == name}
    late = station(name).pics.answers.get("GB-RandomDelay") is True
    spoken = set(station(name).ocpp)
    others = [
        entry.id
        for entry in catalogue().values()
        if not late
        and not entry.id.startswith(("HIL_", "ROB_"))
        and spoken & set(entry.ocpp)
        and applies(entry.id, name)
    ]
    return run_cases(tuple(dict.fromkeys([*sorted(for_its_sake), *others])), station=name)


def _run_double(ocpp, name, double):
    """All cases on the default station; on any other those that are there for its sake."""
    rows = [] if name == DEFAULT else [row for row in ROWS if (row.ocpp, row.station) == (ocpp, name)]
    cases = tuple(dict.fromkeys(row.case for row in rows))
    return run_cases(cases, ocpp=ocpp, faults=(double,), station=name)


def _run_allowed(ocpp, run, name):
    """A station that does everything of the run's rows at once."""
    rows = ALLOWED_RUNS[ocpp, run, name]
    concerned = {case for row in rows for case in row.concerned()}
    cases = [case for case in cases_of(ocpp, name) if case in concerned]
    return run_cases(cases, ocpp=ocpp, faults=[row.name for row in rows], station=name)


def pytest_ignore_collect(collection_path, config):
    """The good runs are the conformance run again: only where everything is asked for."""
    repeated = collection_path.name == "test_good_stations.py" and not config.getoption("--all-rows")
    return True if repeated else None


@cache
def _sample(config):
    return Sample.of(everything=config.getoption("--all-rows"))


def _cases(sample):
    """Every case on every station of the sample that has a row for it."""
    rows = [(row.case, row.ocpp, row.station) for row in ROWS if row.station in sample.stations]
    usual = [(case, ocpp, DEFAULT) for case, ocpp in CASES if ocpp in station(DEFAULT).ocpp and applies(case, DEFAULT)]
    return tuple(dict.fromkeys([*usual, *rows]))


def pytest_generate_tests(metafunc):
    if "row" in metafunc.fixturenames:
        rows = _sample(metafunc.config).rows
        ids = [f"{row.case}-{row.ocpp}-{row.fault}{row.place}" for row in rows]
        metafunc.parametrize("row", rows, ids=ids)
    if "good_case" in metafunc.fixturenames:
        metafunc.parametrize("good_case", _cases(_sample(metafunc.config)), ids="-".join)
    if "killed" in metafunc.fixturenames:
        metafunc.parametrize("killed", _sample(metafunc.config).defects)
    if "station_name" in metafunc.fixturenames:
        metafunc.parametrize("station_name", _sample(metafunc.config).stations)
    if "run" in metafunc.fixturenames:
        metafunc.parametrize("run", ALLOWED_RUNS, ids="-".join)
    if "doubled" in metafunc.fixturenames:
        metafunc.parametrize("doubled", DOUBLED, ids="-".join)


@pytest.fixture(scope="session")
def detection_rows():
    return ROWS


@pytest.fixture(scope="session")
def all_cases():
    return CASES


@pytest.fixture(scope="session")
def allowed_rows():
    return ALLOWED


@pytest.fixture(scope="session")
def doubled_stations():
    return DOUBLED


@pytest.fixture(scope="module")
def detection_runs(request):
    mine = [item for item in request.session.items if item.path == request.path]
    selected = [item for item in mine if "detection_runs" in getattr(item, "fixturenames", ())]
    params = [item.callspec.params for item in selected]
    rows = [param["row"] for param in params if "row" in param]
    doubles = {(*param["doubled"], param["double"]) for param in params if "doubled" in param}
    good = {param["good_case"][2] for param in params if "good_case" in param}
    good |= {param["station_name"] for param in params if "station_name" in param}
    allowed = [param["run"] for param in params if "run" in param]
    with ThreadPoolExecutor(max_workers=default_jobs()) as pool:
        try:
            yield Runs(pool, rows, doubles, good, allowed)
        finally:
            pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def tried(request, tmp_path_factory):
    """The runs that the file names in RUNS."""
    return Tried(request.module.RUNS, tmp_path_factory.mktemp("tightened"))
