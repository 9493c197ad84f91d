"""A run with every result word in it, as a real one would leave it: record and trace lines that agree with each other."""

import json
from itertools import count

from harness.record import CaseRecord, Check, Finding, Measurement, RunInfo, RunRecord, Step, finish
from harness.verdict import Result, Strictness, Verdict

STATION = "virtual-16"
UTC = "2025-03-04T10:00:00.000Z"


class TraceBuilder:
    """Writes trace lines as the harness does: numbered, timed, keyed by case."""

    def __init__(self) -> None:
        self.lines: list[dict] = []
        self.t = 0.0
        self.case = ""
        self._ids = count(1)

    def add(self, kind: str, after: float = 0.0, **fields) -> int:
        self.t += after
        seq = len(self.lines)
        self.lines.append({"seq": seq, "t": round(self.t, 6), "utc": UTC, "case": self.case, "kind": kind, **fields})
        return seq

    def call(self, direction: str, action: str, payload: dict, answer: dict | None, after: float = 0.2, **more) -> int:
        message_id = f"m{next(self._ids)}"
        raw = json.dumps([2, message_id, action, payload], ensure_ascii=False)
        common = {"connection": 1, "station": STATION, "ocpp": "1.6", "action": action, "message_id": message_id}
        seq = self.add("frame", after, direction=direction, frame="call", raw=raw, **common, **more)
        if answer is not None:
            back = "out" if direction == "in" else "in"
            raw = json.dumps([3, message_id, answer])
            self.add("frame", 0.034, direction=back, frame="result", raw=raw, answers=seq, latency=0.034, **common)
        return seq

    def sample(self, amperes: float, after: float = 1.0) -> int:
        values = {f"current_l{n}_a": [round(amperes * f, 3), "A", 0.05] for n, f in ((1, 1.0), (2, 0.99), (3, 1.01))}
        values["power_w"] = [round(amperes * 3 * 230, 1), "W", 12.0]
        return self.add("sample", after, source="analyser", role="power_analyzer", evse=1, values=values, t_u=0.02)


