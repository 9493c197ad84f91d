"""`junit.xml`: one suite per station and OCPP version, and one that holds what belongs to no case.

`harness.verdict.RESULTS` alone decides between failure, error and skipped. The verdict words, which JUnit has no place for, stand
in the properties of each test case.
"""

import re
from xml.etree import ElementTree as ET

from harness.record import EXPIRED, CaseRecord, RunRecord
from harness.verdict import RESULTS, Strictness
from reports.grounds import Ground, grounds
from reports.tally import BrokenRule, broken_rules
from reports.terms import expired_calibrations
from reports.text import clip, figure, lines_text, visible

_LONGEST = 20_000
_MESSAGE = 300


def _text(value: str, limit: int = _LONGEST) -> str:
    return visible(clip(value, limit), multiline=True)


def _name(value: str) -> str:
    return visible(clip(value, _MESSAGE))


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    holder = ET.SubElement(parent, "properties")
    for name, value in values.items():
        if value:
            ET.SubElement(holder, "property", name=_name(name), value=_text(value))


def _ground_text(ground: Ground, trace: str) -> str:
    head = f'step {ground.step} "{ground.title}"\n' if ground.step is not None else ""
    parts = [f"{head}Required: {ground.required}", f"Observed: {ground.observed}"]
    parts.append(f"Evidence: {trace} {lines_text(ground.evidence)}")
    if ground.requirement:
        parts.append(f"Source: {ground.requirement}")
    if ground.rule:
        parts.append(f"Decision rule: {ground.rule}")
    parts += [f"Caveat: {caveat}" for caveat in ground.caveats]
    return "\n".join(parts)


def _outcome(element: ET.Element, case: CaseRecord, trace: str) -> None:
    kind = RESULTS[case.result].junit
    if kind == "pass":
        return
    reasons = grounds(case)
    message = case.reason or (reasons[0].observed if reasons else case.result.value)
    outcome = ET.SubElement(element, kind, message=_name(f"{case.result.value}: {message}"))
    if kind != "skipped":
        outcome.set("type", case.result.value)
        outcome.text = _text("\n\n".join(_ground_text(ground, trace) for ground in reasons) or message)


def _case(suite: ET.Element, case: CaseRecord, trace: str) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        classname=_name(case.module or "testcases"),
        name=_name(f"{case.id} ({case.station}, {case.ocpp}, EVSE {case.evse}): {case.title}"),
        time=f"{case.wall_seconds:.3f}",
    )
    _properties(
        element,
        {
            "case": case.id,
            "result": case.result.value,
            "verdict": case.verdict.value,
            "ocpp": case.ocpp,
            "station": case.station,
            "evse": str(case.evse),
            "requirement": case.requirement,
            "section": case.section,
            "reason": case.reason,
            "clock_seconds": figure(case.ended - case.started),
            "evidence": f"{trace} {lines_text(range(case.first_event, case.last_event + 1))}",
        },
    )
    _outcome(element, case, trace)


def _rule(suite: ET.Element, group: BrokenRule, trace: str) -> None:
    element = ET.SubElement(suite, "testcase", classname="always-on rules", name=_name(group.rule), time="0.000")
    _properties(
        element,
        {"strictness": group.strictness.value, "requirement": group.requirement, "violations": str(group.times)},
    )
    told = "\n".join(
        f"{f.message} ({f.case or 'between cases'}, OCPP {f.ocpp}, {f.count}x; {trace} {lines_text(f.evidence)})"
        for f in group.findings
    )
    if group.strictness is Strictness.MUST:
        message = _name(f"{group.rule} violated {group.times}x")
        ET.SubElement(element, "failure", message=message, type="finding").text = _text(told)
    else:
        ET.SubElement(element, "system-out").text = _text(told)


def _run_suite(root: ET.Element, record: RunRecord) -> None:
    """What turns a run red or is owed to the reader beside the cases: findings, and whether the run came to its end."""
    suite = ET.SubElement(root, "testsuite", name="run")
    for group in broken_rules(record):
        _rule(suite, group, record.run.trace)
    whole = ET.SubElement(suite, "testcase", classname="run", name="the run came to its end", time="0.000")
    if not record.run.complete:
        ET.SubElement(whole, "error", message="the run was cut", type="cut")
    for number, defect in enumerate(record.defects, 1):
        name = f"defect {number} outside of the cases"
        element = ET.SubElement(suite, "testcase", classname="run", name=name, time="0.000")
        ET.SubElement(element, "error", message=_name(defect), type="defect")


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(element.findall(f".//testcase/{tag}"))))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in element.iter('testcase')):.3f}")


def junit_xml(record: RunRecord) -> bytes:
    """The whole file, UTF-8. Totals are counted from the written cases, so they cannot disagree with them."""
    run = record.run
    root = ET.Element("testsuites", name="Plugproof")
    suites: dict[tuple[str, str], ET.Element] = {}
    for case in record.cases:
        key = (case.station, case.ocpp)
        if key not in suites:
            suites[key] = ET.SubElement(root, "testsuite", name=_name(f"OCPP {case.ocpp} on {case.station}"))
            _properties(suites[key], _run_properties(record))
        _case(suites[key], case, run.trace)
    _run_suite(root, record)
    for element in root:
        if re.match(r"\d{4}-\d\d-\d\dT", run.started_utc):
            element.set("timestamp", _name(run.started_utc))
        _count(element)
    _count(root)
    ET.indent(root, " ")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _run_properties(record: RunRecord) -> dict[str, str]:
    run = record.run
    return {
        "run": run.id,
        "green": "yes" if record.green else "no",
        "plugproof": run.plugproof,
        "clock": run.clock,
        "decision rule": run.decision_rule,
        EXPIRED: ", ".join(expired_calibrations(record)),
        "note": "Passing is not certification.",
    }
