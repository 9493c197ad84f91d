"""What a document leaves open is open by one clause: for each allowed behaviour there is a rule that is stricter by just that."""

from bench.virtual.stations.lenient import LENIENT
from tests.detection import stricter_201, stricter_data16, stricter_link16, stricter_sessions16

TABLES = (stricter_link16, stricter_sessions16, stricter_data16, stricter_201)
TIGHTENED = [(name, run.ocpp) for table in TABLES for run in table.RUNS.values() for name in run.rules]

UNSEEN: dict[tuple[str, str], str] = {}
"""Behaviours, with their version, that differ in nothing that could be observed, and why. There are none."""


def test_every_allowed_behaviour_has_a_stricter_rule_once():
    allowed = [(entry.name, ocpp) for entry in LENIENT.values() for ocpp in entry.ocpp]
    assert sorted([*TIGHTENED, *UNSEEN]) == sorted(allowed)
