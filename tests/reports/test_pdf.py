import re
import zlib
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.facts.model import Declared, DocumentTrace, Identity
from harness.record import finish
from reports.build import write_pdf
from reports.pdf import PAPERS, render_pdf
from reports.pdf.sheet import Sheet
from tests.reports.sample_record import STATION, sample_run

HOSTILE = "<script>alert(1)</script> (\\)) endobj\x1b[2J\u202egpj\x00\ud800 中文 ** __x__ [a](http://x)"


class Drawn:
    """What a PDF shows: the text of each page, in the order in which it was drawn."""

    def __init__(self, monkeypatch):
        self.pages = []
        original = Sheet.text

        def text(sheet, x, y, text="", **more):
            while len(self.pages) < sheet.page_no():
                self.pages.append([])
            self.pages[sheet.page_no() - 1].append((x, y, text))
            return original(sheet, x, y, text, **more)

        monkeypatch.setattr(Sheet, "text", text)

    @property
    def whole(self):
        return " ".join(text for page in self.pages for _, _, text in page)


@pytest.fixture
def drawn(monkeypatch):
    return Drawn(monkeypatch)


def full_record():
    record, _ = sample_run()
    record.identities = [Identity(STATION, "1.6", {"model": "One"}, {"model": ["Two"]}, ["model"], [2])]
    record.declared = [Declared(STATION, {"C-01": True, "C-02": 3}, {"noise_floor_a": 0.5}, ["noise_floor_a"])]
    record.traceability = [DocumentTrace("OCPP 1.6 edition 2", [], ["9.1.4"], 104)]
    return record


def test_a_dossier_tells_everything_and_is_no_certificate(drawn):
    render_pdf(full_record(), "A4")
    for part in (
        "Example One", "Red: 1 fail, 1 known deviation gone", "Passing is not certification", "SHA-256", "Station under test", "differs",
        "Measurement conditions", "PLUGPROOF,VPA3,0,1.0", "2025-01-10", "Results", "HIL_F_01", "Deviations",
        "highest 0.42 A (±0.05 A) in 31 samples;", "declared deviation: reason: fixed in firmware 1.3", "Findings of the always-on rules",
        "schema-valid", "Measurements", "412.5 Wh (±3.1 Wh, k=2)", f"PICS of {STATION}", "C-02", "0.5 (default)", "1 of 104",
        "Signatures", "Tested by", "no hardware was tested",
    ):  # fmt: skip
        assert part in drawn.whole, part


@pytest.mark.parametrize(("paper", "width", "height"), [("A4", 595, 842), ("Letter", 612, 792)])
def test_pages_have_the_size_that_was_asked_for_and_nothing_is_drawn_beyond(paper, width, height, drawn):
    data = render_pdf(full_record(), paper)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert [round(float(part)) for part in box.groups()] == [width, height]
    in_mm = height / 72 * 25.4
    assert all(15 < x < 200 and 5 < y < in_mm - 5 for page in drawn.pages for x, y, _ in page)


def test_the_same_record_gives_the_same_bytes():
    assert render_pdf(full_record(), "A4") == render_pdf(full_record(), "A4")


def test_the_signatures_stand_together_on_one_page(drawn):
    for more in range(0, 40, 3):
        drawn.pages.clear()
        record = full_record()
        record.cases = [*record.cases, *[record.cases[1]] * more]
        render_pdf(record, "Letter")
        page = " ".join(text for _, _, text in drawn.pages[-1])
        assert all(part in page for part in ("Signatures", "Tested by", "Reviewed by", "For the manufacturer"))


def test_hostile_texts_are_shown_and_nothing_else(drawn):
    record = full_record()
    for case in record.cases:
        case.reason = case.title = case.station = HOSTILE
        for step in case.steps:
            step.title = HOSTILE
            for check in step.checks:
                check.observed = check.required = HOSTILE
    record.run.id = record.run.started_utc = record.run.ended_utc = HOSTILE
    record.run.station = {"vendor": HOSTILE, "model": HOSTILE}
    record.run.bench["instruments"] = [{"name": HOSTILE, "identity": HOSTILE, HOSTILE: HOSTILE}, HOSTILE, None]
    record.findings[0].message = record.findings[0].rule = HOSTILE
    record.declared[0].pics = {HOSTILE: HOSTILE}
    record.identities[0].told = {"model": [HOSTILE]}
    data = render_pdf(finish(record), "A4")
    assert "\\x1b[2J\\u202egpj\\x00\\ud800 \\u4e2d\\u6587" in " ".join(drawn.whole.split())
    assert not re.search(r"[\x00-\x1f\u202e\ud800-\udfff]", drawn.whole)
    assert not re.search(
        rb"/(JavaScript|JS|URI|Launch|Annots|AA)\b",
        re.sub(rb"stream.*?endstream", b"", data, flags=re.DOTALL),
    )


def test_a_megabyte_of_text_is_cut_and_said(drawn):
    record = full_record()
    record.cases[0].reason = "x" * 1_000_000
    record.cases[1].reason = " ".join(["word"] * 200_000)
    data = render_pdf(finish(record), "A4")
    assert len(data) < 200_000
    assert "(cut: 1000000 characters in all)" in drawn.whole.replace(" ", "").replace(
        "(cut:1000000charactersinall)", "(cut: 1000000 characters in all)"
    )
    assert len(drawn.pages) < 12


def test_thousands_of_cases_are_trimmed_with_a_note(drawn):
    record = full_record()
    record.cases = record.cases * 400
    render_pdf(finish(record), "A4")
    assert "1400 more cases, the last by urgency, stand in results.csv." in drawn.whole


def test_an_empty_run_is_a_dossier_too(drawn):
    record, _ = sample_run()
    record.cases, record.findings, record.run.bench, record.run.station = [], [], {}, {}
    render_pdf(finish(record), "A4")
    assert "no case passed" in drawn.whole
    assert "None." in drawn.whole


@given(st.text(max_size=300), st.sampled_from([8.0, 20.0, 60.0, 170.0]))
@settings(max_examples=60, deadline=None)
def test_broken_lines_fit_and_lose_nothing(text, width):
    sheet = _SHEET
    lines = sheet.lines_of(text, width, 7.5)
    sheet.set_font("sans", "", 7.5)
    assert all(sheet.get_string_width(line) <= width + 0.01 or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split(" ")) == "".join(sheet.shown(text).split(" "))


_SHEET = Sheet("A4", "t", "h", "f", datetime.fromisoformat("2026-01-01T00:00:00+00:00"))


def test_it_is_written_beside_the_others(tmp_path):
    path = write_pdf(tmp_path, full_record(), "Letter")
    assert path.name == "report.pdf"
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert any(b"BT" in zlib.decompress(part) for part in _streams(data))
    assert PAPERS == ("A4", "Letter")


def _streams(data):
    for part in re.findall(rb"stream\n(.*?)\nendstream", data, flags=re.DOTALL):
        if part[:1] == b"x":
            yield part
