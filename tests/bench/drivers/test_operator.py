"""A person at a pseudo-terminal: what they are shown, and what becomes of their answers."""

import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest

from bench import registry
from bench.clock import LoopClock
from bench.errors import BenchError, InstrumentFault, NotByHand, VerbAbsent
from bench.links import terminal as terminal_link
from bench.rig import Rig
from bench.stimuli import Silent
from bench.verbs import VERBS
from harness.model.strict import ModelError, build
from harness.model.topology import InstrumentEntry, load_topology

PLUG = {"plug_in": {}, "unplug": {}}
CARDS = {"places": {"1": "the left-hand socket"}, "cards": {"04A1": "the white card, marked A"}}


class Colleague:
    """Holds the far end of a terminal: reads what is shown, types answers."""

    def __init__(self):
        self.ours, theirs = os.openpty()
        self.device = os.ttyname(theirs)
        self._theirs = theirs
        self.seen = ""
        self._taken = 0
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.ours, self._read)

    def _read(self):
        try:
            self.seen += os.read(self.ours, 65536).decode()
        except OSError:
            self.leave()
        self._news.set()

    async def sees(self, *words):
        """Wait until all the words were shown since the last wait."""
        async with asyncio.timeout(5):
            while not all(word in self.seen[self._taken :] for word in words):
                self._news.clear()
                await self._news.wait()
        self._taken = len(self.seen)

    def types(self, text):
        os.write(self.ours, text.encode())

    def leave(self):
        if self.ours >= 0:
            asyncio.get_running_loop().remove_reader(self.ours)
            os.close(self.ours)
            os.close(self._theirs)
            self.ours = -1


@pytest.fixture
async def colleague():
    terminal_link._DESKS.clear()  # terminals' names are given again
    made = Colleague()
    yield made
    made.leave()


@pytest.fixture
def hand(colleague):
    """Makes the instrument; `hand.answers` are those it told."""

    def make(verbs=PLUG, roles=("ev_simulator",), device=colleague.device, simulated=False, name="hand", **options):
        table = {
            "name": name,
            "roles": list(roles),
            "driver": "operator",
            "address": f"terminal:{device}",
            "options": {"verbs": verbs, **options},
        }
        entry = build(InstrumentEntry, table, "bench.toml")
        clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC), simulated=simulated)
        made = registry.create(entry, entry.address, clock, "bench.toml")
        made.report_to(make.answers.append)
        return made

    make.answers = []
    return make


async def test_done_is_done_and_stands_in_the_evidence_with_its_times(hand, colleague):
    box = hand(**CARDS)
    assert await box.identify() == f"a person at {colleague.device}"
    loop, before = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    asked = asyncio.ensure_future(box.plug_in(20.0))
    await colleague.sees(
        "by hand, no. ", "rated 20 A) into the left-hand socket", "Look at: ", "Within 2 min: d = done"
    )
    await asyncio.sleep(0.05)
    colleague.types("d\n")
    await asked
    (answer,) = hand.answers
    assert (answer.instrument, answer.verb, answer.answer) == ("hand", "plug_in", "done")
    assert "Plug the car's cable (rated 20 A) into the left-hand socket" in answer.prompt
    assert before <= answer.asked_at <= answer.answered_at - 0.05 <= loop.time()


async def test_a_card_is_named_as_the_person_knows_it(hand, colleague):
    reader = hand({"present": {}}, ("id_reader",), **CARDS)
    asked = asyncio.ensure_future(reader.present("04A1"))
    await colleague.sees("the white card, marked A (04A1) to the reader of the left-hand socket")
    colleague.types("done\n")
    await asked
    asked = asyncio.ensure_future(reader.present("FFFF"))
    await colleague.sees("Hold the card with id FFFF")
    colleague.types("D\r")
    await asked


async def test_cannot_is_not_done_by_hand(hand, colleague):
    asked = asyncio.ensure_future(hand().plug_in())
    await colleague.sees("c = cannot be done")
    colleague.types("c\n")
    with pytest.raises(NotByHand, match="plug_in was asked of a person, and they answered that they cannot"):
        await asked
    assert hand.answers[0].answer == "cannot"


async def test_another_word_is_asked_again_and_the_time_left_is_told(hand, colleague):
    asked = asyncio.ensure_future(hand({**PLUG, "plug_in": {"timeout_s": 1.0}}).plug_in())
    await colleague.sees("Within 1 s")
    colleague.types("\n")
    await colleague.sees("'' is none of them. d = done")
    colleague.types("dine\n")
    await colleague.sees("'dine' is none of them")
    await colleague.sees("0 s left: d = done")
    colleague.types("d\n")
    await asked


