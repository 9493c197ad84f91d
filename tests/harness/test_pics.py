import pytest

from harness.conditions import parse_condition
from harness.model.pics import Pics
from harness.model.pics_items import DERIVED, ITEMS
from harness.model.strict import MisfitError


def test_answers_of_every_kind():
    pics = Pics({"C-09.1": True, "HFS-8": 2, "C-23": ("Heartbeat",)})
    assert pics.answer("C-09.1") is True
    assert pics.answer("HFS-8") == 2
    assert pics.answer("C-23") == ("Heartbeat",)
    assert pics.answer("C-02") is None


@pytest.mark.parametrize(
    ("item", "answer", "what", "cure"),
    [
        ("C-9.1", True, "no PICS item", "did you mean C-09.1"),
        ("1.6-Smartcharging", True, "no PICS item", "1.6-SmartCharging"),
        ("zebra", True, "no PICS item", "pics_items.py"),
        ("C-09.1", 1, "does not answer", "true or false"),
        ("C-09.1", "yes", "does not answer", "true or false"),
        ("HFS-8", True, "does not answer", "whole number"),
        ("HFS-8", -1, "does not answer", "whole number"),
        ("C-23", "Heartbeat", "does not answer", "an array"),
        ("C-23", (1,), "does not answer", "an array"),
        ("C-09", {"1": True}, "is a table", '"C-09.1" = true'),
    ],
)
def test_a_wrong_answer_is_refused_with_its_cure(item, answer, what, cure):
    with pytest.raises(MisfitError, match=what) as caught:
        Pics({item: answer})
    assert cure in caught.value.cure


def test_every_item_has_a_title_and_what_is_derived_can_be_read():
    assert [item for item, (title, _) in ITEMS.items() if not title] == []
    for item, condition in DERIVED.items():
        assert item in ITEMS
        assert item not in str(parse_condition(condition)).split()
