import msgspec
import pytest

from harness.limit_data import to_data
from harness.limits import AtMost, Rule
from harness.oracle.build import CaseFacts, build
from harness.oracle.deviations import Deviation
from harness.oracle.expectations import Message, Pattern
from harness.oracle.invariants import all_rules
from harness.oracle.judge import judge
from harness.oracle.matchers import as_fields
from harness.trace.events import Expected, Measured, Note, Problem, Unobserved
from harness.verdict import Result, Strictness, Verdict
from tests.harness.oracle.trace_builder import TraceBuilder

FACTS = {("TC_010_CS", "1.6"): CaseFacts("remote start", "a requirement", "5.11")}


def expecting(made, t, word="eventually", status="Charging", since=None, until=None, step=1):
    """Judge an expectation now and store it, as the live run does."""
    wanted = Message(
        word=word,
        patterns=(Pattern("StatusNotification", as_fields({"status": status})),),
        station="CP",
        since=made.trace.step_start(len(made.trace) - 1) if since is None else since,
        until=t if until is None else until,
    )
    outcome = judge(wanted, made.trace, t)
    event = Expected(
        step=step, spec=msgspec.to_builtins(wanted), at=t, verdict=outcome.verdict.value, required=outcome.required,
        observed=outcome.observed, evidence=outcome.evidence,
    )  # fmt: skip
    made.add(event, t)
    return outcome


def measured(made, t, value, u=0.1, bound=10.0, verdict="pass"):
    limit = AtMost(bound, "A")
    made.add(
        Measured(
            step=1, name="current", value=value, unit="A", u=u, limit=to_data(limit), limit_text=str(limit),
            decision_rule=Rule.GUARD_BAND.value, verdict=verdict, text="",
        ),
        t,
    )  # fmt: skip


@pytest.fixture
def made():
    builder = TraceBuilder()
    builder.case(0.0)
    return builder


def only_case(made, **options):
    built = build(made.trace, FACTS, **options)
    assert len(built.cases) == 1
    return built.cases[0]


def test_a_case_passes_by_what_its_test_steps_saw(made):
    made.step(1.0)
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0)
    made.step_end(2.0)
    made.case_end(3.0)
    case = only_case(made)
    assert (case.result, case.verdict, case.title) == (Result.PASS, Verdict.PASS, "remote start")
    assert case.steps[0].checks[0].verdict is Verdict.PASS


def test_a_case_that_judged_nothing_is_an_error(made):
    made.step(1.0)
    made.step_end(2.0)
    made.case_end(3.0)
    case = only_case(made)
    assert case.result is Result.ERROR
    assert case.error == 'step 1 "a step" ended without judging anything'


def test_a_case_without_a_step_is_an_error(made):
    made.case_end(3.0)
    case = only_case(made)
    assert case.result is Result.ERROR
    assert case.error == "the case ended without judging anything"


def passed_step(made, t):
    made.step(t)
    made.sent_by_station(t, "StatusNotification", {"status": "Charging"})
    expecting(made, t)
    made.step_end(t)


def test_a_test_step_that_judged_nothing_is_not_covered_by_one_that_passed(made):
    passed_step(made, 1.0)
    made.step(2.0, index=2, title="nothing in the list")
    made.step_end(2.0, index=2)
    made.case_end(3.0)
    case = only_case(made)
    assert case.result is Result.ERROR
    assert 'step 2 "nothing in the list"' in case.error


def test_a_step_whose_effect_nothing_could_see_has_not_judged_nothing(made):
    passed_step(made, 1.0)
    made.step(2.0, index=2)
    made.add(Unobserved(step=2, effect="current", missing_role="power_analyzer"), 2.0)
    made.step_end(2.0, index=2)
    made.case_end(3.0)
    assert only_case(made).result is Result.PASS_MESSAGES_ONLY


def test_a_violated_expectation_outside_of_the_steps_is_not_lost(made):
    passed_step(made, 1.0)
    expecting(made, 2.0, step=0, status="Faulted")
    made.case_end(3.0)
    case = only_case(made)
    assert case.result is Result.ERROR
    assert 'status = "Faulted"' in case.error


