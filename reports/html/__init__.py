"""The report people read: one self-contained HTML file, built from the record and the trace."""

from reports.html.page import render
from reports.html.printing import unpacked

__all__ = ["render", "unpacked"]