async def test_no_answer_in_time_is_not_done_and_the_next_wait_is_shorter(hand, colleague):
    box, loop = hand(timeout_s=0.6, unattended_s=0.3), asyncio.get_running_loop()
    with pytest.raises(NotByHand, match=r"nobody answered within 0.6 s"):
        await box.plug_in()
    before = loop.time()
    with pytest.raises(NotByHand, match=r"nobody answered within 0.3 s"):
        await box.plug_in()
    assert loop.time() - before < 0.55
    assert [answer.answer for answer in hand.answers] == ["no answer", "no answer"]
    asked = asyncio.ensure_future(box.plug_in())
    await colleague.sees("no. 3:")
    colleague.types("d\n")
    await asked
    assert box._patience_s("plug_in") == 0.6


async def test_what_was_typed_before_answers_nothing(hand, colleague):
    colleague.types("d\n")
    await asyncio.sleep(0.05)
    with pytest.raises(NotByHand, match="nobody answered"):
        await hand(timeout_s=0.2).plug_in()


async def test_questions_are_answered_by_choices(hand, colleague):
    box = hand({**PLUG, "pilot_state": {}, "locked": {}}, ("ev_simulator", "lock_sensor"))
    for typed, state in (("a\n", "A"), ("C\n", "C")):
        asked = asyncio.ensure_future(box.pilot_state())
        await colleague.sees("a = A", "cannot = cannot be told", "abort = abort the run")
        colleague.types(typed)
        assert await asked == state
    for typed, held in (("y\n", True), ("no\n", False)):
        asked = asyncio.ensure_future(box.locked())
        await colleague.sees("y = yes, n = no")
        colleague.types(typed)
        assert await asked is held
    asked = asyncio.ensure_future(box.pilot_state())
    await colleague.sees("cannot")
    colleague.types("cannot\n")
    with pytest.raises(NotByHand):
        await asked


async def test_abort_ends_the_run_as_ctrl_c_does(hand, colleague):
    asked = asyncio.ensure_future(hand().plug_in())
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, asked.cancel)
    try:
        await colleague.sees("a = abort the run")
        colleague.types("a\n")
        with pytest.raises(asyncio.CancelledError):
            await asked
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert hand.answers[0].answer == "abort"


async def test_a_question_whose_asker_is_gone_is_withdrawn(hand, colleague):
    asked = asyncio.ensure_future(hand().plug_in())
    await colleague.sees("d = done")
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await colleague.sees("withdrawn")
    assert hand.answers[0].answer == "withdrawn"


async def test_questions_queue_one_at_a_time(hand, colleague):
    box, reader = hand(), hand({"present": {}}, ("id_reader",), name="cards")
    both = asyncio.gather(box.plug_in(), reader.present("X"))
    await colleague.sees("Plug the car's cable")
    await asyncio.sleep(0.1)
    assert "Hold the card" not in colleague.seen
    colleague.types("d\n")
    await colleague.sees("Hold the card")
    colleague.types("d\n")
    await both
    assert hand.answers[1].asked_at >= hand.answers[0].answered_at


async def test_a_confirmed_state_is_not_asked_for_again(hand, colleague):
    box = hand()
    for call in (box.plug_in, box.plug_in, box.unplug, box.unplug):
        asked = asyncio.ensure_future(call())
        await asyncio.sleep(0.05)
        if not asked.done():
            colleague.types("d\n")
        await asked
    told = [(answer.verb, answer.answer) for answer in hand.answers]
    assert told == [
        ("plug_in", "done"),
        ("plug_in", "not asked: confirmed before"),
        ("unplug", "done"),
        ("unplug", "not asked: confirmed before"),
    ]


async def test_decline_asks_nobody_and_says_so(hand, colleague):
    box = hand(mode="decline")
    assert await box.identify() == "nobody is asked: everything is declined here (mode decline)"
    with pytest.raises(VerbAbsent, match="does not do plug_in: everything is declined here"):
        await box.plug_in()
    assert hand.answers[0].answer.startswith("declined: ")
    assert colleague.seen == ""


@pytest.mark.parametrize(
    ("device", "why"), [("/dev/pts/99999", "has no terminal /dev/pts/99999"), ("/dev/null", "is no")]
)
async def test_without_a_terminal_all_is_declined_and_that_is_said(hand, device, why):
    box = hand(device=device)
    assert why in await box.identify()
    with pytest.raises(VerbAbsent, match=why):
        await box.plug_in()


async def test_a_terminal_that_goes_away_is_a_fault(hand, colleague):
    asked = asyncio.ensure_future(hand().plug_in())
    await colleague.sees("d = done")
    colleague.types("\x04")
    await asyncio.sleep(0.05)
    assert not asked.done()
    colleague.leave()
    with pytest.raises(InstrumentFault, match="went away"):
        await asyncio.wait_for(asked, 1)


