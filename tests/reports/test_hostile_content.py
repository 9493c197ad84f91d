"""Every text of a record hostile at once, in every result file: shown, and nothing else. Adding a field to the record adds it here."""

import csv
import io
import re
import xml.etree.ElementTree as ET

import msgspec
import pytest

from harness.facts.model import ClauseTrace, Declared, DocumentTrace, Identity, ReplyTiming, Volume
from harness.record import RunRecord, from_json
from harness.verdict import Result, Strictness, Verdict
from reports.allure_map import attachments, details, labels, parameters, step_tree
from reports.compare import compare_runs
from reports.csv_tables import measurements_csv, results_csv
from reports.html import render, unpacked
from reports.json_report import environment_json, record_json
from reports.junit import junit_xml
from reports.markdown import summary_md
from reports.pdf import render_pdf
from reports.terminal import comparison_lines, failure_block, summary
from tests.reports.sample_record import STATION, sample_run
from tests.reports.test_html import Page

WORDS = {word.value for kind in (Result, Verdict, Strictness) for word in kind} | {
    "station",
    "csms",
    "transaction",
    "connection",
}
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

EVIL = {
    "script": "</script></title></style><script>document.title='owned'</script><img src=x onerror=alert(1)>\"' onmouseover=alert(1) x='",
    "template": "{{ 7*7 }}{% raw %}{# x #}${7*7}<%= 7*7 %>",
    "packed": "\" data-z=\"eJw=\"><b>",
    "terminal": "\x1b[2J\x1b]0;owned\x07\r\x08\x7f\x9b31m\x00",
    "bidi": "\u202egpj.exe\u202c \u2066x\u2069 \u200b\u2028\u2029 \ud800 \udfff",
    "xml": "]]></failure><error/>&#0;&x;<!-- --><?x?>",
    "formula": "=HYPERLINK(\"http://evil\")",
    "formula in disguise": "\t@SUM(1)|cmd",
    "markdown": "[x](javascript:alert(1)) ![i](http://e) @everyone #1 www.evil.com http://evil <b> |a|\n# head\n- x\n```",
    "pdf": "(\\)) Tj ET endstream endobj /JS (app.alert(1)) %%EOF",
    "long": "long " + "x" * 1_000_000,
}  # fmt: skip


def walked(node, evil):
    if isinstance(node, dict):
        return {key: walked(value, evil) for key, value in node.items()}
    if isinstance(node, list):
        return [walked(value, evil) for value in node]
    return evil if isinstance(node, str) and node not in WORDS else node


def hostile(evil):
    """A record in which every text but the words of enumerations is this one, names of free tables as well."""
    record, lines = sample_run()
    record.cases = record.cases[-1:] + record.cases[1:4]
    record.identities = [Identity(STATION, "1.6", {"model": "One"}, {"model": ["Two"]}, ["model"], [2])]
    record.declared = [Declared(STATION, {"C-01": "x"}, {"cpo_name": "x"}, ["cpo_name"])]
    record.timing = [ReplyTiming(STATION, "1.6", "station", "Reset", 3, 0.01, 0.02, 0.03, 0.04)]
    record.volumes = [Volume("transaction", "7", STATION, "1.6", 1.0, 3.0, 4, 400, 5, 500)]
    record.traceability = [
        DocumentTrace("D", [ClauseTrace("5.11", "Title", ["TC_010_CS"], ["schema-valid"])], ["9"], 2)
    ]
    record.defects = ["a defect"]
    record.run.complete = False
    made: RunRecord = msgspec.convert(walked(msgspec.to_builtins(record), evil), RunRecord)
    named = evil[:200]
    made.run.station = {named: evil, "vendor": evil, "model": evil, "list": [{named: evil}]}
    made.run.bench = {named: evil, "instruments": [{named: evil, "name": evil}]}
    made.environment = {named: {named: evil}}
    made.declared[0].pics[named] = evil
    made.declared[0].defaults.append(named)
    made.identities[0].told[named] = [evil]
    for step in (step for case in made.cases for step in case.steps):
        for one in step.measurements:
            one.conditions[named] = evil
    return made, walked_lines(lines, evil)


def walked_lines(lines, evil):
    """What a station and instruments say in a trace; kinds, directions and keys stay, so that every line is read as what it is."""
    kept = {"kind", "case", "direction", "frame", "phase", "verdict", "utc"}
    return [{key: value if key in kept else walked(value, evil) for key, value in line.items()} for line in lines]


