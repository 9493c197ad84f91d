"""A drawing as PNG, by resvg, with fonts of this package: text is there on a machine that has no font, and everywhere the same."""

import re
from pathlib import Path

import resvg_py

FONTS = Path(__file__).parent / "fonts"
WIDTHS = (100, 8000)
"""Least and greatest width of a PNG, pixels."""

_FAMILY = "DejaVu Sans"
_NOT_OURS = re.compile(
    "[^\n\u0020-\u007e\u00a0-\u017f\u0391-\u03c9\u0410-\u044f\u2010-\u2015\u2018-\u201e\u2026\u2030\u20ac\u2126\u2190-\u2193\u2212\u2260\u2264\u2265]"
)
"""What the fonts of this package do not hold (docs/decisions/0021-plots.md has the command that made them)."""


def png_of(svg: str, width: int) -> bytes:
    """The drawing as a PNG `width` pixels wide, its height in proportion.

    For a character that the package's own fonts lack, those of the machine are looked at, too. Raises ValueError for a drawing that is no
    SVG, or a width out of WIDTHS.
    """
    if not WIDTHS[0] <= width <= WIDTHS[1]:
        raise ValueError(f"a width of {width} pixels; give {WIDTHS[0]} to {WIDTHS[1]}")
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=_NOT_OURS.search(svg) is None,
        font_files=[str(FONTS / "DejaVuSans.ttf"), str(FONTS / "DejaVuSans-Bold.ttf")],
        font_family=_FAMILY,
        sans_serif_family=_FAMILY,
    )
