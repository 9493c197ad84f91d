"""Power strips over HTTP: each model's golden dialogue, the simulated strips over sockets, and faults."""

import base64
import re
from pathlib import Path

import pytest

from bench import registry
from bench.drivers.http_pdu import load_model, models
from bench.errors import BenchError, InstrumentFault, VerbAbsent
from bench.virtual.instruments.pdu import MODELS, VirtualPdu
from harness.model.strict import ModelError, build
from harness.model.topology import InstrumentEntry

NETIO = {"Agent": {"Model": "NETIO 4All"}, "Outputs": [{"ID": 1, "State": 0}, {"ID": 2, "State": 1}]}
GUDE = {"outputs": [{"name": "Power Port", "state": 0}, {"name": "Station", "state": 1}]}
GOLDEN = {
    # model: (outlet, what is sent for identify, on, its read-back, off; the answers), sources in bench/drivers/pdus.toml
    "netio_json": (
        2,
        {
            "GET /netio.json": (200, NETIO),  # Agent.Model, Outputs: tests of netioproducts/PyNetio
            "POST /netio.json": (200, NETIO),  # the answer is the same document: NETIO wiki, JSON API (excerpt read)
        },
        ["GET /netio.json", "POST /netio.json", "GET /netio.json"],
        "NETIO 4All",
    ),
    "gude": (
        2,
        {
            # cmd, p, s: Gude wiki, EPC HTTP interface (excerpt read); components=1, outputs: labgrid gude8031.py
            "GET /status.json?components=1": (200, GUDE),
            "GET /status.json?components=1&cmd=1&p=2&s=1": (200, GUDE),
        },
        [
            "GET /status.json?components=1",
            "GET /status.json?components=1&cmd=1&p=2&s=1",
            "GET /status.json?components=1",
        ],
        "Station",  # name of an output: memory, medium
    ),
    "shelly_gen1": (
        0,
        {
            "GET /shelly": (200, {"type": "SHPLG-S", "mac": "AABBCC000001"}),  # several public programs
            "GET /relay/0?turn=on": (200, {"ison": True}),  # Power::Outlet::Shelly, citing the maker's pages
            "GET /relay/0": (200, {"ison": True}),  # labgrid shelly_gen1.py
        },
        ["GET /shelly", "GET /relay/0?turn=on", "GET /relay/0"],
        "SHPLG-S",
    ),
    "shelly_gen2": (
        0,
        {
            "GET /rpc/Shelly.GetDeviceInfo": (200, {"model": "SNPL-00112EU", "gen": 2}),  # several public programs
            # the maker's pages on the Switch component (excerpts read): was_on, output
            "GET /rpc/Switch.Set?id=0&on=true": (200, {"was_on": False}),
            "GET /rpc/Switch.GetStatus?id=0": (200, {"id": 0, "output": True}),
        },
        ["GET /rpc/Shelly.GetDeviceInfo", "GET /rpc/Switch.Set?id=0&on=true", "GET /rpc/Switch.GetStatus?id=0"],
        "SNPL-00112EU",
    ),
    "tinycontrol_tcpdu": (
        3,
        {
            # labgrid tinycontrol_tcpdu.py, and nothing else
            "GET /api/v1/read/status/?outValues": (200, {"out3": 1}),
            "GET /api/v1/save/?out3=1": (200, {}),
        },
        ["GET /api/v1/read/status/?outValues", "GET /api/v1/save/?out3=1", "GET /api/v1/read/status/?outValues"],
        "1; experimental: low: one public program",
    ),
}


def of(model, **more):
    return {"options": {"model": model, "outlet": GOLDEN[model][0], **more}, "web": True}


def test_every_model_has_a_golden_dialogue_a_simulated_strip_and_a_source():
    assert set(models()) == set(GOLDEN) == set(MODELS)
    for name in models():
        described = load_model(name, 1 if name not in {"shelly_gen1", "shelly_gen2"} else 0)
        assert described.source
        assert described.confidence.split()[0].rstrip(":.") in {"high", "medium", "low"}


@pytest.mark.parametrize("model", GOLDEN)
async def test_http_pdu(web, drive, model):
    outlet, script, expected, identity = GOLDEN[model]
    web.script = script
    pdu = drive("http_pdu", "ac_source", web.server.server_port, **of(model))
    assert await pdu.identify() == f"{model}, outlet {outlet}: {identity}"
    await pdu.output(on=True)
    assert web.asked() == expected
    if model == "netio_json":
        assert web.heard[1][1] == '{"Outputs": [{"ID": 2, "Action": 1}]}'


@pytest.mark.parametrize("model", MODELS)
async def test_the_simulated_strip_switches_the_stations_mains_and_nothing_else(plant, serve, drive, model):
    outlet = GOLDEN[model][0]
    strip = VirtualPdu("strip", plant, model, outlet)
    pdu = drive("http_pdu", "ac_source", await serve(strip), **of(model))
    assert model in await pdu.identify()
    for on in (False, True, True, False):
        await pdu.output(on=on)
        assert await pdu.output_is_on() is plant.grid.output_on is on
    assert [number for number, state in strip.outlets.items() if state and number != outlet] == []


@pytest.mark.parametrize("model", MODELS)
async def test_an_outlet_that_stays_as_it_is_is_a_fault(plant, serve, drive, model):
    strip = VirtualPdu("strip", plant, model, GOLDEN[model][0])
    strip.stuck = True
    pdu = drive("http_pdu", "ac_source", await serve(strip), **of(model, settle_s=0.05))
    with pytest.raises(
        InstrumentFault, match=r"did not switch off in 0.05 s. Cure: check that the outlet is not locked"
    ):
        await pdu.output(on=False)


