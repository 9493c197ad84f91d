"""What every OCPP 1.6 case can ask for beside the fixtures of the harness."""

import pytest

from fixtures.bench_facade import Bench
from fixtures.csms.facade import Csms
from fixtures.procedures16 import Procedures16
from fixtures.reservations16 import Reservations16
from harness.model.station import Station


@pytest.fixture
def procedures(csms: Csms, station: Station, bench: Bench) -> Procedures16:
    """Ways to reusable states, and what the bench must see, on the EVSE under test."""
    return Procedures16(csms, station, bench)


@pytest.fixture
def reservations(csms: Csms, station: Station, bench: Bench, procedures: Procedures16) -> Reservations16:
    """Reserves the connector under test, or any, and tries who may charge there."""
    return Reservations16(csms, station, bench, procedures)