@pytest.fixture(scope="module", params=EVIL, ids=list(EVIL))
def run(request):
    evil = EVIL[request.param]
    record, lines = hostile(evil)
    return record, lines, compare_runs(record, hostile(evil[:50] + "2")[0])


def test_the_page_shows_it_and_runs_nothing(run):
    record, lines, comparison = run
    text = render(record, lines, comparison=comparison)
    assert len(text) < 3_000_000
    whole = unpacked(text)
    page = Page(text)
    assert [tag for tag, _ in page.elements if tag in ("script", "img", "iframe", "object", "link", "base")] == [
        "script"
    ]
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert all(a["href"].startswith("#") for tag, a in page.elements if tag == "a")
    assert not UNSEEN.search(whole)
    assert "owned'" not in "".join(re.findall(r"<title>(.*?)</title>", whole)).replace(
        "document.title=&#39;owned&#39;", ""
    )
    text.encode()


def test_junit_is_well_formed_and_says_it_as_text(run):
    root = ET.fromstring(junit_xml(run[0]))
    tags = {element.tag for element in root.iter()}
    assert tags <= {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "system-out",
    }
    assert not UNSEEN.search("".join(root.itertext()) + "".join(v for e in root.iter() for v in e.attrib.values()))
    assert len(root.findall("testsuite/testcase")) == int(root.get("tests"))


def test_csv_keeps_its_cells_and_computes_nothing(run):
    record, _, _ = run
    for data, number in ((results_csv(record), len(record.cases)), (measurements_csv(record), None)):
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
        assert number is None or len(rows) == number + 1
        assert len({len(row) for row in rows}) == 1
        cells = [cell for row in rows[1:] for cell in row]
        assert not any(re.match(r"\s*[=+@]|\s*-\D", cell) for cell in cells)
        assert not any(UNSEEN.search(cell) or "\n" in cell for cell in cells)
        assert max(map(len, cells)) < 12_000


def test_markdown_has_no_markup_link_or_mention_of_theirs(run):
    record, _, comparison = run
    text = summary_md(record, comparison).decode()
    assert not UNSEEN.search(text)
    assert len(text) < 60_000
    for forbidden in (
        "<script",
        "<b>",
        "<img",
        "](",
        "@everyone",
        "http://",
        "www.",
        "```",
        "\n# ",
        "![",
        "javascript:alert(1)",
    ):
        assert forbidden not in text


def test_the_terminal_gets_no_control_characters(run):
    record, _, comparison = run
    lines = [*summary(record, "report.html"), *comparison_lines(comparison)]
    lines += [line for case in record.cases for line in failure_block(case, "trace.jsonl")]
    assert not UNSEEN.search("\n".join(lines))
    assert all("\n" not in line and len(line) < 30_000 for line in lines)


def test_the_pdf_has_no_actions_and_is_short(run):
    data = render_pdf(run[0], "A4")
    outside = re.sub(rb"stream.*?endstream", b"", data, flags=re.DOTALL)
    assert not re.search(rb"/(JavaScript|JS|URI|Launch|Annots|AA|EmbeddedFile)\b", outside)
    assert len(data) < 500_000
    assert data.count(b"%%EOF") == 1


def test_allure_gets_visible_text(run):
    record, lines, _ = run
    for case in record.cases:
        told = [*details(case), *(part for pair in (*labels(case, "r"), *parameters(case)) for part in pair)]
        told += [str(step) for step in step_tree(case)]
        told += [attachment.body for attachment in attachments(case, [repr(line) for line in lines[:3]])]
        assert not any(UNSEEN.search(text.replace("\n", "")) for text in told)


def test_the_record_is_read_back(run):
    record = run[0]
    again = from_json(record_json(record))
    assert [case.result for case in again.cases] == [case.result for case in record.cases]
    environment_json(record).decode()


def test_bytes_that_are_no_utf_8_stay_base64():
    record, lines = sample_run()
    place = record.cases[-1].first_event + 3
    lines[place] = {
        **lines[place],
        "kind": "frame",
        "frame": "malformed",
        "raw": "",
        "raw_b64": "//4A",
        "direction": "in",
    }
    assert "not text; base64: //4A" in Page(render(record, lines)).text
