"""The report as it is used: filtered, searched, unfolded, compared, by mouse and by keyboard, on a phone, in the dark, on paper."""

import pytest

from reports.build import build_all
from reports.compare import compare_runs
from tests.reports.test_compare import two_runs
from tests.reports.test_hostile_content import EVIL, hostile

SHOWN = "[...document.querySelectorAll('.case:not([hidden]) .id')].map((e) => e.textContent.trim().split(' ')[0])"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A run with passes, fails, errors and deviations against an earlier one; a schema problem in a case that passed, to be marked."""
    now, before, lines = two_runs()
    place = next(line for line in lines if line.get("action") == "StopTransaction" and line["frame"] == "call")
    place["problems"] = [{"path": "meterStop", "rule": "type", "message": "is no integer"}]
    folder = tmp_path_factory.mktemp("report")
    build_all(folder, now, lines, compare_runs(now, before))
    return folder / "report.html"


@pytest.fixture
def opened(page, report):
    page.open(report)
    return page


def applied(page, action):
    """Do something that filters, and wait until the page has done it."""
    before = page.js("document.documentElement.dataset.applied")
    page.js(action)
    page.until(f"document.documentElement.dataset.applied !== '{before}'")


def search(page, words):
    applied(page, f"search.value = {words!r}; search.dispatchEvent(new Event('input'))")


def test_results_filter(opened):
    applied(opened, "document.querySelector('.legend button[data-result=pass]').click()")
    assert opened.js("shown.textContent") == "2 of 10 cases"
    assert opened.js(SHOWN) == ["TC_010_CS", "HIL_E_03"]
    applied(opened, "document.querySelector('.legend button[data-result=pass]').click()")
    assert opened.js("shown.textContent") == "10 cases"


def test_changes_filter_and_lead_to_their_case(opened, picture):
    applied(opened, "document.querySelector('.legend button[data-change=new]').click()")
    assert opened.js(SHOWN) == ["TC_001_CS"]
    applied(opened, "document.querySelector('.legend button[data-change=new]').click()")
    picture("compared")
    opened.js("document.querySelector('#compared ~ section a[href^=\"#case-\"]').click()")
    opened.until("document.querySelector(location.hash).open && location.hash")
    assert "TC_001_CS" in opened.js("document.querySelector(location.hash).textContent")


def test_the_search_looks_into_what_is_packed(opened):
    assert opened.js("document.body.textContent.includes('chargingProfileId')") is False
    search(opened, "setchargingprofile chargingprofileid")
    assert opened.js(SHOWN) == ["TC_010_CS"]
    search(opened, "no such word")
    assert opened.js("shown.textContent") == "0 of 10 cases"


def test_a_packed_case_unfolds_with_its_messages_and_the_offending_field_marked(opened, picture):
    passed = "document.querySelector('.case[data-result=pass]')"
    assert opened.js(f"{passed}.querySelectorAll('.seq tr').length") == 0
    opened.js(f"{passed}.querySelector('summary').click()")
    opened.until(f"{passed}.querySelectorAll('.seq tr').length > 20")
    opened.js(f"for (const d of {passed}.querySelectorAll('details')) d.open = true")
    opened.until(f"!!{passed}.querySelector('mark')")
    assert opened.js(f"{passed}.querySelector('mark').textContent") == "540"
    assert opened.js(f"{passed}.querySelectorAll('svg.plot').length") == 1
    opened.js(f"{passed}.querySelector('mark').scrollIntoView({{block: 'center'}})")
    picture("offending-field")


def test_a_link_to_a_line_opens_what_holds_it(page, report):
    page.open(report)
    line = page.js("document.querySelector('.case[data-result=pass]').dataset.lines.split(' ')[0]")
    target = f"#l{int(line) + 12}"
    page.open(report, "?again")
    page.js(f"location.hash = {target!r}")
    page.until(
        f"document.querySelector({target!r}) && document.querySelector({target!r}).getBoundingClientRect().top > 0"
    )
    assert page.js(f"document.querySelector({target!r}).closest('.case').open") is True
    page.js("location.hash = '#l2'")
    page.until("document.querySelector('#l2') && document.getElementById('outside').open")


def test_keys_go_from_case_to_case(opened):
    focused = "document.activeElement.closest('.case')?.querySelector('.id').textContent.trim().split(' ')[0]"
    for key, expected in (("j", 0), ("j", 1), ("k", 0), ("n", 1), ("n", 2)):
        opened.press(key)
        assert opened.js(focused) == opened.js(SHOWN)[expected], key
    opened.press("/")
    assert opened.js("document.activeElement.id") == "search"
    opened.press("j")
    opened.until("search.value === 'j'")
    opened.press("Escape")
    opened.until("search.value === '' && document.activeElement.id !== 'search'")


def test_everything_unfolds_and_folds(opened):
    opened.js("fold.click()")
    opened.until("[...document.querySelectorAll('.case')].every((e) => e.open && !e.querySelector('[data-z]'))")
    opened.js("fold.click()")
    opened.until("[...document.querySelectorAll('.case')].every((e) => !e.open)")


def test_a_phone_scrolls_down_only(page, report, picture):
    page.size(390, 844)
    page.open(report)
    assert page.js("document.documentElement.scrollWidth") <= 390
    picture("phone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(page, report, scheme, offences_of, picture):
    page.size(1200, 900, scheme=scheme)
    page.open(report)
    page.js("fold.click()")
    page.until("[...document.querySelectorAll('.case')].every((e) => e.open)")
    picture(f"report-{scheme}")
    found = offences_of()
    assert not found, "\n".join(found)


def test_it_prints(opened):
    assert opened.printed().startswith(b"%PDF-")


@pytest.mark.parametrize("kind", ["script", "packed", "bidi"])
def test_hostile_content_runs_nothing(page, kind, tmp_path):
    record, lines = hostile(EVIL[kind])
    build_all(tmp_path, record, lines, compare_runs(record, hostile(EVIL[kind][:50])[0]))
    page.open(tmp_path / "report.html")
    page.js("fold.click()")
    page.until("[...document.querySelectorAll('.case')].every((e) => e.open && !e.querySelector('[data-z]'))")
    for place in ("outside", "stations", "clauses"):
        page.js(f"for (const d of document.querySelectorAll('#{place}, #{place} ~ section details')) d.open = true")
    assert page.js("document.title").endswith("Plugproof")
    assert page.js("document.scripts.length") == 1
    assert page.js("document.images.length") == 0
    assert (
        page.js(
            "[...document.querySelectorAll('*')].some((e) => [...e.attributes].some((a) => a.name.startsWith('on')))"
        )
        is False
    )
