"""All result files of one run, from its record and its trace."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.record import RunRecord
from reports.compare import Comparison
from reports.csv_tables import measurements_csv, results_csv
from reports.html import render
from reports.json_report import environment_json, record_json
from reports.junit import junit_xml
from reports.markdown import summary_md

if TYPE_CHECKING:
    from reports.pdf import Paper

REPORTS = (
    "record.json",
    "environment.json",
    "junit.xml",
    "results.csv",
    "measurements.csv",
    "summary.md",
    "report.html",
)
"""The result files of a run, in the order in which `build_all` writes them."""


PDF = "report.pdf"
"""Written only when it is asked for."""


def write_atomically(path: Path, content: bytes) -> Path:
    """Write `content` beside `path` and put it in place at once: a reader sees the old file or the new one, never half of it.

    Raises OSError when the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def build_all(
    run_dir: Path,
    record: RunRecord,
    trace_lines: Iterable[dict[str, Any]],
    comparison: Comparison | None = None,
) -> list[Path]:
    """Write record.json, environment.json, junit.xml, the CSV tables, summary.md and report.html into `run_dir` and return their paths.

    The record comes first: every other file can be made from it again. `trace_lines` are the decoded lines of the trace, in
    order; `comparison`: with an earlier run, for the reports that people read. Raises OSError when `run_dir` cannot be written.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    with _uncollected():
        return _written(run_dir, record, trace_lines, comparison)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without searches for cycles, of which reports make none to speak of: a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _written(
    run_dir: Path, record: RunRecord, trace_lines: Iterable[dict[str, Any]], comparison: Comparison | None
) -> list[Path]:
    return [
        write_atomically(run_dir / "record.json", record_json(record)),
        write_atomically(run_dir / "environment.json", environment_json(record)),
        write_atomically(run_dir / "junit.xml", junit_xml(record)),
        write_atomically(run_dir / "results.csv", results_csv(record)),
        write_atomically(run_dir / "measurements.csv", measurements_csv(record)),
        write_atomically(run_dir / "summary.md", summary_md(record, comparison)),
        write_atomically(run_dir / "report.html", render(record, trace_lines, comparison=comparison).encode()),
    ]


def write_pdf(run_dir: Path, record: RunRecord, paper: "Paper") -> Path:
    """Write report.pdf into `run_dir` and return its path; on demand, for it takes a library that nothing else needs. Raises OSError."""
    from reports.pdf import render_pdf  # noqa: PLC0415 - its import takes longer than the other reports' all together

    return write_atomically(run_dir / PDF, render_pdf(record, paper))
