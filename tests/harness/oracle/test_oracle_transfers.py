import pytest

from harness.oracle.concerns import concern
from harness.oracle.expectations import Transferred
from harness.oracle.judge import judge
from harness.trace.events import Transfer
from tests.harness.oracle.trace_builder import TraceBuilder


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.step(0.0)
    return builder


def expected(**fields):
    return Transferred(**{"direction": "upload", "path": "/case-1", "since": 0, "until": 30.0, **fields})


def moved(made, t=5.0, **fields):
    standard = {
        "protocol": "ftp", "direction": "upload", "path": "/case-1/log.txt", "remote": "127.0.0.1:1", "began": t - 1,
        "outcome": "complete", "size": 10, "sha256": "ab",
    }  # fmt: skip
    return made.add(Transfer(**{**standard, **fields}), t)


def test_a_whole_file_below_the_path_is_what_is_required(made):
    record = moved(made)
    outcome = judge(expected(), made.trace, 6.0)
    assert (outcome.state, outcome.evidence) == ("met", (record.seq,))
    assert "10 bytes over ftp" in outcome.observed


def test_it_is_awaited_until_the_deadline(made):
    assert judge(expected(), made.trace, 29.0).state == "pending"
    late = judge(expected(), made.trace, 30.0)
    assert (late.state, late.observed) == ("violated", "no transfer")


@pytest.mark.parametrize(
    ("fields", "wanted", "observed"),
    [
        ({"outcome": "cut", "size": 4}, {}, "cut after 4 bytes"),
        ({"outcome": "refused", "size": 0, "detail": "550"}, {}, "refused after 0 bytes: 550"),
        ({"size": 0}, {}, "an empty file"),
        ({"size": 3}, {"size": 5}, "only 3 bytes came"),
        ({"sha256": "cd"}, {"sha256": "ab"}, "10 bytes of other content"),
        ({}, {"name": "other.txt"}, "the file was named log.txt"),
        ({"direction": "download"}, {}, "no transfer"),
        ({"path": "/case-10/log.txt"}, {}, "no transfer"),
    ],
)
def test_what_is_no_such_file_is_told(made, fields, wanted, observed):
    moved(made, **fields)
    outcome = judge(expected(**wanted), made.trace, 30.0)
    assert (outcome.state, outcome.observed) == ("violated", observed)


def test_a_second_attempt_counts_and_a_late_one_does_not(made):
    moved(made, outcome="cut")
    good = moved(made, t=29.0)
    assert judge(expected(), made.trace, 29.0).evidence == (good.seq,)
    assert judge(expected(until=20.0), made.trace, 30.0).state == "violated"


def test_the_name_that_the_station_told_stands_for_the_end_of_the_path(made):
    moved(made, path="/case-1", name="log.txt")
    assert judge(expected(name="log.txt"), made.trace, 6.0).state == "met"


def test_only_transfers_concern_it(made):
    concerns = concern(expected(), made.trace)
    assert concerns(moved(made))
    assert not concerns(made.sent_by_station(6.0, "Heartbeat"))
