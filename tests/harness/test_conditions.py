import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conditions import And, ConditionError, Item, Not, Or, parse_condition
from harness.model.pics_items import ITEMS

A, B, C = Item("C-09.1"), Item("HFS-3"), Item("AQ-2")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("C-09.1", A),
        ("not AQ-2", Not(C)),
        ("not not AQ-2", Not(Not(C))),
        ("C-09.1 and not (HFS-3 or AQ-2)", And((A, Not(Or((B, C)))))),
        ("C-09.1 or HFS-3 and AQ-2", Or((A, And((B, C))))),
        ("(C-09.1 or HFS-3) and AQ-2", And((Or((A, B)), C))),
        ("not C-09.1 and HFS-3", And((Not(A), B))),
        ("C-09.1 or HFS-3 or AQ-2", Or((A, B, C))),
        ("  ((C-09.1))  ", A),
        ("C-09.1\nand\n  HFS-3", And((A, B))),
        ("HFS-8 > 1", Item("HFS-8", ">", 1)),
        ("HFS-8>=2 and not HFS-8==3", And((Item("HFS-8", ">=", 2), Not(Item("HFS-8", "==", 3))))),
        ("1.6-SmartCharging", Item("1.6-SmartCharging")),
    ],
)
def test_precedence_and_grouping(text, condition):
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "column", "what", "cure"),
    [
        ("", 1, "an item is missing", "end with an item"),
        ("C-09.1 and", 11, "an item is missing", "drop the last word"),
        ("and C-09.1", 1, "'and' stands where an item belongs", "put an item"),
        ("C-09.1 and or HFS-3", 12, "'or' stands where an item belongs", "put an item"),
        ("C-9.1", 1, "'C-9.1' is no PICS item", "did you mean C-09.1"),
        ("not (C-09.1 or HFS-3", 21, 'a "(" is not closed', 'add ")"'),
        ("C-09.1)", 7, "')' does not belong here", 'remove the ")"'),
        ("C-09.1 HFS-3", 8, "'HFS-3' does not belong here", '"and" or "or"'),
        ("C-09.1, HFS-3", 7, "',' means nothing", "use items"),
        ("NOT AQ-2", 1, "'NOT' is no PICS item", "write not in small letters"),
        ("HFS-8", 6, "HFS-8 is a number", "HFS-8 > 1"),
        ("HFS-8 > x", 9, "a number is missing", "whole number"),
        ("HFS-8 >", 8, "a number is missing", "whole number"),
        ("C-09.1 > 1", 8, "C-09.1 is no number", "write C-09.1 alone"),
        ("(" * 500 + "C-09.1", 51, "too deeply nested", "split"),
        ("not " * 500 + "C-09.1", 201, "too deeply nested", "split"),
    ],
)
def test_an_error_names_column_and_cure(text, column, what, cure):
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    message = str(caught.value)
    assert caught.value.column == column
    assert f"column {column}: {what}" in message
    assert cure in message.split("Cure: ")[1]


items = st.one_of(
    st.sampled_from([item for item, (_, kind) in ITEMS.items() if kind != "count"]).map(Item),
    st.builds(Item, st.just("HFS-8"), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), st.integers(0, 999)),
)
conditions = st.recursive(
    items,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=12,
)


@given(conditions)
def test_a_condition_reads_back_from_its_text(condition):
    assert parse_condition(str(condition)) == condition


@given(st.text(alphabet="()<>=! andortC-09.1HFS8\n\x00é", max_size=60))
def test_nothing_but_a_condition_error_ever_comes_out(text):
    column = 1
    try:
        parse_condition(text)
    except ConditionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