def test_a_check_counts_in_the_step_that_asked_for_it_even_after_its_end(made):
    made.step(1.0)
    made.sent_by_station(1.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 1.0)
    made.step_end(1.0)
    made.step(2.0, index=2)
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0, step=2)
    expecting(made, 2.0, step=1, status="Faulted")
    made.step_end(2.0, index=2)
    made.case_end(3.0)
    case = only_case(made)
    assert case.result is Result.FAIL
    assert [step.verdict for step in case.steps] == [Verdict.FAIL, Verdict.PASS]


def test_a_case_that_never_ended_keeps_what_it_proved_when_the_next_begins(made):
    made.step(1.0)
    expecting(made, 2.0, status="Faulted")
    made.case(3.0, "TC_011_CS")
    made.case_end(4.0, "TC_011_CS")
    first, second = build(made.trace, FACTS).cases
    assert (first.result, first.reason) == (Result.FAIL, "the run was cut in this case")
    assert second.result is Result.ERROR


def test_a_pass_in_the_preamble_alone_is_no_pass(made):
    made.step(1.0, kind="preamble")
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0)
    made.step_end(2.0)
    made.case_end(3.0)
    assert only_case(made).result is Result.ERROR


def test_trouble_in_a_preamble_is_inconclusive(made):
    made.step(1.0, kind="preamble")
    expecting(made, 5.0)
    made.step_end(5.0, verdict="fail")
    made.case_end(6.0)
    assert only_case(made).result is Result.INCONCLUSIVE


def test_a_violation_in_a_test_step_fails_and_keeps_its_evidence(made):
    made.step(1.0)
    expecting(made, 5.0)
    made.step_end(5.0, verdict="fail")
    made.case_end(6.0)
    case = only_case(made)
    assert case.result is Result.FAIL
    assert "within 4.0 s" in case.steps[0].checks[0].required


def test_an_error_of_ours_never_hides_a_proven_fail(made):
    made.step(1.0)
    expecting(made, 5.0)
    made.step_end(5.0)
    made.case_end(6.0, error="Traceback ...")
    case = only_case(made)
    assert (case.result, case.error) == (Result.FAIL, "Traceback ...")


def test_a_bench_fault_makes_inconclusive_what_had_passed(made):
    made.step(1.0)
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0)
    made.step_end(2.0, verdict="inconclusive")
    made.case_end(3.0, verdict="inconclusive", reason="analyzer dead")
    case = only_case(made)
    assert (case.result, case.reason) == (Result.INCONCLUSIVE, "analyzer dead")


def test_an_effect_that_nothing_saw_makes_a_pass_by_messages_only(made):
    made.step(1.0)
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0)
    made.add(Unobserved(step=1, effect="charging current", missing_role="power_analyzer"), 2.0)
    made.step_end(2.0)
    made.case_end(3.0)
    case = only_case(made)
    assert case.result is Result.PASS_MESSAGES_ONLY
    assert "charging current not observed: no power_analyzer" in case.reason


@pytest.mark.parametrize("word", [Result.NOT_APPLICABLE, Result.NOT_RUN, Result.WAIVED])
def test_a_case_left_out_keeps_its_word_and_reason(made, word):
    made.case_end(0.0, result=word.value, reason="C-09.1 is answered no")
    case = only_case(made)
    assert (case.result, case.reason) == (word, "C-09.1 is answered no")


def test_a_case_left_in_a_step_is_not_run_and_what_passed_before_does_not_count(made):
    made.step(1.0)
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0)
    made.step_end(2.0)
    made.step(3.0)
    made.step_end(3.0, verdict="none")
    made.case_end(3.0, result="not run", reason="ev_1 does not do set_phases")
    case = only_case(made)
    assert (case.result, case.reason) == (Result.NOT_RUN, "ev_1 does not do set_phases")