def _bench_case(trace: TraceBuilder) -> CaseRecord:
    """A fail: the station accepts a profile and reports Charging, and no current flows."""
    trace.case = f"HIL_F_01/{STATION}/1.6/1"
    started = trace.t
    first = trace.add("case", id="HIL_F_01", ocpp="1.6", station=STATION, evse=1)
    trace.add("step", index=1, step_kind="preamble", title="EV connected, Preparing reported")
    trace.add(
        "stimulus",
        0.1,
        instrument="ev_box",
        role="ev_simulator",
        verb="plug_in",
        args={"cable_rating_a": 32.0},
        phase="done",
    )
    status = {"connectorId": 1, "status": "Preparing", "errorCode": "NoError"}
    prepared = trace.call("in", "StatusNotification", status, {})
    trace.add("step_end", index=1, verdict="pass")
    trace.add("step", index=2, step_kind="test", title="the station accepts the remote start")
    remote = trace.call("out", "RemoteStartTransaction", {"idTag": "PLUG-1", "connectorId": 1}, {"status": "Accepted"})
    trace.add(
        "expectation", step=2, spec={}, at=trace.t, verdict="pass", required="status is Accepted", observed="Accepted"
    )
    trace.add("step_end", index=2, verdict="pass")
    trace.add("step", index=3, step_kind="test", title="the reference meter agrees")
    begin = {"connectorId": 1, "idTag": "PLUG-1", "meterStart": 120, "timestamp": UTC}
    trace.call("in", "StartTransaction", begin, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}, 0.5)
    trace.call("in", "StatusNotification", {**status, "status": "Charging"}, {}, 1.0)
    samples = [trace.sample(0.4 + 0.02 * (n % 2)) for n in range(31)]
    required = "current_l1 >= 9.5 A within 30.0 s of RemoteStartTransaction (id m2)"
    observed = "highest 0.42 A (±0.05 A) in 31 samples; station reported Charging at +1.8 s"
    trace.add(
        "expectation",
        step=3,
        spec={},
        at=trace.t,
        verdict="fail",
        required=required,
        observed=observed,
        evidence=samples,
    )
    trace.add("step_end", index=3, verdict="fail")
    trace.add("step", index=4, step_kind="postamble", title="transaction stopped, EV unplugged")
    trace.call("out", "RemoteStopTransaction", {"transactionId": 7}, {"status": "Accepted"})
    trace.add("operator", 2.0, prompt="Take the plug out of socket 1", answer="done")
    trace.add("step_end", index=4, verdict="pass")
    last = trace.add("case_end", id="HIL_F_01", result="fail", verdict="fail")
    measured = Measurement(
        "current_l1",
        0.42,
        "A",
        0.05,
        "current_l1 >= 9.5 A",
        "below the limit by more than U: fail (ILAC-G8 guard band)",
        Verdict.FAIL,
        samples,
        {"instrument": 0.04, "time": 0.01},
    )
    steps = [
        Step(
            1,
            "preamble",
            "EV connected, Preparing reported",
            Verdict.PASS,
            started,
            started + 0.3,
            checks=[Check("eventually StatusNotification status Preparing", "after 0.20 s", Verdict.PASS, [prepared])],
        ),
        Step(
            2,
            "test",
            "the station accepts the remote start",
            Verdict.PASS,
            started + 0.3,
            started + 0.6,
            "Core 5.11",
            [Check("status is Accepted", "Accepted", Verdict.PASS, [remote + 1])],
        ),
        Step(
            3,
            "test",
            "the reference meter agrees",
            Verdict.FAIL,
            started + 0.6,
            started + 32.5,
            "Core 5.11",
            [Check(required, observed, Verdict.FAIL, samples)],
            [measured],
        ),
        Step(4, "postamble", "transaction stopped, EV unplugged", Verdict.PASS, started + 32.5, trace.t),
    ]
    return CaseRecord(
        "HIL_F_01",
        "A remote start makes current flow",
        "1.6",
        STATION,
        1,
        Result.FAIL,
        Verdict.FAIL,
        "the reference meter saw no charging current",
        "a started transaction delivers energy",
        "OCPP 1.6 5.11",
        "testcases.physical.test_remote_start",
        started,
        trace.t,
        0.31,
        steps,
        [],
        first,
        last,
    )


def _session_case(trace: TraceBuilder) -> CaseRecord:
    """A pass with a whole charging session on the analyser."""
    trace.case = f"TC_010_CS/{STATION}/1.6/1"
    started = trace.t
    first = trace.add("case", id="TC_010_CS", ocpp="1.6", station=STATION, evse=1)
    trace.add("step", index=1, step_kind="test", title="the transaction starts and charges")
    for n in range(8):
        trace.sample(0.02 + 0.001 * n)
    sent = trace.call("out", "RemoteStartTransaction", {"idTag": "PLUG-1", "connectorId": 1}, {"status": "Accepted"})
    trace.call("in", "StatusNotification", {"connectorId": 1, "status": "Charging", "errorCode": "NoError"}, {})
    for n in range(12):
        trace.sample(16 * min(1.0, n / 8))
    for n in range(30):
        trace.sample(16 + 0.05 * (n % 3))
        if n % 10 == 0:
            trace.call("in", "MeterValues", {"connectorId": 1, "meterValue": []}, {})
    trace.add("ping", 0.1, connection=1, station=STATION, direction="in")
    trace.add("ping", 0.1, connection=1, station=STATION, direction="out", pong=True)
    trace.call(
        "out",
        "SetChargingProfile",
        {"connectorId": 1, "csChargingProfiles": {"chargingProfileId": 3}},
        {"status": "Accepted"},
    )
    for n in range(30):
        trace.sample(max(8.0, 16 - 2 * n))
    trace.call("out", "RemoteStopTransaction", {"transactionId": 7}, {"status": "Accepted"})
    for _ in range(10):
        trace.sample(0.02)
    seen = trace.call("in", "StopTransaction", {"transactionId": 7, "meterStop": 540, "reason": "Remote"}, {})
    trace.add("step_end", index=1, verdict="pass")
    last = trace.add("case_end", id="TC_010_CS", result="pass", verdict="pass")
    check = Check("next StopTransaction has reason Remote", "reason Remote", Verdict.PASS, [seen])
    accepted = Check("status is Accepted", "Accepted", Verdict.PASS, [sent + 1])
    energy = Measurement(
        "energy", 412.5, "Wh", 3.1, "408 <= x <= 420", "within by more than U: pass", Verdict.PASS, [seen]
    )
    energy.conditions = {"reference meter at": "cable_end", "cable": "1.21 Wh ± 0.11 Wh added"}
    step = Step(
        1, "test", "the transaction starts and charges", Verdict.PASS, started, trace.t, "", [accepted, check], [energy]
    )
    return CaseRecord(
        "TC_010_CS",
        "Remote start, cable plugged in first",
        "1.6",
        STATION,
        1,
        Result.PASS,
        Verdict.PASS,
        started=started,
        ended=trace.t,
        wall_seconds=0.42,
        steps=[step],
        first_event=first,
        last_event=last,
        module="testcases.ocpp16.test_remote_start",
        section="OCA Part 5, TC_010_CS",
    )


