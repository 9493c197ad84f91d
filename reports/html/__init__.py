"""The report people read: one self-contained HTML file, built from the record and the trace."""

from reports.html.page import render

__all__ = ["render"]