async def test_hostile_text_reaches_no_terminal(hand, colleague):
    say = "\x1b]0;owned\x07\x1b[2J<place>\nsecond line ---- by hand\u202etxt" + "x" * 1000
    box = hand({**PLUG, "plug_in": {"say": say}}, places={"1": "the\x1b[31m socket\r"})
    asked = asyncio.ensure_future(box.plug_in())
    await colleague.sees(
        "\\x1b]0;owned\\x07\\x1b[2Jthe\\x1b[31m socket\\r", "\n  second line ---- by hand\\u202etxt", "xxx..."
    )
    colleague.types("d\n")
    await asked
    shown = colleague.seen.replace("\r\n", "\n").replace("\a", "")
    assert all(character.isprintable() or character == "\n" for character in shown)


async def test_a_surrogate_in_a_text_breaks_nothing():
    assert terminal_link.plain("a\ud800b") == "a?b"


async def test_simulated_time_and_a_person_do_not_go_together(hand):
    with pytest.raises(
        BenchError, match=r"a person takes real time.*Cure: run with --realtime, or with --operator decline"
    ):
        hand(simulated=True)
    assert await hand(simulated=True, mode="decline").identify()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"verbs": {"plug": {}, "unplug": {}}}, "it is called 'plug_in' here"),
        ({"verbs": {"plug_in": {}}}, "verbs.plug_in cannot be undone: no unplug is listed"),
        ({"verbs": {**PLUG, "identify": {}}}, "a person is not asked who they are"),
        ({"verbs": {**PLUG, "plug_in": {"say": "Into <plaice>"}}}, "<plaice> is no value of this verb. Cure: .*place"),
        ({"places": {"2": "right"}}, "places has '2', and it serves EVSE 1"),
    ],
)
async def test_a_description_that_cannot_work_names_file_place_and_cure(hand, options, told):
    with pytest.raises(BenchError, match=told) as caught:
        hand(**options)
    assert str(caught.value).startswith("bench.toml: hand: ")


async def test_an_unknown_option_is_refused(hand):
    with pytest.raises(ModelError, match="timeout"):
        hand(timout_s=3)
    with pytest.raises(BenchError, match=r"is no terminal. Cure: write terminal:/dev/tty"):
        hand(device="")


async def test_a_dry_run_shows_what_a_person_would_read(hand):
    told = dict(hand({**PLUG, "plug_in": {"say": "In at <place>, <cable_rating_a> A"}}).rehearse())
    assert told["plug_in"] == "In at EVSE 1, connector 1, 32 A"
    assert "Look at: Nothing is left in the socket." in told["unplug"]


async def test_every_verb_has_words(hand):
    every = {name: {} for name in VERBS if name != "identify"}
    shown = hand(every, registry.drivers()["operator"].roles).rehearse()
    assert [name for name, _ in shown] == list(every)
    assert all(len(words) > 20 and "<" not in words for _, words in shown)


# -- the safe state

BENCH = """
name = "hands"
[limits]
max_voltage_v = 253
max_current_a = 32
[[instrument]]
name = "hand"
roles = ["ev_simulator", "panel"]
driver = "operator"
address = "terminal:DEVICE"
options.verbs.plug_in = {}
options.verbs.unplug = {}
options.verbs.press_emergency_release = {}
options.safe_state_s = 0.3
[[instrument]]
name = "bay"
roles = ["parking_bay"]
driver = "line_panel"
address = "tcp://127.0.0.1:PORT"
[[safe_state]]
instrument = "hand"
verb = "unplug"
[[safe_state]]
instrument = "hand"
verb = "press"
args = { button = "emergency_release" }
[[safe_state]]
instrument = "bay"
verb = "leave"
"""


class Heard(Silent):
    def __init__(self):
        self.answers = []

    def on_answer(self, answer):
        self.answers.append(answer)


@pytest.fixture
async def rig(talker, colleague):
    server = await talker({"*IDN?": "BAY", "BAY 1 free": "OK"})
    text = BENCH.replace("DEVICE", colleague.device).replace("PORT", str(server.port))
    clock = LoopClock(asyncio.get_running_loop(), datetime(2026, 1, 1, tzinfo=UTC))
    heard = Heard()
    made = await Rig.open(load_topology(text, "bench.toml"), clock, on_event=heard)
    made.heard = heard
    yield made
    await made.close()


async def test_the_safe_state_waits_for_nobody_and_says_what_is_not_confirmed(rig):
    before = asyncio.get_running_loop().time()
    steps = await rig.close()
    assert asyncio.get_running_loop().time() - before < 1.0
    assert [(step.step.instrument, step.ok) for step in steps] == [("bay", True), ("hand", False), ("hand", False)]
    assert steps[1].what.startswith(
        "not confirmed: hand: unplug was asked of a person, and nobody answered within 0.3 s"
    )
    assert "nobody is there: an earlier question" in steps[2].what
    assert [answer.answer for answer in rig.heard.answers] == ["no answer"]