_OTHERS = (
    ("TC_001_CS", Result.PASS, Verdict.PASS, "", "Cold boot"),
    ("HIL_E_02", Result.PASS_MESSAGES_ONLY, Verdict.PASS, "no energy_meter on this bench", "Energy of a transaction"),
    ("HIL_E_03", Result.INCONCLUSIVE, Verdict.INCONCLUSIVE, "analyser stopped answering", "Contactor opens in time"),
    ("TC_021_CS", Result.ERROR, Verdict.PASS, "KeyError in the case", "Change of configuration"),
    ("TC_070_CS", Result.NOT_APPLICABLE, Verdict.NONE, "PICS C-09.1 is No", "Sampled meter values"),
    ("HIL_A_01", Result.NOT_RUN, Verdict.NONE, "the bench has no id_reader", "Card starts a session"),
    ("HIL_A_02", Result.WAIVED, Verdict.NONE, "no AC source until May", "Supply fails in mid-session"),
    ("TC_028_CS", Result.KNOWN_DEVIATION, Verdict.FAIL, "firmware 1.2 answers Unlocked", "Unlock an empty connector"),
    ("TC_003_CS", Result.DEVIATION_GONE, Verdict.PASS, "declared deviation was not seen", "Regular session"),
)


def _other_cases(trace: TraceBuilder) -> list[CaseRecord]:
    found = []
    for case_id, result, verdict, reason, title in _OTHERS:
        trace.case = f"{case_id}/{STATION}/1.6/1"
        ran = result not in (Result.NOT_APPLICABLE, Result.NOT_RUN, Result.WAIVED)
        case = CaseRecord(
            case_id,
            title,
            "1.6",
            STATION,
            1,
            result,
            verdict,
            reason,
            "req of " + case_id,
            "",
            "testcases.ocpp16.test_various",
            trace.t,
            trace.t,
            0.05 if ran else 0.0,
        )
        if ran:
            case.first_event = trace.add("case", id=case_id, ocpp="1.6", station=STATION, evse=1)
            trace.add("step", index=1, step_kind="test", title=f"the step of {case_id}")
            seen = trace.call("in", "Heartbeat", {}, {"currentTime": UTC})
            if result is Result.INCONCLUSIVE:
                trace.add(
                    "fault",
                    instrument="analyser",
                    address="TCPIP::10.0.0.5::5025::SOCKET",
                    what="no answer in 2 s",
                    cure="check the cable and the instrument's power",
                )
            case.last_event = trace.add("case_end", id=case_id, result=result.value, verdict=verdict.value)
            check = Check(f"required by {case_id}", f"observed in {case_id}", verdict, [seen])
            case.steps = [Step(1, "test", f"the step of {case_id}", verdict, case.started, trace.t, checks=[check])]
            case.ended = trace.t
        if result is Result.ERROR:
            case.error = "KeyError: 'status' (testcases/ocpp16/test_various.py, line 40)"
        if result is Result.KNOWN_DEVIATION:
            case.deviation = {"reason": "fixed in firmware 1.3", "link": "https://example.com/1234"}
        found.append(case)
    return found


