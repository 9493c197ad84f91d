"""A second place where a person's question is answered: a board beside the terminal."""

import asyncio
import os

import pytest

from bench.errors import InstrumentFault, NotByHand
from tests.bench.drivers.by_hand.colleague import CARDS


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
        async with asyncio.timeout(60):
            await asked
    finally:
        os.close(filler)
    assert [(each.answer, each.where) for each in hand.answers] == [("done", "console")]
