import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conditions import ConditionError
from harness.model.pics import Pics
from harness.selection import Applicability, select

ITEMS = ("C-09.1", "HFS-3", "AQ-2")
YES, NO, OPEN = Applicability.APPLICABLE, Applicability.NOT_APPLICABLE, Applicability.UNDECIDED


def pics(**answers):
    return Pics({item.replace("_", "-", 1).replace("_", "."): said for item, said in answers.items()}, "mine.toml")


@pytest.mark.parametrize("condition", ["", "   "])
def test_no_condition_applies_to_every_station(condition):
    selection = select(condition, Pics())
    assert selection.outcome is YES
    assert selection.applicable


@pytest.mark.parametrize(
    ("condition", "answers", "outcome", "deciding"),
    [
        ("C-09.1", {"C_09_1": True}, YES, ("C-09.1",)),
        ("C-09.1", {"C_09_1": False}, NO, ("C-09.1",)),
        ("not AQ-2", {"AQ_2": True}, NO, ("AQ-2",)),
        ("C-09.1 and HFS-3", {"C_09_1": True, "HFS_3": False}, NO, ("HFS-3",)),
        ("C-09.1 and HFS-3", {"HFS_3": False}, NO, ("HFS-3",)),
        ("C-09.1 or HFS-3", {"HFS_3": True}, YES, ("HFS-3",)),
        ("C-09.1 or HFS-3", {"C_09_1": False, "HFS_3": False}, NO, ("C-09.1", "HFS-3")),
        ("C-09.1 and not (HFS-3 or AQ-2)", {"C_09_1": True, "HFS_3": False, "AQ_2": True}, NO, ("AQ-2",)),
        ("HFS-8 > 1", {"HFS_8": 2}, YES, ("HFS-8",)),
        ("HFS-8 > 1", {"HFS_8": 1}, NO, ("HFS-8",)),
        ("HFS-8 == 0", {"HFS_8": 0}, YES, ("HFS-8",)),
        ("C-23", {"C_23": ()}, NO, ("C-23",)),
        ("C-23", {"C_23": ("Heartbeat",)}, YES, ("C-23",)),
    ],
)
def test_the_deciding_items_are_named(condition, answers, outcome, deciding):
    selection = select(condition, pics(**answers))
    assert selection.outcome is outcome
    assert selection.applicable is (outcome is YES)
    assert selection.deciding == deciding
    assert selection.unanswered == ()
    assert all(item in selection.reason for item in deciding)


def test_the_reason_reads_as_a_sentence():
    selection = select("not AQ-2", pics(AQ_2=True))
    assert selection.reason == (
        "AQ-2 (cable lock keeps the EV from being connected before authorization) is answered yes; "
        "the case needs: not AQ-2"
    )
    assert "HFS-8 (number of EVSEs) is answered 1" in select("HFS-8 > 1", pics(HFS_8=1)).reason
    assert "is answered none" in select("C-23", pics(C_23=())).reason


@pytest.mark.parametrize(
    ("condition", "answers", "missing"),
    [
        ("C-09.1", {}, ("C-09.1",)),
        ("not AQ-2", {}, ("AQ-2",)),
        ("C-09.1 and AQ-2", {"C_09_1": True}, ("AQ-2",)),
        ("C-09.1 or AQ-2", {"C_09_1": False}, ("AQ-2",)),
        ("C-09.1 or AQ-2 or C-09.1", {}, ("C-09.1", "AQ-2")),
        ("HFS-8 > 1", {}, ("HFS-8",)),
    ],
)
def test_a_missing_answer_is_not_a_no(condition, answers, missing):
    selection = select(condition, pics(**answers))
    assert selection.outcome is OPEN
    assert not selection.applicable
    assert selection.unanswered == missing
    assert "add it to [pics] of mine.toml" in selection.reason
    assert all(item in selection.reason for item in missing)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"C_49": True, "C_30": True}, YES),
        ({"C_02": True, "C_33": True}, YES),
        ({"C_49": True}, OPEN),
        ({"C_02": False, "C_49": False, "PROFILE_LocalAuthList": False}, NO),
        ({"C_02": False, "C_49": False}, OPEN),
        ({"C_02": False, "C_30": False, "C_31": False, "C_32": False, "C_34": False}, NO),
        ({"C_01": False, "C_49": True, "C_30": True}, NO),
    ],
)
def test_offline_authorization_follows_from_list_cache_and_unknown_ids(answers, outcome):
    assert select("C-01", pics(**answers)).outcome is outcome


def test_a_condition_that_cannot_be_read_is_an_error():
    with pytest.raises(ConditionError, match=r"C-9\.1"):
        select("C-9.1", Pics())


answers = st.dictionaries(st.sampled_from(ITEMS), st.booleans())
expressions = st.recursive(
    st.sampled_from(ITEMS),
    lambda inner: st.one_of(
        inner.map(lambda part: f"not ({part})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
    ),
    max_leaves=8,
)


@given(expressions, answers, st.fixed_dictionaries({item: st.booleans() for item in ITEMS}))
def test_a_decision_taken_with_answers_missing_holds_whatever_they_turn_out_to_be(expression, some, rest):
    early = select(expression, Pics(some))
    late = select(expression, Pics({**rest, **some}))
    assert late.outcome is not OPEN
    if early.outcome is not OPEN:
        assert late.outcome is early.outcome
    assert set(early.unanswered).isdisjoint(some)


@given(expressions, st.fixed_dictionaries({item: st.booleans() for item in ITEMS}))
def test_with_all_answers_the_outcome_is_that_of_boolean_logic(expression, full):
    text = expression
    for item, said in full.items():
        text = text.replace(item, str(said))
    expected = YES if eval(text) else NO
    assert select(expression, Pics(full)).outcome is expected
