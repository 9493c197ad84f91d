"""The operator console as it is used: a case done by hand from its prompts, reloaded in mid-run, looked on at by two others."""

import re
import sys
import time

import msgspec
import pytest

from tests.fixtures.at_terminal import AtTerminal, bench_by_hand, free_port, honest
from tests.fixtures.conftest import BENCH, ROOT, STATION

ANSWERABLE = "!document.getElementById('prompt').hidden && document.querySelectorAll('#choices button:enabled').length"
HEAD = "document.getElementById('prompt-head').textContent"
LINK = re.compile(r"console: (http://\S+/(operator|watch)/\S+)")


@pytest.fixture
def run(tmp_path):
    """A run by hand with a console, at a terminal where nobody answers; its links and the port of the hands."""
    web, bench, runs = free_port(), tmp_path / "by_hand.toml", tmp_path / "runs"
    bench.write_text(bench_by_hand(BENCH.read_text(), web, timeout_s=60, safe_state_s=60))
    command = [sys.executable, "-m", "pytest", "testcases", "--bench", str(bench), "--station", str(STATION)]
    command += [
        "--runs",
        str(runs),
        "--ocpp",
        "1.6",
        "--case",
        "TC_010_CS",
        "--realtime",
        "-p",
        "no:cacheprovider",
        "--console",
    ]
    terminal = AtTerminal(command, ROOT, lambda _prompt: None)
    deadline = time.monotonic() + 30
    while len(links := {kind: url for url, kind in LINK.findall(terminal.shown)}) < 2:
        assert terminal.process.poll() is None, terminal.shown
        assert time.monotonic() < deadline, terminal.shown
        time.sleep(0.05)
    yield terminal, runs, links, web
    terminal.process.kill()
    terminal.process.wait()


@pytest.fixture
def watchers(browser):
    """Two other browsers; they must not complain, either."""
    made = [browser.page_apart() for _ in range(2)]
    yield made
    for page in made:
        page.js("1")
        assert page.complaints == []


def test_a_case_by_hand_is_run_from_the_console(page, watchers, run, offences_of, picture):
    terminal, runs, links, web = run
    page.visit(links["operator"])
    for watcher in watchers:
        watcher.size(390, 844, scheme="dark")
        watcher.visit(links["watch"])

    page.until(ANSWERABLE)
    assert page.js("location.pathname") == "/"
    page.until(
        "document.querySelectorAll('.panel polyline').length > 3 && document.querySelectorAll('#rows li').length > 3"
    )
    assert page.js("drawing.getBoundingClientRect().width") > 50
    picture("console-light")
    assert offences_of() == []

    looks_on, other = watchers
    looks_on.until(f"{HEAD} === {page.js(HEAD)!r}")
    assert looks_on.js("document.querySelectorAll('#choices button').length") == 0
    assert "You look on" in looks_on.js("people.textContent")
    looks_on.press("d")
    picture("console-phone-dark", looks_on)
    assert offences_of(looks_on) == []

    answered = [done_by(web, page.js(HEAD))]
    page.click("#choices button[data-word=done]")
    page.until(f"{ANSWERABLE} && {HEAD} !== {answered[0]!r}")

    before, rows = page.js(HEAD), page.js("document.querySelectorAll('#rows li').length")
    page.send("Page.reload")
    page.until(f"document.readyState === 'complete' && {ANSWERABLE}")
    assert page.js(HEAD) == before
    assert page.js("people.textContent").startswith("You are the operator, 2 watching")
    assert page.js("document.querySelectorAll('#rows li').length") >= rows
    page.size(1200, 900, scheme="dark")
    picture("console-dark")
    assert offences_of() == []
    page.size(1200, 900)

    while True:
        page.until(f"({ANSWERABLE}) || !ending.hidden")
        if page.js("!ending.hidden"):
            break
        asked = done_by(web, page.js(HEAD))
        answered.append(asked)
        picture(f"console-prompt-{len(answered)}")
        page.press("d")
        page.until(f"document.getElementById('prompt').hidden || {HEAD} !== {asked!r} || !ending.hidden")
    assert page.js("document.getElementById('ending-head').textContent") == "The run is over: green"
    picture("console-over")
    other.until("!ending.hidden")

    assert terminal.ended() == 0, terminal.shown
    lines = [msgspec.json.decode(line) for line in (runs / "latest" / "trace.jsonl").read_bytes().splitlines()]
    told = [line for line in lines if line["kind"] == "operator" and line["answer"] == "done"]
    assert len(told) == len(answered) >= 3
    assert {line["where"] for line in told} == {"console"}
    assert terminal.shown.count("-> done (answered at the console)") == len(told)


def done_by(web, asked):
    """The hands do what is asked; gives it back."""
    honest(asked, web)
    return asked
