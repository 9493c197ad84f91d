"""One Chromium for all tests of pages; without one, or without axe-core, they are skipped: `make test-browser` brings both or fails."""

import os
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, found

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = HERE.parents[1] / "build" / "browser"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    missing = [
        name
        for name, there in (("chromium", found()), ("axe-core (npm ci in tests/browser)", AXE.exists()))
        if not there
    ]
    if missing and os.environ.get("PLUGPROOF_BROWSER") == "needed":
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(browser):
    """A tab that must not complain, ask anybody anything, or reach for the network."""
    made = browser.page()
    made.size(1200, 900)
    yield made
    made.js("1")
    assert made.complaints == []
    assert made.dialogs == []


@pytest.fixture
def offences_of(page):
    """What axe-core finds that is serious or worse, by rule with the first places."""

    def look(page=page):
        if not page.js("typeof axe === 'object'"):
            page.js(AXE.read_text())
        asked = "axe.run(document, {resultTypes: ['violations']})"
        return page.js(
            f"{asked}.then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"
            ".map((v) => v.id + ': ' + v.nodes.slice(0, 12).map((n) => n.html.slice(0, 120) + ' ' + n.any.map((a) => a.message.slice(0, 160)).join()).join('\\n')))"
        )

    return look


@pytest.fixture
def picture(page):
    """Keep a screenshot under build/browser."""
    return lambda name, page=page: page.picture(PICTURES / f"{name}.png")
