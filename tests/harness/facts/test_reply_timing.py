import pytest

from harness.facts.timing import median, nearest_rank, reply_timings
from harness.trace.events import Frame, Note
from harness.trace.trace import Trace


def replied(trace, action, latency, direction="in", frame="result", station="CP"):
    event = Frame(
        connection=1, station=station, ocpp="1.6", direction=direction, frame=frame, action=action, latency=latency
    )
    trace.append(event, 0.0, "")


def test_latencies_are_told_by_who_replied_to_what():
    trace = Trace()
    for latency in (0.4, 0.1, 0.3, 0.2):
        replied(trace, "Reset", latency)
    replied(trace, "Reset", 9.0, frame="error")
    replied(trace, "Heartbeat", 0.01, direction="out")
    replied(trace, "Reset", None, frame="call")
    replied(trace, None, 0.5)
    trace.append(Note(text="x"), 0.0, "")
    reset, heartbeat = sorted(reply_timings(trace.records), key=lambda one: -one.n)
    assert (reset.by, reset.action, reset.n) == ("station", "Reset", 5)
    assert (reset.min_s, reset.median_s, reset.p95_s, reset.max_s) == (0.1, 0.3, 9.0, 9.0)
    assert (heartbeat.by, heartbeat.action, heartbeat.n, heartbeat.max_s) == ("csms", "Heartbeat", 1, 0.01)


def test_stations_and_versions_are_told_apart():
    trace = Trace()
    replied(trace, "Reset", 0.1)
    replied(trace, "Reset", 0.2, station="OTHER")
    assert [(one.station, one.max_s) for one in reply_timings(trace.records)] == [("CP", 0.1), ("OTHER", 0.2)]


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (19, 19), (20, 19), (21, 20), (100, 95)])
def test_the_95th_percentile_is_the_nearest_rank(n, expected):
    assert nearest_rank([float(i) for i in range(1, n + 1)], 95) == expected


def test_the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle():
    assert median([1.0, 2.0, 4.0, 8.0]) == 3.0
    with pytest.raises(ValueError, match="no median"):
        median([])
    with pytest.raises(ValueError, match="no rank"):
        nearest_rank([], 95)
