"""The console's document: drawings for everything that is asked, nothing from outside, and digests that fit."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET

import pytest

from bench.drivers.operator_words import WORDS
from reports.console.drawings import DRAWINGS
from reports.console.page import Page, refusal


def test_there_is_a_drawing_for_everything_that_a_person_is_asked():
    assert set(WORDS) == set(DRAWINGS)


@pytest.mark.parametrize("verb", list(DRAWINGS))
def test_a_drawing_is_well_formed_of_the_pages_colours_and_unlike_the_others(verb):
    drawn = ET.fromstring(f"<svg>{DRAWINGS[verb]}</svg>")
    shapes = list(drawn.iter())[1:]
    assert len(shapes) >= 3
    assert all(shape.get("class", "").startswith("d-") for shape in shapes)
    same = {"set_polite_on", "set_polite_off"}
    others = {text: name for name, text in DRAWINGS.items() if name != verb and name not in same}
    assert DRAWINGS[verb] not in others, others.get(DRAWINGS[verb])


def test_every_class_of_a_drawing_has_a_style():
    html = Page.made("CS-1").html.decode()
    used = set(re.findall(r'class="(d-\w+)"', html))
    styled = set(re.findall(r"\.(d-\w+)", html.partition("</style>")[0]))
    assert used <= styled


def digests(html, tag):
    texts = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    return [f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}" for text in texts]


def test_the_policy_allows_the_pages_own_script_and_style_and_no_more():
    page = Page.made("CS-1")
    html = page.html.decode()
    (script,), (style,) = digests(html, "script"), digests(html, "style")
    assert f"script-src '{script}'" in page.policy
    assert f"style-src '{style}'" in page.policy
    assert "unsafe" not in page.policy
    assert not re.search(r'\s(on\w+|style)="', html)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", html)


def test_hostile_names_are_shown_as_text():
    for page in (Page.made("<script>alert(1)</script>\u202e"), refusal("<script>alert(1)</script>\u202e")):
        html = page.html.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e" in html
        assert "\u202e" not in html


def test_the_script_sets_text_and_never_markup():
    script = Page.made("CS-1").html.decode().partition("<script>")[2]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", script)
