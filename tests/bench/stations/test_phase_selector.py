import pytest

from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.phases import PhaseSelector


class Contacts:
    def __init__(self):
        self.selected = []

    def select_phases(self, phases):
        self.selected.append(phases)


def selector(*faults):
    contacts = Contacts()
    return PhaseSelector(contacts, ActiveFaults(faults)), contacts


def test_phases_change_once_the_outlet_is_dead_and_the_next_offer_comes_later():
    phases, contacts = selector()
    phases.want(1)
    assert phases.pending
    phases.settle(dead=False)
    assert contacts.selected == []
    phases.settle(dead=True)
    assert contacts.selected == [1]
    assert not phases.pending
    assert phases.rest_s == 4.0
    phases.offered()
    assert phases.rest_s == 3.0


@pytest.mark.parametrize(("asked", "selected"), [(1, [1]), (2, [1]), (3, [])])
def test_two_phases_are_one(asked, selected):
    phases, contacts = selector()
    phases.want(asked)
    phases.settle(dead=True)
    assert contacts.selected == selected


def test_wrong_selectors():
    phases, contacts = selector("phases_switched_under_load")
    phases.want(1)
    assert (contacts.selected, phases.pending) == ([1], False)
    phases, _ = selector("phases_ignored")
    phases.want(1)
    assert not phases.pending
    phases, _ = selector("phase_pause_too_short")
    phases.want(1)
    phases.settle(dead=True)
    assert phases.rest_s == 1.5
