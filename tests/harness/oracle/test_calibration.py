import pytest

from harness.oracle.calibration import Calibrations, expired
from harness.trace.events import RunStarted
from tests.harness.oracle.trace_builder import TraceBuilder


def head(due, day="2026-06-01T12:00:00Z"):
    return RunStarted(
        schema=1,
        run="r",
        plugproof="0",
        station="CP",
        bench="b",
        clock="wall",
        epoch_utc=day,
        context={"calibration_due": due},
    )


@pytest.mark.parametrize(
    ("last", "over"),
    [
        ("2026-05-31", True),
        ("2026-06-01", False),
        ("2027-01-01", False),
        ("soon", False),
        (None, False),
    ],
)
def test_a_calibration_holds_to_the_end_of_its_last_day(last, over):
    assert expired({"m": last}, "2026-06-01T23:59:59Z") == ({"m": last} if over else {})


def test_no_calibration_is_over_on_a_day_that_is_none():
    assert expired({"m": "2020-01-01"}, "x") == {}


def test_a_caveat_names_the_instruments_among_the_evidence():
    made = TraceBuilder()
    message, reading = made.opened(0.0), made.sample(1.0, 5.0)
    known = Calibrations()
    known.learn(head({"analyzer": "2026-01-01", "other": "2026-01-01"}))
    assert known.caveats(made.trace, [message.seq, reading.seq, 99, -1]) == [
        "analyzer: calibration expired on 2026-01-01"
    ]
    assert known.caveats(made.trace, [message.seq]) == []


@pytest.mark.parametrize("due", [None, [], "2026", {}])
def test_a_head_without_dates_makes_no_caveat(due):
    made = TraceBuilder()
    reading = made.sample(1.0, 5.0)
    known = Calibrations()
    known.learn(head(due))
    assert known.caveats(made.trace, [reading.seq]) == []
