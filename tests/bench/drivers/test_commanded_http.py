"""A simulator behind HTTP: what is sent, what is taken for an answer, and what is not."""

import asyncio
import json
import re
import time

import pytest

from bench.errors import BenchError, InstrumentFault, VerbAbsent

PLUG = {
    "plug_in": {"send": "POST /plug", "json": {"amps": "<cable_rating_a>", "note": "cable of <cable_rating_a> A"}},
    "unplug": {"send": "DELETE /plug"},
}


def verbs(**more):
    return {**PLUG, **more}


async def raw_server(answer):
    """Answers every connection with these bytes, whatever is asked."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_values_keep_their_types_in_json_and_are_texts_inside_texts(web, commanded):
    web.script |= {"POST /plug": (204, ""), "DELETE /plug": (200, "gone")}
    box = commanded(web.url, PLUG)
    assert await box.identify() == "EvSim 1.2"
    await box.plug_in(20.0)
    await box.unplug()
    asked, body, headers = web.heard[1]
    assert (asked, json.loads(body)) == ("POST /plug", {"amps": 20.0, "note": "cable of 20 A"})
    assert headers["Content-Type"] == "application/json"
    assert web.asked()[2] == "DELETE /plug"


async def test_values_are_quoted_in_a_path_and_a_secret_goes_into_a_header(web, commanded, monkeypatch):
    monkeypatch.setenv("BOX_KEY", "s3cret")
    asked = "PUT /base/reader/1?tag=A%2F%20%26b&on=on"
    web.script |= {asked: (200, "ok"), "GET /base/id": (200, "x")}
    present = {"send": "PUT /reader/<evse>?tag=<token>&on=on", "headers": {"Authorization": "Bearer <secret>"}}
    box = commanded(f"{web.url}/base/", {"present": present}, roles=("id_reader",), secret_env="BOX_KEY")
    await box.present("A/ &b")
    assert web.asked() == [asked]
    assert web.heard[0][2]["Authorization"] == "Bearer s3cret"
    web.script[asked] = (500, "broken")
    with pytest.raises(InstrumentFault) as caught:
        await box.present("A/ &b")
    assert "s3cret" not in str(caught.value)


async def test_the_secret_is_not_shown_where_it_stands_in_path_or_body(web, commanded, monkeypatch):
    monkeypatch.setenv("BOX_KEY", "s3cret")
    present = {"send": "POST /tag?key=<secret>", "body": "<secret>:<token>"}
    box = commanded(web.url, {"present": present}, roles=("id_reader",), secret_env="BOX_KEY")
    assert box.rehearse()[-1] == ("present", f"POST {web.url}/tag?key=%2A%2A%2A ***:04A1B2C3")
    with pytest.raises(InstrumentFault, match=r"present: it answered 404 'no such path' to POST .*key=%2A"):
        await box.present("X")
    assert web.heard[0][:2] == ("POST /tag?key=s3cret", "s3cret:X")


async def test_a_special_verb_goes_before_the_general_one(web, commanded):
    web.script |= {"POST /press/stop": (200, ""), "POST /mushroom": (200, "")}
    box = commanded(
        web.url,
        {"press": {"send": "POST /press/<button>"}, "press_emergency_stop": {"send": "POST /mushroom"}},
        roles=("panel",),
    )
    await box.press("stop")
    await box.press("emergency_stop")
    assert web.asked() == ["POST /press/stop", "POST /mushroom"]


async def test_further_requests_follow_in_their_order(web, commanded):
    web.script |= {"POST /a": (200, ""), "POST /b": (200, "")}
    unplug = {"send": "POST /a", "then": [{"send": "POST /b"}, {"send": "POST /a"}]}
    box = commanded(web.url, verbs(unplug=unplug))
    await box.unplug()
    assert web.asked() == ["POST /a", "POST /b", "POST /a"]


@pytest.mark.parametrize(
    ("answer", "value", "locked"),
    [
        ({"evse": [{"lock": True}]}, {"json": "evse[0].lock"}, True),
        ({"evse": [{"lock": "open"}]}, {"json": "evse[0].lock", "words": {"open": False, "shut": True}}, False),
        ("lock=1;", {"matches": r"lock=(\d)"}, True),
        ("off", {}, False),
    ],
)
async def test_a_query_gives_the_value_in_the_answer(web, commanded, answer, value, locked):
    web.script["GET /lock/2"] = (200, answer)
    query = {"send": "GET /lock/<evse>", "value": value}
    box = commanded(web.url, {"locked": query}, roles=("lock_sensor",), evses=(1, 2))
    assert await box.locked(evse=2) is locked


@pytest.mark.parametrize("answer", [{"evse": []}, {"evse": [{"lock": "ajar"}]}, "lock: yes", "", "[[[["])
async def test_an_answer_without_the_value_is_a_fault_that_tells_where_was_looked(web, commanded, answer):
    web.script["GET /lock"] = (200, answer)
    query = {"send": "GET /lock", "value": {"json": "evse[0].lock"}}
    box = commanded(web.url, {"locked": query}, roles=("lock_sensor",))
    told = rf"box at {web.url}: locked: 200 .* tells no true or false; looked for evse\[0\].lock in its JSON. Cure: correct"
    with pytest.raises(InstrumentFault, match=told):
        await box.locked()


async def test_a_pilot_state_is_one(web, commanded):
    box = commanded(web.url, verbs(pilot_state={"send": "GET /cp", "value": {"words": {"6 V": "C"}}}))
    web.script["GET /cp"] = (200, "6 V")
    assert await box.pilot_state() == "C"
    web.script["GET /cp"] = (200, "9 V")
    with pytest.raises(InstrumentFault, match="tells no pilot state, A to F"):
        await box.pilot_state()


@pytest.mark.parametrize(
    ("ok", "answer", "told"),
    [
        (None, (500, "on fire"), "it answered 500 'on fire' to POST {url}/go; right is 200 to 299"),
        ({"code": [202]}, (200, ""), "it answered 200 '' to POST {url}/go; right is code 202"),
        ({"equals": "OK"}, (200, "NO"), "right is 200 to 299, text equal to 'OK'"),
        ({"json": "done", "equals": True}, (200, {"done": 1}), "right is 200 to 299, done in its JSON equal to True"),
        ({"json": "done"}, (200, "<html>"), "right is 200 to 299, done in its JSON"),
        ({"matches": "^fine"}, (200, "not fine"), "text matching '^fine'"),
    ],
)
async def test_a_wrong_answer_is_a_fault_that_tells_the_right_one(web, commanded, ok, answer, told):
    web.script["POST /go"] = answer
    box = commanded(web.url, verbs(unplug={"send": "POST /go", **({"ok": ok} if ok else {})}))
    with pytest.raises(InstrumentFault, match=re.escape(told.format(url=web.url))) as caught:
        await box.unplug()
    assert str(caught.value).startswith(f"box at {web.url}: unplug: ")
    assert "Cure: look at the instrument; correct what is sent, or ok" in str(caught.value)


async def test_failed_is_a_fault_at_once_and_cannot_leaves_the_case_not_run(web, commanded):
    unplug = {
        "send": "POST /go",
        "retries": 3,
        "retry_pause_s": 0,
        "failed": {"json": "error", "matches": "jam"},
        "cannot": {"code": [501]},
    }
    box = commanded(web.url, verbs(unplug=unplug))
    web.script["POST /go"] = (200, {"error": "jammed"})
    with pytest.raises(InstrumentFault, match=r"unplug failed: it answered 200 .*jammed"):
        await box.unplug()
    web.script["POST /go"] = (501, "no motor")
    with pytest.raises(
        VerbAbsent, match=r"box does not do unplug: it answered 501 'no motor'. Cure: leave the verb out"
    ):
        await box.unplug()
    assert web.asked() == ["POST /go"] * 2


async def test_retries_end_with_the_first_right_answer_or_tell_how_often(web, commanded):
    answers = iter([(503, "busy"), (503, "busy"), (200, "ok")])
    web.script["POST /go"] = lambda: next(answers)
    box = commanded(web.url, verbs(unplug={"send": "POST /go", "retries": 2, "retry_pause_s": 0.01}))
    await box.unplug()
    assert len(web.heard) == 3
    web.script["POST /go"] = (503, "busy")
    with pytest.raises(InstrumentFault, match=r"right is 200 to 299; 3 times. Cure"):
        await box.unplug()
    assert len(web.heard) == 6


async def test_nothing_is_repeated_unless_asked_for(web, commanded):
    web.script["DELETE /plug"] = (503, "busy")
    with pytest.raises(InstrumentFault):
        await commanded(web.url, PLUG).unplug()
    assert len(web.heard) == 1


async def test_a_refused_connection_names_instrument_address_and_cure(refused_port, commanded):
    box = commanded(f"http://127.0.0.1:{refused_port}", PLUG)
    told = (
        f"box at http://127.0.0.1:{refused_port}: identify: GET .*/id: the connection was refused. Cure: check address"
    )
    with pytest.raises(InstrumentFault, match=told):
        await box.identify()


async def test_a_slow_answer_ends_in_time_and_does_not_spoil_the_next(web, commanded):
    web.script |= {"POST /plug": lambda: (time.sleep(0.6), (200, "late"))[1], "DELETE /plug": (200, "")}
    box = commanded(web.url, verbs(plug_in={"send": "POST /plug", "timeout_s": 0.1}))
    start = time.monotonic()
    with pytest.raises(InstrumentFault, match=r"plug_in: POST .*/plug was not answered within 0.1 s"):
        await box.plug_in()
    assert time.monotonic() - start < 0.5
    await box.unplug()


async def test_an_answer_that_trickles_ends_in_time(commanded):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        try:
            while True:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        box = commanded(f"http://127.0.0.1:{port}", PLUG, timeout_s=0.2)
        with pytest.raises(InstrumentFault, match=r"was not answered within 0.2 s"):
            await box.identify()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is no HTTP (BadStatusLine"),
        (b"", "the connection was closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "closed before the answer was complete"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe", "bytes that are no utf-8 text"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_100, "answered with more than 1000000 bytes"),
    ],
)
async def test_what_is_no_answer_is_named(commanded, answer, told):
    server, port = await raw_server(answer)
    async with server:
        with pytest.raises(InstrumentFault, match=re.escape(told)):
            await commanded(f"http://127.0.0.1:{port}", PLUG).identify()


async def test_a_caller_that_is_cancelled_leaves_and_the_next_request_is_its_own(web, commanded):
    web.script |= {"POST /plug": lambda: (time.sleep(0.2), (200, ""))[1], "DELETE /plug": (200, "")}
    box = commanded(web.url, PLUG)
    task = asyncio.create_task(box.plug_in())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await box.unplug()
    assert web.asked() == ["POST /plug", "DELETE /plug"]


async def test_a_dry_run_sends_nothing_and_says_what_it_would_send(web, commanded):
    box = commanded(web.url, PLUG, dry_run=True)
    assert await box.identify() == f"dry run of {web.url}"
    told = rf'box: dry run: plug_in would send POST {web.url}/plug {{"amps": 13.0, .*}}; nothing was sent'
    with pytest.raises(BenchError, match=told) as caught:
        await box.plug_in(13.0)
    assert not isinstance(caught.value, InstrumentFault)
    assert web.heard == []
    assert [verb for verb, _ in box.rehearse()] == ["identify", "plug_in", "unplug"]


async def test_a_token_with_a_line_end_goes_nowhere(web, commanded):
    box = commanded(web.url, {"present": {"send": "POST /tag", "body": "<token>"}}, roles=("id_reader",))
    with pytest.raises(BenchError, match=r"<token> is 'A\\nB'. Cure: leave control characters"):
        await box.present("A\nB")
    assert web.heard == []
