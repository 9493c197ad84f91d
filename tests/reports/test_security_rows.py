from reports.html.rows import row_of

PEER = {"subject_cn": "SN-1", "key": "EC", "key_bits": 256, "serial": "AB"}
HELLO = {
    "seq": 3,
    "t": 5.0,
    "kind": "tls",
    "connection": 1,
    "offered_versions": ["TLSv1.2"],
    "offered_suites": ["TLS_X"],
}


def test_a_tls_handshake_tells_what_was_agreed_and_who_the_station_is():
    row = row_of(
        {**HELLO, "outcome": "completed", "version": "TLSv1.2", "suite": "TLS_X", "client_certificate": PEER}, 4.0
    )
    assert (row.head, row.lane, row.tone) == ("TLS", "link", "")
    assert row.brief == "TLSv1.2 · TLS_X · station 'SN-1' (EC 256)"
    assert "offered versions: TLSv1.2" in row.body
    assert "serial AB" in row.body


def test_a_failed_one_tells_by_whom_and_what_it_was_met_with():
    row = row_of(
        {
            **HELLO,
            "outcome": "failed",
            "detail": "bad",
            "alert": "unknown_ca",
            "alert_by": "station",
            "shown": "expired",
        },
        4.0,
    )
    assert (row.head, row.tone) == ("TLS handshake failed", "warn")
    assert row.brief == "bad · alert unknown_ca by the station · the CSMS showed: expired"


def test_a_client_certificate_that_does_not_stand_is_noted():
    row = row_of(
        {**HELLO, "outcome": "completed", "client_certificate": PEER, "client_problem": "its time is over"}, 4.0
    )
    assert row.notes == ["station's certificate: its time is over"]


def test_a_certificate_request_is_told_by_its_subject():
    row = row_of({"seq": 3, "t": 5.0, "kind": "certificate", "what": "request", "says": PEER, "new_key": True}, 4.0)
    assert (row.head, row.brief) == ("certificate request", "for 'SN-1' (EC 256) · new key")


def test_credentials_are_told_without_their_secret():
    line = {"seq": 3, "t": 5.0, "kind": "handshake", "path": "/CP", "status": 101, "selected": "ocpp1.6",
            "headers": [["Authorization", "Basic c2VjcmV0"]], "secrets": ["Authorization"],
            "credentials": {"scheme": "Basic", "user": "CP", "octets": 18, "password": "current"}}  # fmt: skip
    row = row_of(line, 4.0)
    assert row.brief.endswith("Basic 'CP', current password")
    assert "c2VjcmV0" not in row.body + row.brief


def test_what_is_of_the_wrong_type_is_still_shown():
    row = row_of(
        {"seq": 3, "t": 5.0, "kind": "tls", "outcome": 7, "client_certificate": [1], "offered_suites": None}, 4.0
    )
    assert row.head
