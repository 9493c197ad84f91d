"""What is wrong in a bench file is told when it is read, with the place, the value and the cure."""

import re

import pytest

from bench.errors import BenchError
from bench.links.command import Answer
from bench.links.command.answers import Condition, told
from bench.roles import ROLES
from bench.verbs import SAMPLES, VERBS, listed, names, problems
from harness.model.strict import MisfitError, ModelError, build

HTTP, LINE, SHELL = "http://127.0.0.1:1", "tcp://127.0.0.1:1", "shell:box"
PLUG = {"plug_in": {"send": "POST /plug"}, "unplug": {"send": "POST /pull"}}


@pytest.mark.parametrize(
    ("verbs", "told"),
    [
        ({"plugin": {"send": "GET /"}}, "verbs.plugin: there is no such verb. Cure: did you mean 'plug_in'? Valid here: identify"),
        ({"suspend": {"send": "GET /"}}, "verbs.suspend: there is no such verb. Cure: it is called 'request_energy_off' here"),
        ({"network_off": {"send": "GET /"}}, "Cure: it is called 'cut' here"),
        ({"present": {"send": "GET /"}}, "verbs.present is of the role 'id_reader'. Cure: add that to roles, or leave it out"),
        ({"unplug": {"send": "GET /<evze>"}}, "verbs.unplug: <evze> is no value of this verb. Cure: did you mean 'evse'?"),
        ({"unplug": {"send": "GET /<cable_rating_a>"}}, "verbs.unplug: <cable_rating_a> is no value of this verb. Cure: valid here: evse"),
        ({"unplug": {"send": "GET /", "headers": {"X-Key": "<secret>"}}}, "Cure: name the environment variable that holds it with secret_env"),
        ({"unplug": {"send": "GO /"}}, "verbs.unplug: send = 'GO /' is no request. Cure: write e.g. POST /plug"),
        ({"unplug": {"send": "GET /", "json": {"a": 1}, "body": "b"}}, "json and body are both given"),
        ({"unplug": {"send": "GET /", "headers": {"X Y": "1"}}}, "header 'X Y' cannot be sent"),
        ({"unplug": {"send": "GET /", "value": {"json": "a"}}}, "it does something and tells nothing. Cure: leave value out"),
        ({"request_energy_on": {"send": "GET /"}}, "verbs.request_energy_on cannot be undone: no request_energy_off is listed. Cure: add [instrument.options.verbs.request_energy_off]"),
    ],
)  # fmt: skip
async def test_a_wrong_verb(commanded, verbs, told):
    with pytest.raises(BenchError, match=re.escape(told)) as caught:
        commanded(HTTP, {**PLUG, **verbs})
    assert all(line.startswith("bench.toml: box: ") for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        ({"snd": "GET /"}, "verbs.unplug.snd: unknown key. Cure: did you mean 'send'?"),
        ({"send": ""}, "verbs.unplug.send: is empty"),
        ({"send": "GET /", "retries": 1000}, "verbs.unplug.retries: 1000 is out of range"),
        (
            {"send": "GET /", "ok": {}},
            "verbs.unplug.ok: nothing is asked of the answer. Cure: give at least one of code",
        ),
        ({"send": "GET /", "ok": {"matches": "("}}, "matches = '(' is no regular expression"),
        ({"send": "GET /", "ok": {"json": "a..b"}}, "json = 'a..b' is no path. Cure: write names and positions"),
        ({"send": "GET /", "value": {"json": "a"}, "then": [{"send": "GET /"}]}, "value and then do not go together"),
    ],
)
async def test_a_wrong_key_or_value(commanded, verb, told):
    with pytest.raises(ModelError) as caught:
        commanded(HTTP, {**PLUG, "unplug": verb})
    assert told in str(caught.value)
    assert "bench.toml: options of box" in str(caught.value)


async def test_all_that_is_wrong_is_told_at_once(commanded):
    with pytest.raises(BenchError) as caught:
        commanded(HTTP, {"plug_in": {"send": "x"}, "fly": {"send": "y"}}, roles=("ev_simulator", "panel"))
    assert str(caught.value).count("Cure:") == 4  # fly, no panel verb, no unplug, no request