@pytest.mark.parametrize("model", MODELS)
async def test_a_state_that_is_neither_on_nor_off_is_a_fault(plant, serve, drive, model):
    strip = VirtualPdu("strip", plant, model, GOLDEN[model][0])
    pdu = drive("http_pdu", "ac_source", await serve(strip), **of(model))
    await strip.misbehave("nan")
    with pytest.raises(InstrumentFault, match=r"output_is_on: .* tells no true or false"):
        await pdu.output_is_on()
    await strip.misbehave("none")
    assert await pdu.output_is_on() is True


@pytest.mark.parametrize(
    ("kind", "told"),
    [("silent", r"was not answered within 1 s"), ("garbage", "the answer is no HTTP"), ("closed", "was refused")],
)
async def test_a_strip_that_fails_is_a_named_fault_and_is_used_again(plant, serve, drive, kind, told):
    strip = VirtualPdu("strip", plant, "shelly_gen2", 0)
    pdu = drive("http_pdu", "ac_source", await serve(strip), **of("shelly_gen2"))
    await strip.misbehave(kind)
    with pytest.raises(InstrumentFault, match=told):
        await pdu.output(on=False)
    await strip.misbehave("none")
    await pdu.output(on=False)
    assert plant.grid.output_on is False


async def test_a_strip_that_numbers_its_outlets_otherwise_is_a_fault(web, drive):
    web.script = {"GET /netio.json": (200, {**NETIO, "Outputs": NETIO["Outputs"][::-1]})}
    with pytest.raises(InstrumentFault, match=re.escape("Outputs[1].ID in its JSON equal to 2")):
        await drive("http_pdu", "ac_source", web.server.server_port, **of("netio_json")).output_is_on()


async def test_an_outlet_that_the_strip_does_not_have_is_a_fault(plant, serve, drive):
    port = await serve(VirtualPdu("strip", plant, "shelly_gen1", 0))
    options = {"model": "shelly_gen1", "outlet": 3}
    with pytest.raises(InstrumentFault, match="it answered 400"):
        await drive("http_pdu", "ac_source", port, options=options, web=True).output(on=False)
    assert plant.grid.output_on is True


async def test_it_logs_in_where_it_is_told_to_and_shows_no_password(web, drive, monkeypatch):
    monkeypatch.setenv("PDU_PASSWORD", "s3cret:ä")
    web.script = {"GET /shelly": (200, {"type": "SHSW-1"}), "GET /relay/0": (401, "who are you?")}
    options = {"user": "admin", "password_env": "PDU_PASSWORD"}
    pdu = drive("http_pdu", "ac_source", web.server.server_port, **of("shelly_gen1", **options))
    await pdu.identify()
    expected = base64.b64encode("admin:s3cret:ä".encode()).decode()
    assert web.heard[0][2]["Authorization"] == f"Basic {expected}"
    with pytest.raises(InstrumentFault, match="it answered 401") as fault:
        await pdu.output_is_on()
    assert expected not in str(fault.value)
    assert "s3cret" not in str(fault.value)


async def test_it_does_only_what_a_switch_does(drive):
    pdu = drive("http_pdu", "ac_source", 1, **of("gude"))
    with pytest.raises(VerbAbsent, match=r"does not do set_voltage: a power strip only switches"):
        await pdu.set_voltage(230)
    entry = build(
        InstrumentEntry,
        {"name": "strip", "roles": ["ac_source"], "driver": "http_pdu", "address": "http://x", "options": {}},
        "bench.toml",
    )
    assert registry.does(entry, "output", {"on": False})
    assert registry.does(entry, "output_is_on", {})
    assert not registry.does(entry, "set_voltage", {"volts": 230.0, "phase": None})


@pytest.mark.parametrize(
    ("options", "kind", "told"),
    [
        ({"model": "shelly_gen3", "outlet": 0}, BenchError, "did you mean 'shelly_gen"),
        (
            {"model": "gude", "outlet": 0},
            BenchError,
            "outlet = 0: gude counts them from 1. Cure: give one from 1 to 24",
        ),
        ({"model": "gude", "outlet": 1, "usr": "x"}, ModelError, "did you mean 'user'"),
        ({"model": "gude", "outlet": 1, "user": "x"}, ModelError, "user and password_env go together"),
        (
            {"model": "gude", "outlet": 1, "user": "x", "password_env": "PDU_NOT_SET"},
            BenchError,
            "secret_env names PDU_NOT_SET, which is not set. Cure: export PDU_NOT_SET=...",
        ),
    ],
)
async def test_options_that_do_not_fit_are_refused_with_their_cure(drive, options, kind, told):
    with pytest.raises(kind, match=re.escape(told)):
        drive("http_pdu", "ac_source", 1, options=options, web=True)


async def test_an_address_of_no_web_server_is_refused(drive):
    with pytest.raises(BenchError, match=r"takes no commands|is no web server"):
        drive("http_pdu", "ac_source", 1, options={"model": "gude", "outlet": 1})


def test_the_page_lists_the_models_as_they_are_described():
    page = (Path(__file__).parents[4] / "docs/reference/power-strips.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `[a-z_0-9]+` \| .* \| \d+ to \d+ \|", line)]
    described = []
    for name in models():
        outlet = GOLDEN[name][0]
        model = load_model(name, outlet)
        outlets = f"{model.first_outlet} to {model.last_outlet}"
        doubt = "**experimental**, " if model.experimental else ""
        described.append(f"| `{name}` | {model.model} | {outlets} | {doubt}{model.confidence} |")
    assert rows == described
