from harness.oracle.expectations import Opening, Shown
from harness.oracle.judge import judge
from harness.oracle.matchers import Absent, Between, Equals, Has
from harness.trace.events import Certificate, CertificateExamined, Credentials, Handshake, Note, TlsHandshake
from harness.trace.trace import Trace

PAIR = ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")


def trace_of(*events):
    trace = Trace()
    for number, event in enumerate(events):
        trace.append(event, float(number), "2026-01-01T00:00:00.000Z")
    return trace


def upgrade(status=101, credentials=None, station="CP"):
    return Handshake(
        connection=1, station=station, path="/CP", remote="r", offered=(), selected=None, status=status, reason="so", credentials=credentials
    )  # fmt: skip


def opening(layer="http", where=None, **fields):
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return Opening(layer=layer, fields=named, where=where or {}, station="CP", since=0, until=10.0)


def test_the_first_attempt_counts_also_when_it_was_refused():
    trace = trace_of(Note(text="x"), upgrade(401, Credentials("Basic", "CP", 4, "wrong")), upgrade())
    outcome = judge(opening(accepted=Equals(value=True)), trace, 3.0)
    assert outcome.state == "violated"
    assert outcome.evidence == (1,)
    assert "so" in outcome.observed


def test_where_selects_the_attempts_that_are_meant():
    trace = trace_of(Note(text="x"), upgrade(401), upgrade(101, Credentials("Basic", "CP", 19, "current")))
    wanted = opening(where={"accepted": Equals(value=True)}, credentials__password=Equals("current"))
    assert judge(wanted, trace, 3.0).state == "met"


def test_another_stations_attempts_are_not_meant():
    trace = trace_of(Note(text="x"), upgrade(station="OTHER"))
    assert judge(opening(), trace, 3.0).state == "pending"
    assert judge(opening(), trace, 10.0).state == "violated"


def test_no_credentials_are_absent_and_not_empty():
    trace = trace_of(Note(text="x"), upgrade())
    assert judge(opening(credentials=Absent()), trace, 3.0).state == "met"
    assert judge(opening(credentials__octets=Between(16, 20)), trace, 3.0).state == "violated"


def test_a_tls_handshake_is_judged_by_what_was_offered():
    event = TlsHandshake(
        connection=1, remote="r", outcome="completed", offered_versions=("TLSv1.2",), offered_suites=PAIR
    )
    trace = trace_of(Note(text="x"), event)
    assert (
        judge(opening("tls", secure=Equals(value=True), suite_pairs__0=Equals("RSA")), trace, 3.0).state == "violated"
    )
    good = Opening(
        layer="tls",
        fields={"secure": Equals(value=True), "suite_pairs[0]": Equals("RSA")},
        station="CP",
        since=0,
        until=9,
    )
    assert judge(good, trace, 3.0).state == "met"
    assert judge(opening("tls", suite_pairs=Has({})), trace, 3.0).state == "met"


def test_old_tls_and_half_pairs_are_told():
    event = TlsHandshake(
        connection=1, remote="r", outcome="failed", offered_versions=("TLSv1.1",), offered_suites=PAIR[:1], detail="no"
    )
    trace = trace_of(Note(text="x"), event)
    outcome = judge(opening("tls", secure=Equals(value=True), suite_pairs=Has({})), trace, 3.0)
    assert outcome.state == "violated"
    assert "secure is false" in outcome.observed
    assert "suite_pairs" in outcome.observed


def test_an_examined_certificate_is_judged_by_what_it_says():
    event = CertificateExamined(
        frame=0, what="request", says=Certificate(subject_o="Op", key="RSA", key_bits=1024), new_key=True
    )
    trace = trace_of(Note(text="x"), event)
    held = Shown(
        record=1, fields={"new_key": Equals(value=True), "says.subject_o": Equals("Op"), "problem": Equals("")}
    )
    assert judge(held, trace, 1.0).state == "met"
    weak = judge(Shown(record=1, fields={"says.key_bits": Between(low=2048)}), trace, 1.0)
    assert weak.state == "violated"
    assert "1024" in weak.observed


def test_an_attempt_that_must_not_come_is_waited_for_to_the_end():
    never = Opening(layer="http", word="never", fields={}, station="CP", since=0, until=10.0)
    quiet = trace_of(Note(text="x"), upgrade(station="OTHER"))
    assert judge(never, quiet, 9.0).state == "pending"
    assert judge(never, quiet, 10.0).state == "met"
    came = judge(never, trace_of(Note(text="x"), upgrade(403)), 3.0)
    assert (came.state, came.evidence) == ("violated", (1,))
