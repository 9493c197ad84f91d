"""Parts of the console's page without a run behind it: abort, keys, sound, taking over, hostile content, the end."""

import time

import pytest

from bench.drivers.operator import _DONE
from bench.links.asking import Question, Reply
from fixtures.console import attendance
from fixtures.console.address import Address, listen
from fixtures.console.live import Next, Progress
from fixtures.console.server import Console
from harness.trace import events
from harness.trace.trace import Record
from tests.reports.test_hostile_content import EVIL

OPEN = "!document.getElementById('prompt').hidden && document.querySelectorAll('#choices button:enabled').length === 3"


class Desk:
    """A console, what it was answered, and who was told what on the terminal."""

    def __init__(self):
        self.answers, self.said = [], []
        self.console = Console(listen(Address("127.0.0.1", 0)), "127.0.0.1", "CS-1", self.said.append)
        self.console.start()
        self._asked, self._seq = 0, 0

    def ask(self, about="plug_in", *lines):
        self._asked += 1
        text = lines or ("Plug the cable in.", "Look at: it sits.")
        self.question = Question(self._asked, "hand", about, text, _DONE, 60.0)
        self.console.put(self.question, self.answers.append)

    def over(self, word, where="console"):
        self.console.over(self.question, Reply(word, 1.0, 2.0, where))

    def feed(self, event):
        self._seq += 1
        self.console.feed(Record(self._seq, 1.0, "2026-01-01T10:00:00.000Z", "", event))

    def until(self, wanted):
        deadline = time.monotonic() + 10
        while not wanted():
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def desk():
    made = Desk()
    yield made
    made.console.close()


@pytest.fixture
def operator(page, desk):
    page.visit(desk.console.links.operator)
    page.until("people.textContent.startsWith('You are the operator')")
    yield page
    desk.console.ended("green", [])
    page.until("!ending.hidden")


def test_abort_asks_once_more(operator, desk, picture):
    desk.ask()
    operator.until(OPEN)
    operator.press("a")
    operator.until("!sure.hidden && choices.hidden && document.activeElement.id === 'sure-no'")
    picture("console-sure")
    operator.press("d")  # while it asks, no other key answers
    operator.press("Escape")
    operator.until("sure.hidden && !choices.hidden")
    assert desk.answers == []
    operator.click("#choices button[data-word=abort]")
    operator.click("#sure-yes")
    desk.until(lambda: desk.answers == ["abort"])


def test_keys_can_be_switched_off_and_stay_off(operator, desk):
    operator.click("#keys")
    desk.ask()
    operator.until(OPEN)
    operator.press("d")
    operator.send("Page.reload")
    operator.until(f"document.readyState === 'complete' && {OPEN}")
    operator.press("d")
    assert operator.js("document.getElementById('keys').textContent") == "Keys off"
    operator.click("#keys")
    operator.press("d")
    desk.until(lambda: desk.answers == ["done"])


def test_sound_is_heard_after_a_click_and_can_be_muted(operator, desk):
    operator.js(
        "window.heard = 0; const make = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () { heard += 1; return make.call(this); };"
    )
    desk.ask()
    operator.until(OPEN)
    assert operator.js("heard") == 0
    operator.click("#case-state")
    operator.until("sound.textContent === 'Sound on'")
    desk.over("done")
    desk.ask()
    operator.until("heard === 3")
    operator.click("#sound")
    assert operator.js("sound.textContent") == "Sound off"
    desk.over("done")
    operator.until("document.getElementById('prompt').hidden")
    desk.ask()
    operator.until(OPEN)
    assert operator.js("heard") == 3


def test_an_answer_at_the_terminal_closes_the_prompt(operator, desk):
    desk.ask()
    operator.until(OPEN)
    desk.over("done", "terminal")
    operator.until(
        "document.getElementById('prompt').hidden && last.textContent === 'Last prompt: Answered at the terminal: done.'"
    )


def test_another_browser_takes_over(operator, desk, browser, monkeypatch):
    monkeypatch.setattr(attendance, "GONE_S", 0.1)
    desk.ask()
    operator.until(OPEN)
    operator.send(
        "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
    )
    operator.send("Page.navigate", url="about:blank")
    desk.until(lambda: desk.console.links.operator)
    other = browser.page_apart()
    other.visit(desk.console.links.watch)
    other.until("people.textContent.startsWith('You look on; operator: gone')")
    other.visit(desk.console.links.operator)
    other.until(f"people.textContent.startsWith('You are the operator') && {OPEN}")
    operator.send("Page.navigate", url=f"{desk.console.links.watch.partition('/watch')[0]}/")
    operator.until("document.readyState === 'complete' && people.textContent.startsWith('You look on; operator: here')")
    assert operator.js("document.querySelectorAll('#choices button').length") == 0
    assert other.complaints == []


@pytest.mark.parametrize("kind", sorted(EVIL))
def test_hostile_content_runs_nothing(operator, desk, kind, picture):
    evil = EVIL[kind]
    frame = {"connection": 1, "station": evil, "ocpp": "1.6", "direction": "in"}
    desk.console.comes_to(Next("TC_010_CS", evil, evil, 1, 2))
    desk.console.progressed(Progress(2, 1, {"pass": 1}, 1.0, None))
    desk.feed(events.CaseStarted(id=evil, ocpp=evil, station=evil, evse=1))
    desk.feed(events.StepStarted(index=1, step_kind="test", title=evil))
    desk.feed(events.Frame(**frame, frame="call", action=evil, raw=f'[2,"1","{evil}",{{"vendor":"{evil}"}}]'))
    desk.feed(events.Frame(**frame, frame="malformed", raw=evil))
    desk.feed(events.Closed(connection=1, station=evil, code=1000, reason=evil))
    values = {"current_l1_a": (1.0, evil, 0.1), evil: (1.0, "A", 0.1)}
    desk.feed(events.Sample(at=1.0, source=evil, role="reference_meter", evse=1, values=values, t_u=0.1))
    desk.ask("no such drawing", evil, evil)
    operator.until(f"{OPEN} && document.querySelectorAll('#rows li').length === 3")
    operator.until("document.querySelectorAll('.panel').length === 1")
    assert operator.js("document.scripts.length") == 1
    assert operator.js("document.images.length") == 0
    assert operator.js("document.querySelectorAll('iframe, object, embed, a, form, link:not([rel=icon])').length") == 0
    assert operator.js(r"/[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]/.test(document.body.innerText)") is False
    assert operator.js("document.documentElement.scrollWidth") <= 1200
    if kind == "script":
        picture("console-hostile")


def test_a_phone_has_the_buttons_on_its_screen(operator, desk, picture, offences_of):
    operator.size(390, 844)
    desk.ask(
        "press_emergency_stop",
        "Press the emergency stop of the left-hand socket.",
        "Look at: the station shows an error.",
    )
    operator.until(OPEN)
    bottom = operator.js("document.querySelector('#choices button:last-child').getBoundingClientRect().bottom")
    picture("console-phone")
    assert bottom < 844
    assert operator.js("document.documentElement.scrollWidth") <= 390
    assert offences_of() == []