def test_evidence_against_the_station_stands_when_a_case_is_left_later(made):
    made.step(1.0)
    expecting(made, 5.0)
    made.step_end(5.0, verdict="fail")
    made.case_end(6.0, result="not run", reason="ev_1 does not do unplug")
    assert only_case(made).result is Result.FAIL


class TestDeviations:
    DECLARED = Deviation("TC_010_CS", "1", "no StatusNotification", "known since 1.2", "BUG-7")

    def failing(self, made):
        made.step(1.0)
        expecting(made, 5.0)
        made.step_end(5.0, verdict="fail")
        made.case_end(6.0)

    def test_the_declared_failure_is_excused(self, made):
        self.failing(made)
        case = only_case(made, deviations=(self.DECLARED,))
        assert case.result is Result.KNOWN_DEVIATION
        assert case.deviation["link"] == "BUG-7"

    def test_any_other_failure_stands(self, made):
        self.failing(made)
        other = Deviation("TC_010_CS", "2", "no StatusNotification", "r", "l")
        assert only_case(made, deviations=(other,)).result is Result.FAIL

    def test_a_deviation_that_is_gone_turns_red(self, made):
        made.step(1.0)
        made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
        expecting(made, 2.0)
        made.step_end(2.0)
        made.case_end(3.0)
        assert only_case(made, deviations=(self.DECLARED,)).result is Result.DEVIATION_GONE


class TestTheEvidenceDecides:
    def test_a_verdict_changed_by_hand_is_found_out(self, made):
        made.step(1.0)
        expecting(made, 5.0)
        forged = made.trace.records[-1]
        made.trace.records[-1] = type(forged)(
            forged.seq, forged.t, forged.utc, forged.case, msgspec.structs.replace(forged.event, verdict="pass")
        )
        made.step_end(5.0)
        made.case_end(6.0)
        built = build(made.trace, FACTS)
        assert built.cases[0].result is Result.FAIL
        assert built.disagreements == ["line 3: the run recorded pass, the evidence says fail"]

    def test_later_records_do_not_change_an_earlier_verdict(self, made):
        made.step(1.0)
        expecting(made, 5.0, until=10.0)
        made.sent_by_station(6.0, "StatusNotification", {"status": "Charging"})
        made.step_end(6.0)
        made.case_end(7.0)
        assert only_case(made).result is Result.INCONCLUSIVE

    def test_measurements_are_decided_again_from_their_figures(self, made):
        made.step(1.0)
        measured(made, 2.0, value=11.0, verdict="pass")
        made.step_end(2.0)
        made.case_end(3.0)
        built = build(made.trace, FACTS)
        assert built.cases[0].result is Result.FAIL
        assert built.cases[0].steps[0].measurements[0].verdict is Verdict.FAIL
        assert len(built.disagreements) == 1

    def test_a_measurement_inside_by_more_than_u_passes(self, made):
        made.step(1.0)
        measured(made, 2.0, value=9.0)
        made.step_end(2.0)
        made.case_end(3.0)
        assert only_case(made).result is Result.PASS


def test_a_case_that_was_cut_is_not_run(made):
    made.step(1.0)
    made.sent_by_station(2.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 2.0)
    case = only_case(made)
    assert (case.result, case.reason) == (Result.NOT_RUN, "the run was cut in this case")


def test_what_a_cut_case_proved_stands(made):
    made.step(1.0)
    expecting(made, 5.0)
    assert only_case(made).result is Result.FAIL


def test_messages_that_nothing_accounts_for_are_listed(made):
    made.step(1.0, index=1, kind="preamble")
    made.sent_by_station(1.5, "DataTransfer", {})
    made.step_end(1.6)
    made.step(2.0, index=2)
    made.sent_by_station(3.0, "StatusNotification", {"status": "Charging"})
    expecting(made, 3.0)
    made.sent_by_station(4.0, "Heartbeat")
    made.sent_by_station(4.5, "TransactionEvent", {"triggerReason": "MeterValuePeriodic"})
    surplus = made.sent_by_station(5.0, "StopTransaction", {})
    made.step_end(6.0, index=2)
    made.case_end(7.0)
    assert only_case(made).unexpected == [surplus.seq]