async def test_the_safe_state_is_asked_for_even_if_it_was_confirmed_before(rig, colleague):
    for call in (rig.ev().unplug(), rig.close()):
        asked = asyncio.ensure_future(call)
        await colleague.sees("Pull the car's plug")
        colleague.types("d\n")
        if call.__name__ == "close":
            await colleague.sees("Release the emergency stop")
            colleague.types("d\n")
        result = await asked
    assert [(step.ok, step.what) for step in result][1:] == [(True, "confirmed by the person at the bench")] * 2


# -- a second place where the question is answered


class Board:
    """Shows questions in a second place; keeps what it was told."""

    def __init__(self):
        self.open, self.closed = [], []
        self.asked = asyncio.Event()

    def put(self, question, answer):
        self.open.append((question, answer))
        self.asked.set()

    def over(self, question, reply):
        self.closed.append((question, reply))


@pytest.fixture
def boarded(hand):
    """Makes an instrument that asks at a board, too."""

    def make(board, **options):
        made = hand(**options)
        made.report_to(hand.answers.append, board)
        return made

    return make


async def test_the_board_answers_from_another_thread_and_the_terminal_is_told(hand, boarded, colleague):
    board = Board()
    asked = asyncio.ensure_future(boarded(board, **CARDS).plug_in(20.0))
    await colleague.sees("by hand, no. ", "d = done")
    ((question, answer),) = board.open
    assert (question.about, question.instrument, question.timeout_s) == ("plug_in", "hand", 120.0)
    assert question.text[0].startswith("Plug the car's cable (rated 20 A) into the left-hand socket")
    assert [choice.word for choice in question.choices] == ["done", "cannot", "abort"]
    await asyncio.to_thread(answer, "done")
    await asyncio.to_thread(answer, "cannot")  # a second answer changes nothing
    await asked
    await colleague.sees("-> done (answered at the console)")
    assert [(each.answer, each.where) for each in hand.answers] == [("done", "console")]
    assert [reply.where for _, reply in board.closed] == ["console"]


async def test_the_terminal_answers_and_the_board_is_told(hand, boarded, colleague):
    board = Board()
    asked = asyncio.ensure_future(boarded(board).plug_in())
    await colleague.sees("d = done")
    colleague.types("d\n")
    await asked
    ((question, reply),) = board.closed
    assert question is board.open[0][0]
    assert (reply.word, reply.where) == ("done", "terminal")
    assert [(each.answer, each.where) for each in hand.answers] == [("done", "terminal")]
    board.open[0][1]("cannot")  # too late: there is nobody who hears it
    await asyncio.sleep(0.05)
    assert len(hand.answers) == 1


async def test_no_answer_at_either_place(hand, boarded, colleague):
    board = Board()
    with pytest.raises(NotByHand, match="nobody answered"):
        await boarded(board, timeout_s=0.1).plug_in()
    ((_, reply),) = board.closed
    assert reply.word is None
    assert [(each.answer, each.where) for each in hand.answers] == [("no answer", "")]


async def test_a_question_that_is_withdrawn_is_withdrawn_at_the_board(hand, boarded, colleague):
    board = Board()
    asked = asyncio.ensure_future(boarded(board).plug_in())
    await colleague.sees("d = done")
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert [reply for _, reply in board.closed] == [None]


async def test_a_terminal_that_goes_away_closes_the_question_at_the_board(boarded, colleague):
    board = Board()
    asked = asyncio.ensure_future(boarded(board).plug_in())
    await colleague.sees("d = done")
    colleague.leave()
    with pytest.raises(InstrumentFault, match="went away"):
        await asked
    assert [reply for _, reply in board.closed] == [None]


async def test_a_stopped_terminal_does_not_hold_the_board_up(hand, boarded, colleague):
    board = Board()
    asyncio.get_running_loop().remove_reader(
        colleague.ours
    )  # nobody reads: it fills up, as when it is stopped by Ctrl-S
    verbs = {"plug_in": {"say": "long text " * 28}, "unplug": {}}
    filler = os.open(colleague.device, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        with pytest.raises(BlockingIOError):
            while True:
                os.write(filler, b"x" * 4096)
        asked = asyncio.ensure_future(boarded(board, verbs=verbs).plug_in())
        await board.asked.wait()
        board.open[0][1]("done")
        async with asyncio.timeout(5):
            await asked
    finally:
        os.close(filler)
    assert [(each.answer, each.where) for each in hand.answers] == [("done", "console")]