@pytest.mark.parametrize(
    ("address", "verbs", "told"),
    [
        (LINE, {"unplug": {"send": "PULL"}}, "verbs.unplug: any answer would do. Cure: say what is right"),
        (LINE, {"unplug": {"send": "PULL", "ok": {"code": [0]}}}, "verbs.unplug: its answers have no code"),
        (LINE, {"unplug": {"send": "PULL", "json": [], "ok": {"equals": "OK"}}}, "verbs.unplug: json is for HTTP"),
        (SHELL, {"unplug": {"send": "pull 'it"}}, "is no command line: No closing quotation. Cure: close its quotes"),
        (SHELL, {"unplug": {"send": "pull", "headers": {"a": "b"}}}, "verbs.unplug: headers is for HTTP"),
    ],
)
async def test_what_a_link_cannot_send_or_judge(commanded, address, verbs, told):
    ok = {"ok": {"equals": "OK"}} if address == LINE else {}
    plug = {"plug_in": {"send": "plug", **ok}, "unplug": {"send": "pull", **ok}}
    with pytest.raises(BenchError, match=re.escape(told)):
        commanded(address, {**plug, **verbs})


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ftp://box", "takes no commands. Cure: write shell:COMMAND, http://host:port"),
        ("shell: ", "names no command"),
        ("http://box:", "is not one of a web server"),
        ("http://:80", "is not one of a web server"),
        ("http://me:pw@box", "credentials belong in headers"),
        ("http://box:99999", "is not one of a web server"),
        ("tcp://box", "is not a line address"),
    ],
)
async def test_a_wrong_address(commanded, address, told):
    with pytest.raises(BenchError, match=told):
        commanded(address, PLUG)


async def test_a_place_for_the_evse_needs_to_be_clear(commanded):
    unplug = {"send": "POST /pull/<evse>"}
    commanded(HTTP, {**PLUG, "unplug": unplug}, evses=(2,))
    with pytest.raises(BenchError, match="<evse> is no value of this verb"):
        commanded(HTTP, {**PLUG, "unplug": unplug}, evses=(1, 2))


async def test_other_options(commanded, monkeypatch):
    monkeypatch.delenv("BOX_KEY", raising=False)
    with pytest.raises(BenchError, match=r"secret_env names BOX_KEY, which is not set. Cure: export BOX_KEY="):
        commanded(HTTP, PLUG, secret_env="BOX_KEY")
    with pytest.raises(BenchError, match="working_directory is for shell commands"):
        commanded(HTTP, PLUG, working_directory="/tmp")


def test_something_must_tell_whether_it_is_there():
    (told,) = problems(PLUG, ("ev_simulator",))
    assert told.startswith(
        "verbs.identify is missing: nothing else tells whether it is there. Cure: add [instrument.opt"
    )


async def test_it_plays_every_role_that_has_verbs(commanded):
    box = commanded(HTTP, PLUG)
    for verb in VERBS.values():
        assert hasattr(box, verb.method)
        if verb.role:
            assert isinstance(box, ROLES[verb.role])
        assert set(verb.open) <= set(SAMPLES)


def test_the_verbs_that_the_issue_asks_for_exist():
    asked = (
        "plug_in unplug present press_stop press_emergency_stop request_energy_off request_energy_on set_demand set_phases "
        "set_power_factor inject clear locked occupy leave output_off output_on cut restore"
    )
    assert set(asked.split()) <= set(VERBS)


def test_names_go_from_special_to_general():
    assert names("press", {"button": "stop", "evse": 1}) == ("press_stop", "press")
    assert names("unplug", {}) == ("unplug",)
    assert listed({"press"}, "press", {"button": "stop"}) == "press"
    assert listed({"press_stop"}, "press", {"button": "emergency_stop"}) is None
    assert listed({"output_on"}, "output", {"on": True}) == "output_on"


@pytest.mark.parametrize(
    ("condition", "answer", "holds"),
    [
        ({"equals": True, "json": "a"}, '{"a": true}', True),
        ({"equals": True, "json": "a"}, '{"a": 1}', False),
        ({"equals": 1, "json": "a"}, '{"a": true}', False),
        ({"equals": 1.0, "json": "a"}, '{"a": 1}', True),
        ({"equals": "1"}, "1", True),
        ({"matches": "^t", "json": "a"}, '{"a": true}', True),
        ({"json": "a[1]"}, '{"a": [0]}', False),
        ({"json": "[0].b"}, '[{"b": null}]', True),
    ],
)
def test_conditions(condition, answer, holds):
    assert build(Condition, condition, "x").holds(Answer(answer)) is holds


def test_a_path_leads_through_names_and_positions():
    assert told(Answer('{"a": {"b c": [1, {"d": 2}]}}'), "a.b c[1].d") == (True, 2)
    assert told(Answer("nothing"), "a") == (False, None)
    with pytest.raises(MisfitError):
        Condition(json="a]")
