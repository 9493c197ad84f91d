"""The report as a dossier on paper: one PDF, built from the record alone."""

from reports.pdf.content import PAPERS, Paper, render_pdf

__all__ = ["PAPERS", "Paper", "render_pdf"]
