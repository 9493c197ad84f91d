import json

import pytest

from harness.trace.pseudonyms import Pseudonyms


def test_a_stand_in_keeps_length_case_and_kind_of_each_character():
    names = Pseudonyms(["S3cret-Word"], [])
    assert names.text("it is S3cret-Word.") == "it is A0aaaa-Aaaa."


def test_a_tag_in_another_case_is_the_same_tag():
    names = Pseudonyms([], ["Card-0A1f", "Card-0B22"])
    upper, lower = names.text("CARD-0A1F"), names.text("card-0a1f")
    assert upper.casefold() == lower.casefold()
    assert upper != lower
    assert names.text("Card-0B22").casefold() != lower


def test_values_of_one_form_get_stand_ins_of_their_own():
    values = [f"KEY-{number:04}" for number in range(500)]
    names = Pseudonyms(values, [])
    assert len({names.text(value) for value in values}) == 500


def test_more_values_than_stand_ins_are_told():
    with pytest.raises(ValueError, match="4 characters"):
        Pseudonyms([f"{letter}---" for letter in "GHIJKLM"], [])


def test_a_tag_within_another_word_is_left():
    assert Pseudonyms([], ["TAG1"]).text("TAG12 TAG1 xTAG1") == "TAG12 AAA0 xTAG1"


def test_in_json_strings_are_replaced_however_escaped_and_keys_and_numbers_left():
    names = Pseudonyms(['pa"ss\\wörd'], ["12345678", "value"])
    text = r'[2,"1",{"value":"pa\"ss\\w\u00f6rd","n":12345678,"t":"12345678" , "x":"val\u0075e"}]'
    read = json.loads(names.json(text))
    assert read[2]["value"] == 'aa"aa\\aaaa'
    assert read[2]["n"] == 12345678
    assert read[2]["t"] == "00000000"
    assert read[2]["x"] == "aaaaa"


def test_what_could_be_anything_is_left_and_counted():
    names = Pseudonyms(["abc", "****"], ["1234", "Long-Tag"])
    assert names.text("abc 1234 ****") == "abc 1234 ****"
    assert (names.secrets, names.tags, names.left) == (0, 1, 2)


def test_a_tag_that_is_the_name_of_a_field_is_left_and_counted():
    names = Pseudonyms([], ["Status", "PP-TAG"], kept=["status"])
    assert names.text("status PP-TAG") == "status AA-AAA"
    assert (names.tags, names.left) == (1, 1)
