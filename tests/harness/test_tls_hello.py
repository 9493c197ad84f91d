import ssl

import pytest

from harness.tls.client_hello import NotTlsError, client_hello, looks_like_tls, plain_alert
from harness.tls.names import complete_pairs


def hello(ciphers=None, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version, context.maximum_version = lowest, highest
    if ciphers:
        context.set_ciphers(ciphers)
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="csms.test")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_what_a_client_offers_is_read():
    told = client_hello(hello("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"))
    assert told.versions == ("TLSv1.3", "TLSv1.2")
    assert told.server_name == "csms.test"
    assert not told.compression
    assert complete_pairs(told.suites) == ["ECDHE_ECDSA"]
    assert "TLS_AES_256_GCM_SHA384" in told.suites


def test_half_a_pair_is_no_pair():
    assert complete_pairs(client_hello(hello("AES128-GCM-SHA256")).suites) == []
    assert complete_pairs(client_hello(hello("AES128-GCM-SHA256:AES256-GCM-SHA384")).suites) == ["RSA"]


def test_a_client_without_a_list_of_versions_names_the_highest():
    assert client_hello(hello(highest=ssl.TLSVersion.TLSv1_2)).versions == ("TLSv1.2",)


@pytest.mark.parametrize("cut", [0, 3, 5, 40, 120])
def test_a_part_of_it_is_not_yet_a_hello(cut):
    assert client_hello(hello()[:cut]) is None


def test_it_may_come_in_several_records():
    whole = hello()
    message = whole[5:]
    parts = [message[at : at + 50] for at in range(0, len(message), 50)]
    split = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)
    assert client_hello(split) == client_hello(whole)


@pytest.mark.parametrize(
    "data",
    [
        b"\x17\x03\x03\x00\x01x",
        b"\x16\x03\x01\x00\x05\x02\x00\x00\x01x",
        b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03",
    ],
)
def test_what_is_no_hello_is_said(data):
    with pytest.raises(NotTlsError):
        client_hello(data)


def test_tls_and_websocket_are_told_apart_by_their_first_bytes():
    assert looks_like_tls(hello())
    assert looks_like_tls(b"\x16")
    assert not looks_like_tls(b"GET / HTTP/1.1")
    assert not looks_like_tls(b"\x16\x16")


def test_an_alert_that_was_sent_in_the_clear_is_named():
    assert plain_alert(b"\x15\x03\x03\x00\x02\x02\x30") == "unknown_ca"
    assert plain_alert(b"\x16\x03\x03\x00\x01x" + b"\x15\x03\x03\x00\x02\x02\x46") == "protocol_version"
    assert plain_alert(b"\x16\x03\x03\x00\x01x") == ""
