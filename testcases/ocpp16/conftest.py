"""What every OCPP 1.6 case can ask for beside the fixtures of the harness."""

import pytest

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.case_run import CaseRun
from fixtures.csms.facade import Csms
from fixtures.lab import Lab
from fixtures.procedures16 import Procedures16
from fixtures.reservations16 import Reservations16
from fixtures.security.tools import SecurityTools
from harness.model.station import Station


@pytest.fixture
def procedures(csms: Csms, station: Station, bench: Bench) -> Procedures16:
    """Ways to reusable states, and what the bench must see, on the EVSE under test."""
    return Procedures16(csms, station, bench)


@pytest.fixture
def reservations(csms: Csms, station: Station, bench: Bench, procedures: Procedures16) -> Reservations16:
    """Reserves the connector under test, or any, and tries who may charge there."""
    return Reservations16(csms, station, bench, procedures)


@pytest.fixture
def security(lab: Lab, case_run: CaseRun, csms: Csms, station: Station) -> SecurityTools:
    """Openings of connections as evidence; passwords, profiles and certificates that are kept before they are sent."""
    credentials = lab.security.of(station.identity)
    if credentials is None:
        raise BenchError(
            f"{station.identity} has no security profile. Cure: state security_profile in its station file"
        )
    return SecurityTools(lab.security, credentials, csms, case_run.expecting, case_run.key.entry.id)
