"""Pages with a head and a foot, headings, paragraphs and tables, in a font that goes along in the file.

Every text passes through `Sheet.shown`: what cannot be seen, and what the font has no sign for, is written as an escape.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from fpdf import FPDF

from reports.text import clip, visible

Paper = Literal["A4", "Letter"]
Style = Literal["", "B"]
Colour = tuple[int, int, int]

INK: Colour = (28, 35, 41)
SOFT: Colour = (91, 102, 112)
LINE: Colour = (203, 209, 214)
WASH: Colour = (240, 242, 244)
RED: Colour = (178, 38, 38)
GREEN: Colour = (38, 110, 70)

_FONTS = Path(__file__).parent.parent / "plots" / "fonts"
_MARGIN = 16.0
_FOOT = 18.0
_LEADING = 1.32
_MM_A_POINT = 25.4 / 72
_LONGEST = 700


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a table with its look."""

    text: str
    style: Style = ""
    colour: Colour = INK


class Sheet(FPDF):
    """A document that grows from top to bottom. `head`: what stands above every page but the first, and `foot` below each."""

    def __init__(self, paper: Paper, title: str, head: str, foot: str, created: datetime) -> None:
        super().__init__(unit="mm", format=paper)
        self.add_font("sans", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("sans", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=False)
        self.alias_nb_pages()
        self.set_creation_date(created)
        self.set_font("sans", "", 9)
        fonts: dict[str, Any] = self.fonts
        self._widths = {style: _widths(fonts[f"sans{style}"]) for style in ("", "B")}
        self.set_title(re.sub(r"[^\w .:+-]", "_", self.shown(title), flags=re.ASCII))
        self.set_creator("Plugproof")
        self.set_lang("en")
        self._head, self._foot = self.shown(head), self.shown(foot)
        self.add_page()

    # -- texts

    def shown(self, text: str, limit: int = _LONGEST) -> str:
        """The text as it can be printed: one line, cut at `limit`, with an escape for each sign that is invisible or not in the font."""
        known = self._widths[""]
        return "".join(sign if sign in known else _escape(sign) for sign in visible(clip(text, limit)))

    def lines_of(self, text: str, width: float, size: float, style: Style = "") -> list[str]:
        """The text, broken at spaces, or within a word that is wider than `width` (mm)."""
        widths, room = self._widths[style], width / (size * _MM_A_POINT) * 1000
        lines, line, used = [], "", 0.0
        for word in self.shown(text).split(" "):
            for number, (piece, length) in enumerate(_pieces(word, widths, room)):
                gap = widths[" "] if line and not number else 0.0
                if line and (number or used + gap + length > room):
                    lines.append(line)
                    line, used, gap = "", 0.0, 0.0
                line, used = f"{line} {piece}" if gap else line + piece, used + gap + length
        return [*lines, line]

    # -- what a page is made of

    def header(self) -> None:
        """Above each page but the first."""
        if self.page_no() > 1:
            self._line(self._head, _MARGIN, 8, 7, SOFT)
            self.set_y(_MARGIN)

    def footer(self) -> None:
        """Below each page."""
        y = self.h - 11
        self._line(self._foot, _MARGIN, y, 7, SOFT)
        self.set_xy(self.w - _MARGIN - 30, y)
        self.set_font("sans", "", 7)
        self.cell(30, 3.5, f"page {self.page_no()} of {{nb}}", align="R")

    def heading(self, text: str, size: float = 12, follows: float = 16) -> None:
        """A heading that stays with the first `follows` mm of what follows it."""
        self._room(size * _MM_A_POINT * 2 + follows)
        self.set_y(self.get_y() + size * 0.42)
        self._line(self.shown(text), _MARGIN, self.get_y(), size, INK, "B")
        self.set_y(self.get_y() + size * _MM_A_POINT * _LEADING + 1.2)

    def paragraph(self, text: str, size: float = 9, colour: Colour = INK, style: Style = "") -> None:
        """A text over the whole width, with some room behind it."""
        height = size * _MM_A_POINT * _LEADING
        for line in self.lines_of(text, self.epw, size, style):
            self._room(height)
            self._line(line, _MARGIN, self.get_y(), size, colour, style)
            self.set_y(self.get_y() + height)
        self.set_y(self.get_y() + 1.2)

    def note(self, text: str, size: float = 9) -> None:
        """A paragraph on a shaded ground."""
        height = size * _MM_A_POINT * _LEADING
        lines = self.lines_of(text, self.epw - 6, size)
        self._room(height * len(lines) + 5)
        y = self.get_y()
        self.set_fill_color(*WASH)
        self.rect(_MARGIN, y, self.epw, height * len(lines) + 4, style="F")
        for number, line in enumerate(lines):
            self._line(line, _MARGIN + 3, y + 2 + number * height, size, INK)
        self.set_y(y + height * len(lines) + 6)

    def grid(self, heads: Sequence[str], shares: Sequence[float], rows: Iterable[Sequence[Cell | str]]) -> None:
        """A table; `shares` divide the width. Its head is repeated on each page; a row is not torn unless it is a page long."""
        widths = [self.epw * share / sum(shares) for share in shares]
        head = [Cell(text, "B", SOFT) for text in heads]
        self._room(14)
        if any(heads):
            self._row(head, widths, 7)
        for row in rows:
            cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
            if self._row(cells, widths, 7.5, dry=True) > self._left():
                self.add_page()
                if any(heads):
                    self._row(head, widths, 7)
            self._row(cells, widths, 7.5)
        self.set_y(self.get_y() + 2)

    def _row(self, cells: Sequence[Cell], widths: Sequence[float], size: float, *, dry: bool = False) -> float:
        height = size * _MM_A_POINT * _LEADING
        wrapped = [
            self.lines_of(one.text, width - 2, size, one.style) for one, width in zip(cells, widths, strict=True)
        ]
        most = int((self.h - _MARGIN - _FOOT - 16) / height)
        wrapped = [lines if len(lines) <= most else [*lines[: most - 1], "…"] for lines in wrapped]
        tall = max(len(lines) for lines in wrapped) * height + 1.6
        if dry:
            return tall
        x, y = _MARGIN, self.get_y()
        for one, lines, width in zip(cells, wrapped, widths, strict=True):
            for number, line in enumerate(lines):
                self._line(line, x, y + 0.8 + number * height, size, one.colour, one.style)
            x += width
        self.set_draw_color(*LINE)
        self.set_line_width(0.15)
        self.line(_MARGIN, y + tall, self.w - _MARGIN, y + tall)
        self.set_y(y + tall)
        return tall

    @staticmethod
    def signature_height(roles: Sequence[str]) -> float:
        """The room that `signature` takes, in mm."""
        return len(roles) * 22 + 4.0

    def signature(self, roles: Sequence[str]) -> None:
        """A block to be signed by hand: name, place and date, and signature for each role."""
        self._room(self.signature_height(roles))
        for role in roles:
            y = self.get_y() + 3
            self._line(role, _MARGIN, y, 8.5, INK, "B")
            for number, label in enumerate(("name", "place, date", "signature")):
                x = _MARGIN + number * self.epw / 3
                self.set_draw_color(*SOFT)
                self.line(x, y + 14, x + self.epw / 3 - 4, y + 14)
                self._line(label, x, y + 14.8, 7, SOFT)
            self.set_y(y + 19)

    def _line(self, text: str, x: float, y: float, size: float, colour: Colour, style: Style = "") -> None:
        if not text:
            return
        self.set_font("sans", style, size)
        self.set_text_color(*colour)
        self.text(x, y + size * _MM_A_POINT * 0.95, text)

    def _left(self) -> float:
        return self.h - _FOOT - self.get_y()

    def _room(self, height: float) -> None:
        if self._left() < height:
            self.add_page()


def _widths(font: Any) -> dict[str, float]:
    """The width of every sign that the font has, in thousandths of its size."""
    scale = 1000 / font.ttfont["head"].unitsPerEm
    metrics = font.ttfont["hmtx"].metrics
    return {chr(code): metrics[name][0] * scale for code, name in font.ttfont.getBestCmap().items()}


def _escape(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _pieces(word: str, widths: dict[str, float], room: float) -> list[tuple[str, float]]:
    """A word in pieces that fit, each with its width; one piece where it fits as it is."""
    pieces: list[tuple[str, float]] = []
    piece, used = "", 0.0
    for sign in word:
        width = widths.get(sign, 600.0)
        if piece and used + width > room:
            pieces.append((piece, used))
            piece, used = "", 0.0
        piece, used = piece + sign, used + width
    return [*pieces, (piece, used)]
