"""What every OCPP 2.0.1 case can ask for beside the fixtures of the harness."""

import pytest

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms
from fixtures.procedures201 import Procedures201
from fixtures.reach201 import Reach201
from harness.model.station import Station


@pytest.fixture
def procedures(csms: Csms, station: Station, bench: Bench) -> Procedures201:
    """Reusable states, and what the bench must see, at the EVSE under test."""
    return Procedures201(csms, station, bench)


@pytest.fixture
def reach(procedures: Procedures201) -> Reach201:
    """`await reach("EVConnectedPreSession")` in a preamble."""
    return Reach201(procedures)
