import re

import pytest

from fixtures.catalogue_files import catalogue
from fixtures.clause_files import clause_indices
from harness.facts.citations import OCPP16, OCPP201, OCPPJ16, OCPPJ201, SECURITY16, clauses
from harness.facts.traceability import cited_by_case, read_index, trace_clauses
from harness.oracle.invariants import all_rules

OUR_OWN = r"IEC|ISO|UK SI|EU \d|Regulation|[Oo]ur figure|PIXIT"


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        ("OCPP 1.6 edition 2, 4.2, 9.1 to 9.4; errata 3.80", [(OCPP16, "4.2"), (OCPP16, "9.1"), (OCPP16, "9.2"), (OCPP16, "9.3"), (OCPP16, "9.4"), (f"{OCPP16} errata", "3.80")]),
        ("OCPP-J 1.6 4.1.4 with errata 3.1; OCPP 2.0.1 Part 4 4.1.4", [(OCPPJ16, "4.1.4"), (f"{OCPPJ16} errata", "3.1"), (OCPPJ201, "4.1.4")]),
        ("security white paper edition 3, A02, A00.FR.501 to 503, 508, L01, 5.19; errata 3.90", [(SECURITY16, "A02"), *((SECURITY16, f"A00.FR.50{n}") for n in (1, 2, 3, 8)), (SECURITY16, "L01"), (SECURITY16, "5.19"), (f"{OCPP16} errata", "3.90")]),
        ("OCTT 1.6 (2024-04) TC_010_CS and table 105 (Charging); OCPP 1.6 edition 2, 5.11", [(OCPP16, "5.11")]),
        ("OCPP 2.0.1 edition 3 part 2, K01.FR.04, E09; IEC 61851-1 sequence 10.2", [(OCPP201, "K01.FR.04"), (OCPP201, "E09")]),
        ("OCPP 1.6 edition 2, 4.9 (C9, I1 to I8), 7.36 (PowerLoss)", [(OCPP16, "4.9"), (OCPP16, "7.36")]),
        ("OCPP 2.0.1 edition 3, Part 6, TC_B_01_CS and 2.18 Booted; Part 5: mandatory", []),
        ("OCPP 2.0.1 part 1, 7.1 and 7.2 (numbered from 1); part 2, G01.FR.01", [("OCPP 2.0.1 edition 3 part 1", "7.1"), ("OCPP 2.0.1 edition 3 part 1", "7.2"), (OCPP201, "G01.FR.01")]),
        ("nothing of any document, 4.2", []),
    ],
)  # fmt: skip
def test_citations_are_read(citation, expected):
    assert list(clauses(citation)) == expected


def test_ranges_of_requirements_go_on_from_the_one_before():
    told = "E02.FR.01, .05 to .07, .13, E01.FR.16, C02.FR.01 to C02.FR.03: what is asked"
    numbers = [number for _, number in clauses(told, OCPP201)]
    assert numbers == [
        "E02.FR.01", "E02.FR.05", "E02.FR.06", "E02.FR.07", "E02.FR.13", "E01.FR.16", "C02.FR.01", "C02.FR.02", "C02.FR.03",
    ]  # fmt: skip


def test_a_range_that_is_none_ends_in_its_last_clause():
    assert list(clauses("OCPP 1.6 edition 2, 4.9 to 4.2, 5.1 to 6.3")) == [
        (OCPP16, number) for number in ("4.9", "4.2", "5.1", "6.3")
    ]


def test_every_case_cites_a_clause_of_an_ocpp_document_or_says_whose_requirement_it_is():
    others = [e for e in catalogue().values() for v in e.ocpp if not cited_by_case(e, v)]
    assert [f"{entry.id}: {entry.section}" for entry in others if not re.search(OUR_OWN, entry.section)] == []


def test_every_rule_cites_a_clause_or_a_chapter_or_type_as_a_whole():
    without = [rule for rule in all_rules() if not list(clauses(rule.requirement))]
    assert [rule.id for rule in without if not re.search(r"chapter \d|Type\b", rule.requirement)] == []


def test_what_is_cited_of_an_indexed_document_is_in_its_index():
    """A clause that is cited and not known is a slip of the pen, or a hole in the index."""
    indices = {index.document: index for index in clause_indices()}
    unknown = []
    for document in trace_clauses(catalogue().values(), all_rules(), clause_indices(), ("1.6", "2.0.1")):
        index = indices.get(document.document)
        families = {clause.split(".")[0] for clause in index.clauses} if index else set()
        for one in document.covered:
            inner = any(known.startswith(f"{one.clause}.") for known in index.clauses) if index else False
            if index and one.clause not in index.clauses and not inner and one.clause.split(".")[0] in families:
                unknown.append(f"{document.document} {one.clause}: {one.cases} {one.rules}")
    assert [line for line in unknown if not re.search(r"A0\d\.FR|FR\.|3\.13\.7", line)] == []


def test_covered_and_uncovered_clauses_make_up_the_index():
    document = next(
        one for one in trace_clauses(catalogue().values(), all_rules(), clause_indices(), ["1.6"]) if one.indexed > 100
        and one.document == OCPP16
    )  # fmt: skip
    covered = {one.clause: one for one in document.covered}
    assert "TC_010_CS" in covered["5.11"].cases
    assert covered["5.11"].title == "Remote Start Transaction"
    assert "not-available-in-transaction" in covered["4.9"].rules
    assert "9.1.4" in document.uncovered
    assert not set(covered) & set(document.uncovered)
    known = next(index for index in clause_indices() if index.document == OCPP16).clauses
    headings = {c for c in known if c not in covered and c not in document.uncovered}
    assert all(any(clause.startswith(f"{heading}.") for clause in covered) for heading in headings)


def test_only_documents_of_the_versions_that_ran_are_told():
    names = {one.document for one in trace_clauses(catalogue().values(), all_rules(), clause_indices(), ["2.0.1"])}
    assert {OCPP201, OCPPJ201} <= names
    assert all(name.startswith("OCPP 2.0.1") for name in names)


def test_an_index_without_its_head_is_refused():
    with pytest.raises(ValueError, match="begins with"):
        read_index("4.1 Authorization\n4.2 Boot\n")
