"""What the templates print with: every value made visible and escaped, times and verdicts as people read them, and the environment."""

import base64
import re
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.verdict import Result, Verdict
from reports.grounds import measurement_observed, measurement_required
from reports.html.payload_html import marked_json
from reports.html.row import Row
from reports.text import UNSEEN, clip, duration, figure, line_refs, plain, ranges, visible

_HERE = Path(__file__).parent
_TEXT_LIMIT = 4_000


def slug(result: Result) -> str:
    """A result's word as a CSS class."""
    return result.value.replace(" ", "-").strip("()").replace("(", "").replace(")", "")


def _marked(text: object) -> Markup:
    """Text of a station for an element's content: what cannot be seen stands out as what it is."""
    parts: list[str] = []
    at, source = 0, clip(str(text), _TEXT_LIMIT)
    for match in UNSEEN.finditer(source):
        parts += [
            _escaped(source[at : match.start()]),
            Markup('<span class="unseen">{}</span>').format(visible(match.group())),
        ]
        at = match.end()
    return Markup("").join([*parts, _escaped(source[at:])])


def _escaped(text: str) -> Markup:
    """Text for an element's content, where quotes need no escape; what is expected is full of them."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


def _content(text: str) -> Markup:
    """Long text, its lines as they are."""
    return _escaped(visible(text, multiline=True))


def _finalize(value: Any) -> Any:
    """Every printed value: markup stays, all else becomes visible text, which Jinja2 then escapes."""
    return value if isinstance(value, Markup) else visible(clip(str(value), 20_000), multiline=True)


def packed(html: Markup) -> Markup:
    """HTML as zlib data in Base64: the page's script unpacks it when it is unfolded."""
    return Markup(base64.b64encode(zlib.compress(html.encode(), 6)).decode())  # noqa: S704 - letters and digits


_PACKED = re.compile(r' data-z="([A-Za-z0-9+/=]*)">')


def unpacked(page: str) -> str:
    """A report with everything in place that its script would unpack, also what is packed in something packed."""

    def inflate(match: re.Match[str]) -> str:
        return ">" + zlib.decompress(base64.b64decode(match[1])).decode()

    while (opened := _PACKED.sub(inflate, page)) != page:
        page = opened
    return page


def _body(row: Row) -> Markup:
    """What a row unfolds to; a message with its offending fields marked."""
    if not row.offending:
        return Markup("<pre>{}</pre>").format(_content(row.body))
    return Markup("<pre data-done>{}</pre>").format(marked_json(row.body, row.frame, row.offending))


def _facts(table: dict[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[str, list[dict[str, Any]]]]]:
    """A free-form table as single facts and as lists of like things (which are shown as tables)."""
    single: list[tuple[str, str]] = []
    many: list[tuple[str, list[dict[str, Any]]]] = []
    for key, value in table.items():
        name = str(key).replace("_", " ")
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            many.append((name, value))
        elif value not in (None, "", [], {}):
            single.append((name, plain(value)))
    return single, many


def _moment(utc: str) -> str:
    """An RFC 3339 time in UTC as people write it; anything else as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)", utc)
    return f"{match[1]} {match[2]} UTC" if match else utc


def _offset(seconds: float) -> str:
    """Seconds since the start of the case, signed, without a negative zero."""
    return f"{round(seconds, 3) + 0.0:+.3f}"


_CHIPS = {"step": "", "in": "", "out": "", "person": "operator", "judge": "check", "link": "link", "other": "note"}


def _row_class(row: Row) -> str:
    """What the style sheet needs to know of a row: `re` is a reply, which has a dashed arrow."""
    reply = "re" if row.lane in {"in", "out"} and row.tag else ""
    quiet = "quiet" if row.lane in {"judge", "other", "link"} or row.tag == "samples" else ""
    return " ".join(word for word in (row.lane, row.tone, reply, quiet, "marked" if row.marked else "") if word)


def _chip(row: Row) -> Markup:
    """Who did it, where it is no message: those have an arrow."""
    word = _CHIPS.get(row.lane, "bench")
    return Markup("<i>{}</i>").format(word) if word else Markup()


def _told(row: Row) -> Markup:
    """What kind of thing it is, and what it says in brief. The elements are short because a report has thousands of them."""
    tag = Markup(" <i>{}</i>").format(_marked(row.tag)) if row.tag and row.tag != "samples" else Markup()
    return tag + (Markup(" <span>{}</span>").format(_marked(row.brief)) if row.brief else Markup())


def _sym(verdict: Verdict) -> Markup:
    return Markup("<u>{}</u>").format(_SYMBOLS.get(verdict, "–"))


_SYMBOLS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?"}


def _columns(table: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for row in table for key in row))


@cache
def environment() -> Environment:
    """The templates beside this file, compiled once; whatever they print passes through `visible` and is escaped."""
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        marked=_marked,
        content=_content,
        moment=_moment,
        offset=_offset,
        duration=duration,
        figure=figure,
        plain=plain,
        slug=slug,
        refs=line_refs,
        facts=_facts,
        columns=_columns,
        row_class=_row_class,
        chip=_chip,
        told=_told,
        sym=_sym,
        body=_body,
        packed=packed,
        ident=id,
    )
    made.globals.update(
        measurement_required=measurement_required, measurement_observed=measurement_observed, ranges=ranges
    )
    return made