class TestFindings:
    def test_a_schema_problem_is_a_finding_once_per_cause(self, made):
        bad = (Problem("status", "enum", "is not one of"),)
        first = made.sent_by_station(1.0, "StatusNotification", {}, problems=bad)
        second = made.sent_by_station(2.0, "StatusNotification", {}, problems=bad)
        made.sent_by_station(3.0, "StatusNotification", {}, problems=(Problem("errorCode", "enum", "is not one of"),))
        findings = build(made.trace, FACTS, rules=all_rules()).findings
        assert [finding.rule for finding in findings] == ["schema-valid", "schema-valid"]
        assert (findings[0].count, findings[0].evidence) == (2, [first.seq, second.seq])
        assert (findings[0].case, findings[0].strictness) == ("TC_010_CS", Strictness.MUST)

    def test_what_the_csms_sends_is_not_the_stations_fault(self, made):
        made.sent_by_csms(1.0, "Reset", {}, problems=(Problem("type", "enum", "x"),))
        assert build(made.trace, FACTS, rules=(all_rules()[0],)).findings == []

    def test_an_unanswered_call_is_found_when_its_time_is_over(self, made):
        call = made.sent_by_csms(1.0, "Reset")
        made.sent_by_station(30.9, "Heartbeat")
        assert build(made.trace, FACTS, rules=all_rules()).findings == []
        made.sent_by_station(31.1, "Heartbeat")
        (finding,) = build(made.trace, FACTS, rules=all_rules()).findings
        assert (finding.rule, finding.evidence) == ("call-answered-once", [call.seq])

    def test_an_answer_or_the_connections_end_settles_a_call(self, made):
        made.answered(2.0, made.sent_by_csms(1.0, "Reset"))
        made.sent_by_csms(3.0, "ClearCache")
        made.closed(4.0)
        made.sent_by_station(100.0, "Heartbeat")
        assert build(made.trace, FACTS, rules=all_rules()).findings == []

    def test_a_deliberately_broken_call_may_stay_unanswered(self, made):
        made.sent_by_csms(1.0, "Reset", deliberate=True)
        made.sent_by_station(100.0, "Heartbeat")
        assert build(made.trace, FACTS, rules=all_rules()).findings == []

    @pytest.mark.parametrize("anomaly", ["unmatched", "repeated"])
    def test_answers_that_belong_to_nothing_are_found(self, made, anomaly):
        made.answered(2.0, made.sent_by_csms(1.0, "Reset"))
        made._frame(3.0, "in", "result", "Reset", {}, {"anomalies": (anomaly,)})
        (finding,) = build(made.trace, FACTS, rules=all_rules()).findings
        assert finding.rule == "call-answered-once"


def test_a_defect_of_ours_makes_its_case_an_error_and_blames_no_station(made):
    passed_step(made, 1.0)
    made.step(2.0, index=2)
    made.add(Note(text="connection 1 is given up", data={"defect": "KeyError('x')"}), 2.5)
    expecting(made, 12.0, since=len(made.trace) - 2, until=12.0, status="Faulted", step=2)
    made.step_end(12.0, index=2, verdict="inconclusive")
    made.case_end(13.0)
    case = only_case(made)
    assert case.result is Result.ERROR
    assert "connection 1 is given up" in case.error
    assert "the run itself failed meanwhile: KeyError('x')" in case.steps[1].checks[0].observed


def test_a_defect_of_ours_between_the_cases_is_the_runs(made):
    passed_step(made, 1.0)
    made.case_end(3.0)
    made.add(Note(text="connection 1 is given up", data={"defect": "KeyError('x')"}), 4.0)
    built = build(made.trace, FACTS)
    assert [case.result for case in built.cases] == [Result.PASS]
    assert built.defects == [f"line {len(made.trace)}: connection 1 is given up"]
