import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import states16, states201
from harness.states import NoWayError, State, StateGraph, Way

GRAPHS = [states16.GRAPH, states201.GRAPH]
ALL_ROLES = {role for graph in GRAPHS for way in graph.ways for role in way.roles}


def by(path):
    return [way.by for way in path]


def toy(*ways, names=("Idle", "A", "B")):
    return StateGraph("1.6", [State(name, ("1.6",), name) if name == "Idle" else _state(name) for name in names], ways)


def _state(name):
    return State(name, ("1.6",), name, ("home",))


HOME = (Way("A", "Idle", "home"), Way("B", "Idle", "home"))


def test_the_cheapest_way_that_the_bench_can_go():
    graph = toy(
        Way("Idle", "A", "walk", cost_s=10),
        Way("Idle", "B", "ride", frozenset({"car"}), 1),
        Way("B", "A", "hop", frozenset(), 2),
        *HOME,
    )
    assert by(graph.path("Idle", "A", {"car"})) == ["ride", "hop"]
    assert by(graph.path("Idle", "A", set())) == ["walk"]
    assert graph.path("A", "A", set()) == []


def test_a_missing_role_is_named_with_the_way_that_lacks_least():
    graph = toy(
        Way("Idle", "A", "drive", frozenset({"car", "fuel"}), 1),
        Way("Idle", "B", "board", frozenset({"train"}), 50),
        Way("B", "A", "alight", frozenset({"train"}), 50),
        *HOME,
    )
    with pytest.raises(NoWayError) as caught:
        graph.path("Idle", "A", set())
    assert caught.value.missing == {"train"}
    assert "lacks the role train for board (to B), alight (to A); add train to the topology" in str(caught.value)


def test_a_state_that_no_way_leads_to():
    with pytest.raises(NoWayError, match="no way leads from Idle to B") as caught:
        toy(Way("Idle", "A", "walk"), *HOME).path("Idle", "B", ALL_ROLES)
    assert caught.value.missing == frozenset()


@pytest.mark.parametrize("name", ["Charging2", ""])
def test_unknown_states_are_named_with_the_known_ones(name):
    for call in (
        lambda: states16.GRAPH.path("Idle", name, ALL_ROLES),
        lambda: states16.GRAPH.path(name, "Idle", ALL_ROLES),
        lambda: states16.GRAPH.ways_to(name),
    ):
        with pytest.raises(NoWayError, match="has no state") as caught:
            call()
        assert "Charging," in str(caught.value)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: toy(names=("Idle", "Idle")), "stands twice"),
        (lambda: toy(Way("Idle", "C", "walk"), names=("Idle",)), "'C', which is not declared"),
        (lambda: toy(Way("Idle", "Idle", "walk", cost_s=0), names=("Idle",)), "give more than 0"),
        (lambda: toy(Way("Idle", "A", "walk"), names=("Idle", "A")), "no way 'home' leads on from A"),
        (lambda: StateGraph("2.1", [_state("A")], []), "none of OCPP 2.1"),
        (lambda: StateGraph("1.6", [State("I", ("1.6",), ""), State("A", ("1.6",), "")], []), "ends in A, not in I"),
    ],
)
def test_a_graph_with_a_loose_end_is_refused(make, what):
    with pytest.raises(ValueError, match=what):
        make()


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.ocpp)
def test_every_state_can_be_reached_from_home_with_all_roles(graph):
    for name in graph.states:
        path = graph.path(graph.home, name, ALL_ROLES)
        assert (path[-1].to if path else graph.home) == name
        assert by(graph.path(name, graph.home, ALL_ROLES)) or name == graph.home


@pytest.mark.parametrize(
    ("graph", "goal", "roles", "procedures"),
    [
        (states16.GRAPH, "Charging", {"ev_simulator"}, ["plug_in", "remote_start"]),
        (states16.GRAPH, "Authorized", {"id_reader"}, ["present_token"]),
        (states16.GRAPH, "SetChargePointUnavailable", set(), ["station_inoperative"]),
        (states16.GRAPH, "Booted", {"ac_source"}, ["reset"]),
        (states201.GRAPH, "Authorized", set(), ["request_start"]),
        (states201.GRAPH, "EnergyTransferStarted", {"ev_simulator"}, ["plug_in", "request_start", "request_energy"]),
    ],
)
def test_what_preambles_of_the_first_cases_take(graph, goal, roles, procedures):
    assert by(graph.path("Idle", goal, roles)) == procedures


@pytest.mark.parametrize(("graph", "goal"), [(states16.GRAPH, "Charging"), (states201.GRAPH, "EnergyTransferStarted")])
def test_without_an_ev_no_energy_flows(graph, goal):
    with pytest.raises(NoWayError, match="ev_simulator") as caught:
        graph.path("Idle", goal, {"id_reader"})
    assert caught.value.missing == {"ev_simulator"}


@given(st.sampled_from(GRAPHS), st.data())
def test_a_path_is_connected_and_needs_no_role_that_is_not_there(graph, data):
    start, goal = (data.draw(st.sampled_from(sorted(graph.states))) for _ in range(2))
    roles = data.draw(st.sets(st.sampled_from(sorted(ALL_ROLES))))
    at, missing = start, None
    try:
        for way in graph.path(start, goal, roles):
            assert way.reached_from == at
            assert way.roles <= roles
            at = way.to
    except NoWayError as error:
        missing = error.missing
    assert (at == goal) if missing is None else (missing and missing.isdisjoint(roles))


@given(st.sampled_from(GRAPHS), st.data())
def test_more_roles_never_make_a_way_dearer(graph, data):
    start, goal = (data.draw(st.sampled_from(sorted(graph.states))) for _ in range(2))
    few = data.draw(st.sets(st.sampled_from(sorted(ALL_ROLES))))
    dearest = sum(way.cost_s for way in graph.ways)

    def cost(roles):
        try:
            return sum(way.cost_s for way in graph.path(start, goal, roles))
        except NoWayError:
            return dearest

    assert cost(ALL_ROLES) <= cost(few)
