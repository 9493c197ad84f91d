"""A person at a pseudo-terminal: what they are shown, and what becomes of their answers."""

import asyncio
import signal

import pytest

from bench import registry
from bench.errors import BenchError, InstrumentFault, NotByHand, VerbAbsent
from bench.links import terminal as terminal_link
from bench.verbs import VERBS
from harness.model.strict import ModelError
from tests.bench.drivers.by_hand.colleague import CARDS, PLUG


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