def sample_run() -> tuple[RunRecord, list[dict]]:
    """A finished record with each result word, and its trace."""
    trace = TraceBuilder()
    trace.add(
        "run",
        schema=1,
        run="2025-03-04T10-00-00",
        plugproof="0.1.0",
        station=STATION,
        bench="virtual",
        clock="simulated",
        epoch_utc=UTC,
    )
    trace.add(
        "handshake",
        0.1,
        connection=1,
        station=STATION,
        path=f"/{STATION}",
        remote="127.0.0.1:5000",
        offered=["ocpp1.6"],
        selected="ocpp1.6",
        status=101,
        headers=[["Authorization", "Basic dXNlcjpwYXNz"]],
        secrets=["Authorization"],
    )
    boot = trace.call(
        "in",
        "BootNotification",
        {"chargePointVendor": "Example", "chargePointModel": "One"},
        {"status": "Accepted", "interval": 300, "currentTime": UTC},
    )
    cases = [_session_case(trace), *_other_cases(trace), _bench_case(trace)]
    trace.case = ""
    trace.add("closed", 1.0, connection=1, station=STATION, code=1000, reason="", by="csms")
    trace.add("end", reason="complete", events=len(trace.lines))
    run = RunInfo(
        "2025-03-04T10-00-00",
        UTC,
        "2025-03-04T10:00:09.200Z",
        "0.1.0",
        "simulated",
        {
            "vendor": "Example",
            "model": "One",
            "firmware": "1.2.0",
            "serial": "EX-0001",
            "ocpp": ["1.6"],
            "connectors": 1,
        },
        {
            "name": "virtual",
            "file": "bench/topologies/virtual.toml",
            "instruments": [
                {
                    "name": "analyser",
                    "role": "power_analyzer",
                    "identity": "PLUGPROOF,VPA3,0,1.0",
                    "evse": 1,
                    "calibrated": "2025-01-10",
                },
                {
                    "name": "ev_box",
                    "role": "ev_simulator",
                    "identity": "PLUGPROOF,VEV,0,1.0",
                    "evse": 1,
                    "calibrated": None,
                },
            ],
        },
        {"pics": "fixtures/stations/virtual.toml", "chosen": 9, "of": 11},
        clock_seconds=trace.t,
        wall_seconds=9.2,
    )
    findings = [
        Finding(
            "schema-valid",
            Strictness.MUST,
            "OCPP-J 1.6 4.2",
            "MeterValues.meterValue is empty",
            "TC_010_CS",
            "1.6",
            STATION,
            [boot],
            3,
        ),
        Finding(
            "schema-valid", Strictness.MUST, "OCPP-J 1.6 4.2", "timestamp is not RFC 3339", "", "1.6", STATION, [boot]
        ),
        Finding(
            "answer-in-time",
            Strictness.SHOULD,
            "OCPP-J 1.6 4.1.1",
            "reply after 12.1 s",
            "HIL_F_01",
            "1.6",
            STATION,
            [boot],
        ),
    ]
    record = RunRecord(
        run,
        cases,
        findings,
        safe_state=[
            {"role": "ev_simulator", "wanted": "unplugged", "read_back": "A", "reached": True},
            {"role": "relay_board", "wanted": "all open", "read_back": "all open", "reached": True},
        ],
        instrument_faults=[
            {"instrument": "analyser", "what": "no answer in 2 s", "cure": "check the cable", "case": "HIL_E_03"}
        ],
        environment={"python": "3.11.9", "commit": "0123abc", "packages": {"websockets": "17.4"}},
    )
    return finish(record), trace.lines
