"""What a provocation can ask for beside the fixtures of the harness."""

import pytest

from bench.errors import BenchError
from fixtures.bench_facade import Bench
from fixtures.case_run import CaseRun
from fixtures.csms.facade import Csms
from fixtures.csms.raw_frames import RawFrames
from fixtures.lab import Lab
from fixtures.procedures16 import Procedures16
from fixtures.security.tools import SecurityTools
from harness.model.station import Station
from testcases.robustness.connections import Connections
from testcases.robustness.survival import Survival


@pytest.fixture
def frames(csms: Csms, lab: Lab, case_run: CaseRun) -> RawFrames:
    """Sends what a CSMS must never send."""
    return RawFrames(csms, lab.link, case_run.expecting)


@pytest.fixture
def tag(station: Station) -> str:
    """A tag that is accepted; the catalogue asks for it."""
    if station.pixit.valid_id_token is None:
        raise LookupError('the case uses a tag: add pixit = ["valid_id_token"] to its catalogue entry')
    return station.pixit.valid_id_token


@pytest.fixture
def soak_s(request: pytest.FixtureRequest) -> float:
    """Seconds that a soak has to last at least; 0 for its shortest."""
    return float(request.config.getoption("--soak")) * 3600.0


@pytest.fixture
def survival(csms: Csms, station: Station, ocpp: str) -> Survival:
    """Tells whether the station is still there."""
    return Survival(csms, station, ocpp)


@pytest.fixture
def connections(lab: Lab, station: Station) -> Connections:
    """What became of the station's connections."""
    return Connections(lab.run, station.identity)


@pytest.fixture
def procedures(csms: Csms, station: Station, bench: Bench) -> Procedures16:
    """Ways to reusable states of OCPP 1.6."""
    return Procedures16(csms, station, bench)


@pytest.fixture
def security(lab: Lab, case_run: CaseRun, csms: Csms, station: Station) -> SecurityTools:
    """Openings of connections as evidence; passwords that are kept before they are sent."""
    credentials = lab.security.of(station.identity)
    if credentials is None:
        raise BenchError(
            f"{station.identity} has no security profile. Cure: state security_profile in its station file"
        )
    return SecurityTools(lab.security, credentials, csms, case_run.expecting, case_run.key.entry.id)
