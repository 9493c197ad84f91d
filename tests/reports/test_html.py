import json
import re
from html.parser import HTMLParser

import pytest

from harness.record import CaseRecord, Check, finish
from harness.verdict import Result, Verdict
from reports.html import render, unpacked
from reports.html.page import Budget, slug
from tests.reports.sample_record import TraceBuilder, sample_run

VOID = {"meta", "link", "br", "col", "input", "img", "hr"}
HOSTILE = "<script>document.title='owned'</script>\"'><img src=x onerror=alert(1)>\x1b[2J\u202egpj\x00\ud800{{ 7*7 }}"


class Page(HTMLParser):
    """Reads a report, unpacked: elements with attributes, the text of the cases, and whether tags nest."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict]] = []
        self.cases: dict[str, dict] = {}
        self._open: list[str] = []
        self._case = None
        self._depth = 0
        self.text = ""
        self.feed(unpacked(text))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        self._open.append(tag)
        if "case" in attributes.get("class", "").split() and tag == "details":
            number = len(self.cases)
            self.cases[number] = {"result": attributes["data-result"], "open": "open" in attributes, "text": ""}
            self._case, self._depth = number, len(self._open)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"</{tag}> closes the wrong element"
        if self._case is not None and len(self._open) < self._depth:
            self._case = None

    def handle_data(self, data):
        self.text += data
        if self._case is not None:
            self.cases[self._case]["text"] += data

    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def sample():
    return sample_run()


@pytest.fixture(scope="module")
def page(sample):
    return Page(render(*sample))


def test_every_result_word_is_shown_with_its_count(page, sample):
    record, _ = sample
    for result in Result:
        number = record.counts[result.value]
        assert f"{number} {result.value}" in page.text
        assert [case["result"] for case in page.cases.values()].count(slug(result)) == number


def test_failing_cases_come_first_and_open(page):
    order = [case["result"] for case in page.cases.values()]
    assert order[:4] == ["fail", "known-deviation-gone", "error", "inconclusive"]
    assert [case["open"] for case in page.cases.values()] == [True] * 4 + [False] * 7


def test_a_failing_case_tells_required_observed_evidence_messages_and_stimuli(page, sample):
    text = page.cases[0]["text"]
    case = sample[0].cases[-1]
    check = case.steps[2].checks[0]
    for part in (
        check.required,
        check.observed,
        f"{check.evidence[0] + 1}-{check.evidence[-1] + 1}",
        "plug_in(cable_rating_a=32)",
    ):
        assert part in text
    assert "Take the plug out of socket 1" in text
    assert "answered: done" in text
    assert "31 samples" in text
    assert "below the limit by more than U: fail (ILAC-G8 guard band)" in text
    assert '"meterStart": 120' in text


def test_a_measurement_tells_its_budget_and_what_it_was_corrected_for(page):
    text = " ".join(page.text.split())
    assert "U from instrument: 0.04, time: 0.01" in text
    assert "reference meter at: cable_end, cable: 1.21 Wh ± 0.11 Wh added" in text


def test_ids_are_unique_and_every_link_has_its_target(page):
    ids = page.ids()
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert len(links) > 10
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_the_file_is_self_contained(sample, page):
    text = render(*sample)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", text)
    assert "url(" not in text
    assert "@import" not in text
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert not any(tag in ("link", "img", "iframe") for tag, _ in page.elements)


def test_selection_findings_bench_and_the_caveat_are_told(page):
    for part in (
        "PICS C-09.1 is No",
        "the bench has no id_reader",
        "no AC source until May",
        "MeterValues.meterValue is empty",
        "PLUGPROOF,VPA3,0,1.0",
        "no answer in 2 s",
        "Passing is not certification",
    ):
        assert part in page.text


def test_curves_are_drawn_for_samples(page):
    paths = [attributes["d"] for tag, attributes in page.elements if tag == "path"]
    titles = [attributes.get("aria-label") for tag, attributes in page.elements if tag == "svg"]
    assert titles[1:] == ["Current / A, Power / W over time", "Current / A, Power / kW over time"]
    assert sum(len(d) > 60 for d in paths) >= 2 * 2  # a current and a power that move, in two cases
    assert all(re.fullmatch(r"([MLHVhv]-?[\d.]+( -?[\d.]+)?)+Z?", part) for d in paths for part in d.split("Z") if part)


def test_secrets_do_not_reach_the_report(sample):
    record, lines = sample
    assert "dXNlcjpwYXNz" in json.dumps(lines)
    assert "dXNlcjpwYXNz" not in unpacked(render(record, lines))


def _hostile_run():
    trace = TraceBuilder()
    trace.case = f"{HOSTILE}/s/1.6/1"
    first = trace.add("note", text=HOSTILE, data={HOSTILE: HOSTILE})
    trace.call("in", HOSTILE, {HOSTILE: HOSTILE, "v": "x" * 1_000_000}, {"status": HOSTILE})
    trace.add("frame", direction="in", frame="malformed", raw=HOSTILE, reason=HOSTILE, problems=[{"path": HOSTILE}])
    trace.add(
        "handshake",
        station=HOSTILE,
        path=HOSTILE,
        offered=[HOSTILE],
        selected=None,
        status=404,
        headers=[[HOSTILE, HOSTILE]],
    )
    trace.add(HOSTILE, field=HOSTILE)
    trace.add("stimulus", instrument=HOSTILE, role=HOSTILE, verb=HOSTILE, args={HOSTILE: HOSTILE}, phase=HOSTILE)
    trace.add("sample", source=HOSTILE, values={HOSTILE: [1.0, "A", 0.1]})
    last = trace.add("closed", code=1000, reason=HOSTILE, by=HOSTILE)
    record, _ = sample_run()
    case = CaseRecord(
        HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, Result.FAIL, Verdict.FAIL, HOSTILE, HOSTILE, HOSTILE, HOSTILE
    )
    case.first_event, case.last_event, case.deviation = first, last + 1, {HOSTILE: HOSTILE}
    case.steps = [record.cases[-1].steps[2]]
    case.steps[0].checks = [Check(HOSTILE, HOSTILE, Verdict.FAIL, [first], HOSTILE)]
    case.steps[0].title = case.steps[0].detail = case.steps[0].kind = HOSTILE
    case.ocpp = "1.6"
    record.cases = [case]
    record.run.id = record.run.started_utc = record.run.clock = record.run.trace = HOSTILE
    record.run.station = {"vendor": HOSTILE, HOSTILE: HOSTILE, "list": [{HOSTILE: HOSTILE}]}
    record.findings[0].message = record.findings[0].rule = record.findings[0].case = HOSTILE
    record.safe_state = [{HOSTILE: HOSTILE}]
    record.environment = {HOSTILE: HOSTILE}
    return finish(record), trace.lines


def test_hostile_text_is_shown_and_never_becomes_markup():
    record, lines = _hostile_run()
    text = render(record, lines)
    hostile = Page(text)
    assert len(text) < 300_000
    assert [tag for tag, _ in hostile.elements if tag in ("script", "img")] == ["script"]
    assert not any(name.startswith("on") for _, attributes in hostile.elements for name in attributes)
    assert "document.title='owned'" in hostile.text
    assert "\\x1b[2J\\u202egpj\\x00\\ud800" in hostile.text
    assert "{{ 7*7 }}" in hostile.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", unpacked(text))
    text.encode()


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "from a later version", "what": [1, {"a": None}]},
        {"kind": None},
        {"kind": ["frame"]},
        {"kind": "frame", "raw": 5, "direction": 7, "problems": "x", "anomalies": 3, "latency": "slow"},
        {"kind": "frame", "frame": "call", "raw": "[" * 100_000},
        {"kind": "frame", "frame": "call", "raw": '[2,"a","B",{"k":1}]', "secrets": ["nowhere.to[0].be"]},
        {"kind": "sample", "values": {"current_l1_a": None, "x": [], "y": ["?", "A"], "z": [float("nan"), "A", 0]}},
        {"kind": "sample", "values": {"current_l1_a": [1e308, "A", 0], "current_l2_a": [-1e308, "A", 0]}},
        {"kind": "sample", "values": 12, "t": float("inf")},
        {"kind": "stimulus", "args": None},
        {"kind": "handshake", "headers": [1, ["a"], {"b": 2}], "offered": "none"},
        {"kind": "step", "phase": "start", "index": None},
        {"kind": "ping", "t": "soon"},
        {"kind": "measurement", "value": "much", "limit": {"low": 1}},
        {"kind": "operator"},
        {"kind": "fault"},
    ],
)
def test_broken_and_unknown_lines_are_shown_and_break_nothing(line):
    record, lines = sample_run()
    place = record.cases[-1].first_event + 3
    lines[place] = {**lines[place], "kind": "?", **line, "seq": place}
    shown = Page(render(record, [*lines, {}, {"seq": "x"}, None, 7]))
    assert f"l{place}" in shown.ids() or line["kind"] in ("sample", "ping")
    assert "nan" not in " ".join(a.get("d", "") for _, a in shown.elements)


def test_what_does_not_fit_is_left_out_and_said():
    record, lines = sample_run()
    text = Page(render(record, lines, Budget(rows_a_case=5, characters_a_frame=40))).text
    assert "more rows are left out here; they stand in trace.jsonl" in text
    assert "(cut: " in text


def test_an_empty_run_is_still_a_report():
    record, _ = sample_run()
    record.cases, record.findings, record.run.complete = [], [], False
    text = Page(render(finish(record), [])).text
    assert "no case passed, the run was cut" in text


def test_several_configurations_are_counted_and_listed():
    record, lines = sample_run()
    for number, case in enumerate(record.cases):
        case.module, case.station = "Core", ("CS-A", "CS-B")[number % 2]
    told = [{"identity": name, "model": f"M-{name}"} for name in ("CS-A", "CS-B")]
    record.run.station = {"name": "A SET", "vendor": "Maker", "configurations": told}
    page = render(record, lines)
    assert "<h1>Maker A SET</h1>" in page
    assert '2 configurations, <a href="#stations">listed below</a>' in page
    assert '<h2 id="profiles">Counts</h2>' in page
    assert "<td>M-CS-B</td>" in page
    assert "CS-B" in page[page.index('<h2 id="profiles">') : page.index('<h2 id="cases">')]
