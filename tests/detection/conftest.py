"""All runs of this folder: two at a time, started as soon as the first test needs one, each shared by all that look at it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fixtures.catalogue_files import DETECTION
from fixtures.detection import DOUBLES, grouped, load_rows, run_cases, run_group

ROWS = load_rows([DETECTION])
VERSIONS = ("1.6", "2.0.1")


class Runs:
    """Futures of every run that the selected tests need, the longest first."""

    def __init__(self, pool, rows, doubles, good):
        self._good = pool.submit(run_cases) if good else None
        self._doubles = {pair: pool.submit(run_cases, ocpp=pair[0], faults=(pair[1],)) for pair in doubles}
        self._groups = {pair: pool.submit(run_group, members) for pair, members in grouped(rows).items()}

    def good(self):
        return self._good.result()

    def double(self, ocpp, name):
        return self._doubles[ocpp, name].result()

    def outcome(self, row):
        return next(o for o in self._groups[row.ocpp, row.fault].result() if o.row == row)


def pytest_generate_tests(metafunc):
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", ROWS, ids=[f"{row.case}-{row.ocpp}-{row.fault}" for row in ROWS])
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", VERSIONS)


@pytest.fixture(scope="session")
def detection_rows():
    return ROWS


@pytest.fixture(scope="session")
def detection_runs(request):
    selected = [item for item in request.session.items if "detection_runs" in getattr(item, "fixturenames", ())]
    params = [item.callspec.params if hasattr(item, "callspec") else {} for item in selected]
    rows = [param["row"] for param in params if "row" in param]
    doubles = [(ocpp, name) for ocpp in VERSIONS for name in DOUBLES if _asks(params, version=ocpp, double=name)]
    good = any("row" not in param and "double" not in param for param in params)
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            yield Runs(pool, rows, doubles, good)
        finally:
            pool.shutdown(cancel_futures=True)


def _asks(params, **wanted):
    return any(all(param.get(name) == value for name, value in wanted.items()) for param in params)
