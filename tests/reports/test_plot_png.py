import re
import struct
import zlib

import pytest

from reports.plots.chart import chart_of
from reports.plots.drawing import standalone
from reports.plots.png import png_of
from tests.reports.plot_parts import amperes


def drawing(title="TC_1: a title"):
    return standalone(chart_of([amperes(float(t), 16.0 if t > 4 else 0.0) for t in range(60)], 0.0), title, "OCPP 1.6")


def size_of(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png[12:16] == b"IHDR"
    return struct.unpack(">II", png[16:24])


def pixels(png):
    """The image's rows of RGBA, unfiltered (PNG specification, clause 9)."""
    width, height = size_of(png)
    assert png[24:29] == bytes([8, 6, 0, 0, 0])  # 8 bits, RGBA, not interlaced
    data, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, rows, before = zlib.decompress(data), [], bytes(4 * width)
    for y in range(height):
        line = raw[y * (4 * width + 1) : (y + 1) * (4 * width + 1)]
        before = unfiltered(line[0], line[1:], before)
        rows.append(before)
    return rows


def unfiltered(kind, line, above):
    out = bytearray(line)
    for i in range(len(out)):
        a, b, c = (out[i - 4] if i >= 4 else 0), above[i], (above[i - 4] if i >= 4 else 0)
        nearest = min((a, b, c), key=lambda x: abs(a + b - c - x))
        out[i] = (out[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
    return bytes(out)


@pytest.mark.parametrize("width", [100, 430, 1720])
def test_a_png_has_the_width_that_was_asked_for_and_the_drawings_shape(width):
    svg = drawing()
    wide, high = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    got = size_of(png_of(svg, width))
    assert got[0] == width
    assert got[1] == pytest.approx(width * high / wide, abs=1)


@pytest.mark.parametrize("title", ["TC_1: a title", "±Ω°·€ ≤≥ Łódź Größe", "Зарядка"])
def test_text_is_drawn_with_the_fonts_of_the_package(title):
    """Without them, and without those of the machine, the very same drawing has none."""
    svg = drawing(title)
    with_text, without = pixels(png_of(svg, 860)), pixels(png_of(re.sub(r"<text.*?</text>", "", svg), 860))
    assert len(with_text) == len(without)
    differing = [y for y, (one, other) in enumerate(zip(with_text, without, strict=True)) if one != other]
    assert differing[0] < 20  # the title
    assert differing[-1] > len(with_text) - 20  # the time axis
    assert dark(with_text, 4, 24) > dark(without, 4, 24) + 100


def dark(rows, first, last):
    return sum(row[i] < 128 for row in rows[first:last] for i in range(0, len(row), 4))


def test_every_character_that_is_called_ours_has_a_glyph():
    """A box stands for a glyph that is missing: it would look the same for two different characters."""
    shapes = {char: png_of(drawing(char), 860) for char in "aß±µΩωЖяŁž€≤≥≠−…–—“←↑→↓‰\ue000"[:-1]}
    assert len(set(shapes.values())) == len(shapes)


def test_the_curve_has_its_colour_at_its_place():
    svg = drawing()
    rows = pixels(png_of(svg, 860))
    chart = chart_of([amperes(float(t), 16.0 if t > 4 else 0.0) for t in range(60)], 0.0)
    x, y = round(chart.x_of(50.0)), round(chart.panels[0].y_of(16.0) + 46)
    column = [tuple(rows[at][4 * x : 4 * x + 3]) for at in range(y - 2, y + 3)]
    assert any(blue > red + 60 for red, _, blue in column)
    assert not any(
        blue > red + 60 for red, _, blue in (tuple(rows[at][4 * x : 4 * x + 3]) for at in range(y + 6, y + 30))
    )


@pytest.mark.parametrize("width", [99, 8001, 0, -5])
def test_a_width_that_makes_no_sense_is_refused(width):
    with pytest.raises(ValueError, match="give 100 to 8000"):
        png_of(drawing(), width)
