import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.text import clip, duration, figure, line_refs, lines_text, plain, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ±5 Ω", "plain ±5 Ω"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("nul\x00", "nul\\x00"),
        ("\ud800", "\\ud800"),
        ("\x9b2J", "\\x9b2J"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_becomes_an_escape(text, expected):
    assert visible(text) == expected


@given(st.text(st.characters(codec=None, categories=None)))
def test_visible_text_is_encodable_legal_xml_and_moves_no_cursor(text):
    shown = visible(text, multiline=True)
    element = ET.Element("a")
    element.text = shown
    assert (ET.fromstring(ET.tostring(element)).text or "") == shown
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in visible(text))


def test_clip_says_how_much_there_was():
    assert clip("a" * 10, 10) == "a" * 10
    assert clip("a" * 1_000_000, 5) == "aaaaa … (cut: 1000000 characters in all)"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([], "no line"),
        ([6], "line 7"),
        (list(range(211, 260)), "lines 212-260"),
        ([2, 0, 1, 8, 8], "lines 1-3, 9"),
        ([0, 2, 4, 6, 8, 10], "lines 1-11 (6 records)"),
    ],
)
def test_evidence_reads_as_line_ranges(evidence, expected):
    assert lines_text(evidence) == expected


def test_each_range_knows_its_first_line():
    assert line_refs([4, 5, 9]) == [("5-6", 4), ("10", 9)]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.31, "0.31 s"),
        (12.44, "12.4 s"),
        (59.99, "60.0 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3720, "1 h 02 min"),
    ],
)
def test_durations(seconds, expected):
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.42, "0.42"),
        (0.0, "0"),
        (412.5, "412.5"),
        (11040.0, "11040"),
        (1e-7, "1e-07"),
        (float("nan"), "nan"),
        (-16.0, "-16"),
    ],
)
def test_figures(value, expected):
    assert figure(value) == expected


def test_any_json_value_is_one_line():
    value = json.loads('{"a": [1, true, null], "b": {"c": 0.5}, "d": []}')
    assert plain(value) == "a: 1, yes, –, b: c: 0.5, d: –"
