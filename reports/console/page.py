"""The console's document, made once a run: everything that changes comes later, over its WebSocket, and is set as text."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.console.drawings import DRAWINGS
from reports.text import clip, visible

_HERE = Path(__file__).parent
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Page:
    """A document and the Content-Security-Policy that it is sent with: its own script and style by their digests, nothing else."""

    html: bytes
    policy: str

    @classmethod
    def made(cls, run: str) -> "Page":
        """The page of a run of this name."""
        css, script = _read("console.css"), _read("console.js")
        html = (
            _environment()
            .get_template("console.html.j2")
            .render(run=_shown(run), css=Markup(css), script=Markup(script), drawings=DRAWINGS)  # noqa: S704 - our own files
        )
        policy = (
            f"{_NOTHING}; style-src {_digest(css)}; script-src {_digest(script)}; connect-src 'self'; img-src data:"
        )
        return cls(html.encode(), policy)


def refusal(why: str) -> Page:
    """A page that says why nothing is shown."""
    css = _read("console.css")
    html = _environment().get_template("refused.html.j2").render(why=_shown(why), css=Markup(css))  # noqa: S704 - our own file
    return Page(html.encode(), f"{_NOTHING}; style-src {_digest(css)}; img-src data:")


def _shown(text: str) -> str:
    return visible(clip(text, 300))


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
