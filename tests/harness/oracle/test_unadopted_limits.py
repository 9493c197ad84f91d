import msgspec
import pytest

from harness.limits import Basis
from harness.oracle.expectations import Expectation, Holds, Settles, Stays
from harness.oracle.judge import judge
from harness.trace.events import Note, Sample
from harness.trace.trace import Trace

SECOND_HAND = Basis("IEC 61851-1, table not read", "pixit.stop_to_noise_floor_s", adopted=False)
ADOPTED = SECOND_HAND.adopted_by(["pixit.stop_to_noise_floor_s"])
OWN = Basis("our figure for no current")


def trace_of(*currents):
    """A sample a second from 1 s on; the window opens at 0 s."""
    trace = Trace()
    trace.append(Note(text="stop"), 0.0, "")
    for second, amps in enumerate(currents, 1):
        at = float(second)
        values = {"current_l1_a": (amps, "A", 0.01)}
        trace.append(Sample(at=at, source="analyzer", role="power_analyzer", evse=1, values=values, t_u=0.05), at, "")
    return trace


def settles(*bases):
    return Settles(
        role="power_analyzer",
        evse=1,
        quantities=("current_l1_a",),
        since=0,
        until=3.0,
        holds=1.0,
        max_gap=3.0,
        high=0.5,
        bases=bases,
    )


def stays(*bases):
    return Stays(
        role="power_analyzer",
        evse=1,
        quantities=("current_l1_a",),
        since=0,
        until=3.0,
        max_gap=3.0,
        high=0.5,
        bases=bases,
    )


TOO_LATE = trace_of(16.0, 16.0, 16.0, 16.0, 16.0)
IN_TIME = trace_of(16.0, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("expectation", [settles, stays])
def test_a_limit_that_the_station_adopted_fails_it(expectation):
    outcome = judge(expectation(ADOPTED, OWN), TOO_LATE, 10.0)
    assert outcome.state == "violated"
    assert "adopted_limits" not in outcome.observed


@pytest.mark.parametrize("expectation", [settles, stays])
def test_a_limit_nobody_adopted_fails_nothing_and_says_how_to_adopt_it(expectation):
    outcome = judge(expectation(OWN, SECOND_HAND), TOO_LATE, 10.0)
    assert outcome.state == "inconclusive"
    assert "16.00 ± 0.01 A" in outcome.observed
    assert "table not read" in outcome.observed
    assert '"pixit.stop_to_noise_floor_s" under adopted_limits' in outcome.observed


def test_a_limit_nobody_adopted_can_be_met():
    assert judge(settles(SECOND_HAND), IN_TIME, 10.0).state == "met"


def test_a_limit_nobody_adopted_leaves_the_question_open_until_it_is_settled():
    assert judge(settles(SECOND_HAND), trace_of(16.0), 1.0).state == "pending"


@pytest.mark.parametrize(("basis", "state"), [(SECOND_HAND, "inconclusive"), (ADOPTED, "violated")])
def test_a_recommendation_counts_once_the_station_adopts_it(basis, state):
    rebased = Holds(name="jump of the register", value=50, inputs=(0,), low=0, high=1, unit="Wh", bases=(basis,))
    assert judge(rebased, trace_of(), 0.0).state == state


def test_bases_survive_storing():
    for expectation in (settles(SECOND_HAND, OWN), stays(ADOPTED)):
        assert msgspec.convert(msgspec.to_builtins(expectation), Expectation) == expectation
