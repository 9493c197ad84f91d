import pytest

from harness.limits import AtMost, decide
from harness.model.pixit import NAMES, TOKENS, Pixit
from harness.model.station import load_station
from harness.model.strict import ModelError
from harness.quantity import Quantity
from harness.verdict import Verdict

SMALL = """
identity = "S1"
vendor = "V"
model = "M"
ocpp = ["1.6", "2.0.1"]

[[evse]]
id = 1
rated_current_a = 32
phases = 3
connectors = [{ id = 1, type = "sType2", fixed_cable = false, lock = true }]
"""


def problems(text):
    with pytest.raises(ModelError) as caught:
        load_station(text, "mine.toml")
    assert caught.value.where == "mine.toml"
    return [str(problem) for problem in caught.value.problems]


def the_only_problem(text):
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_the_least_a_station_needs_and_what_is_assumed():
    station = load_station(SMALL, "mine.toml")
    assert station.ocpp == ("1.6", "2.0.1")
    assert station.evse_by_id(1).rated_current_a == 32.0
    assert station.evse_by_id(1).connectors[0].type == "sType2"
    assert (station.pixit.message_timeout_s, station.pixit.long_operation_timeout_s) == (30, 120)
    assert station.pixit.profile_applied_within_s == 15
    assert station.pics.source == "mine.toml"
    assert station.security_profile == 0
    with pytest.raises(KeyError, match="no EVSE 2"):
        station.evse_by_id(2)


def test_connectors_of_16_are_counted_over_the_station():
    two = SMALL.replace("}]", "}, { id = 2, type = 'cType2', fixed_cable = true }]")
    more = "[[evse]]\nid = 2\nrated_current_a = 32\nphases = 3\nconnectors = [{ id = 1, type = 'sType2', fixed_cable = false }]\n"
    station = load_station(two + more, "mine.toml")
    assert [station.connector_numbers16(evse) for evse in (1, 2, 3)] == [(1, 2), (3,), ()]


def test_pics_pixit_deviations_and_the_virtual_table():
    station = load_station(
        SMALL
        + """
[pics]
"C-09.1" = true
HFS-8 = 1
C-23 = ["Heartbeat"]
[pixit]
valid_id_token = "A1"
[[deviation]]
case = "TC_010_CS"
step = "5"
observed = "0.4 A"
reason = "known"
link = "https://tracker.example.org/1"
[virtual]
seed = 7
""",
        "mine.toml",
    )
    assert station.pics.answer("C-09.1") is True
    assert station.pics.answer("C-23") == ("Heartbeat",)
    assert station.deviation[0].case == "TC_010_CS"
    assert station.virtual == {"seed": 7}


@pytest.mark.parametrize(
    ("change", "path", "cure"),
    [
        (('model = "M"', 'model = "M"\nseriel = "1"'), "seriel: unknown key", "did you mean 'serial'"),
        (('identity = "S1"', ""), "identity: missing", "add identity"),
        (('identity = "S1"', 'identity = "a/b"'), "identity", "1 to 48 characters"),
        (('"2.0.1"]', '"2.01"]'), "ocpp[2]", "did you mean '2.0.1'"),
        (('["1.6", "2.0.1"]', "[]"), "ocpp: is empty", "at least one"),
        (('["1.6", "2.0.1"]', '["1.6", "1.6"]'), "names a version twice", "name each once"),
        (("phases = 3", "phases = 4"), "evse[1].phases", "1, 2, 3"),
        (("rated_current_a = 32", 'rated_current_a = "32"'), "evse[1].rated_current_a", "without quotes"),
        (("id = 1\nrated", "id = 2\nrated"), "evse ids are [2]", "number them from 1 to 1"),
        (("{ id = 1,", "{ id = 3,"), "connector ids are [3]", "number them from 1 to 1"),
        (("fixed_cable = false", "fixed_cable = true"), "sType2 is a socket, but fixed_cable is true", "correct one"),
        (("sType2", "cType2"), "cType2 is a captive cable, but fixed_cable is false", "correct one"),
        (("sType2", "Type2"), "'Type2' is not one of", "sType2"),
        (('model = "M"', 'model = "M"\nsecurity_profile = 1'), "profile 1 needs a password", "env:STATION_PASSWORD"),
        (('model = "M"', 'model = "M"\nsecurity_profile = 4'), "security_profile", "0, 1, 2, 3"),
        (('model = "M"', "model = M"), "not valid TOML", "correct the line"),
        (('model = "M"', 'model = "M"\npics = 1'), "pics: expected a table", "[pics]"),
    ],
)
def test_what_does_not_fit_is_told_with_place_and_cure(change, path, cure):
    told = the_only_problem(SMALL.replace(*change))
    assert path in told
    assert cure in told.split("Cure: ", 1)[1]


@pytest.mark.parametrize(
    ("answer", "what", "cure"),
    [
        ("C-9.1 = true", "C-9 is a table", '"C-9.1" = true'),
        ('"C-9.1" = true', "'C-9.1' is no PICS item", "C-09.1"),
        ("C-30 = 1", "C-30 = 1", "true or false"),
        ("HFS-8 = 2", "pics.HFS-8 is answered 2, but [[evse]] says 1", "correct one"),
        ("HFS-1 = false", "pics.HFS-1 is answered false, but [[evse]] says true", "correct one"),
        ("HFS-2 = true", "pics.HFS-2 is answered true, but [[evse]] says false", "correct one"),
        ("HFS-7 = false", "pics.HFS-7 is answered false, but [[evse]] says true", "correct one"),
    ],
)
def test_wrong_answers(answer, what, cure):
    told = the_only_problem(SMALL + "[pics]\n" + answer)
    assert what in told
    assert cure in told


def test_all_problems_of_all_tables_are_told_at_once():
    told = problems(SMALL.replace("vendor", "vendr") + '[pics]\nC-30 = 1\n"X-1" = true\n[pixit]\nnoise_flor_a = 1\n')
    assert len(told) == 5
    assert any("noise_floor_a" in line for line in told)


@pytest.mark.parametrize(
    ("pixit", "what"),
    [
        ('valid_id_token = "a1"\nsecond_id_token = "A1"', "valid_id_token and second_id_token are both 'A1'"),
        ('valid_id_token = "' + "A" * 21 + '"', "pixit.valid_id_token has 21 characters; OCPP 1.6 takes 20"),
        ('valid_id_token = "' + "A" * 37 + '"', "1 to 36 characters"),
        ('valid_id_token = ""', "1 to 36 characters"),
        ('valid_id_token_type = "RFID"', "'RFID' is not one of the values"),
        ('group_id_token = "G"', "group_id_token and same_group_id_token go together"),
        ("message_timeout_s = 0", "out of range"),
        ("message_timeout_s = true", "expected a number"),
        ("adopted_limits = [1]", "expected a string"),
        ('adopted_limits = ["pixit.noise_flor_a"]', "pixit.noise_floor_a"),
    ],
)
def test_wrong_pixit(pixit, what):
    assert what in the_only_problem(SMALL + "[pixit]\n" + pixit)


def test_a_long_token_is_fine_without_ocpp_16():
    text = SMALL.replace('"1.6", ', "") + '[pixit]\nvalid_id_token = "' + "A" * 36 + '"'
    assert load_station(text, "mine.toml").pixit.valid_id_token == "A" * 36


@pytest.mark.parametrize("key", ["case", "step", "observed", "reason", "link"])
def test_a_deviation_lacks_nothing(key):
    lines = {"case": "TC_010_CS", "step": "5", "observed": "0 A", "reason": "known", "link": "x"}
    del lines[key]
    text = SMALL + "[[deviation]]\n" + "\n".join(f'{name} = "{value}"' for name, value in lines.items())
    assert f"deviation[1].{key}: missing" in the_only_problem(text)


def test_a_password_comes_from_the_environment_and_never_shows():
    text = SMALL.replace('model = "M"', 'model = "M"\nsecurity_profile = 1\npassword = "env:PW"')
    station = load_station(text, "mine.toml")
    assert station.resolve_password({"PW": "s3cret"}) == "s3cret"
    with pytest.raises(ModelError, match="PW is not set"):
        station.resolve_password({})
    plain = load_station(text.replace("env:PW", "s3cret-in-file"), "mine.toml")
    assert plain.resolve_password({}) == "s3cret-in-file"
    assert "s3cret" not in repr(plain)
    assert load_station(SMALL, "mine.toml").resolve_password({}) is None


def test_what_a_case_needs_and_is_not_stated():
    pixit = Pixit(valid_id_token="A1")
    assert pixit.missing(["valid_id_token", "connection_timeout_s", "message_timeout_s"]) == ("connection_timeout_s",)
    with pytest.raises(ValueError, match="did you mean 'valid_id_token'"):
        pixit.missing(["valid_idtoken"])
    assert set(TOKENS) < set(NAMES)
    assert "valid_id_token_type" not in TOKENS


def test_a_limit_from_an_unread_table_fails_only_once_it_is_adopted():
    name = "profile_applied_within_s"
    slow = Quantity(40.0, "s", 0.2)

    def verdict(pixit):
        return decide(slow, AtMost(pixit.profile_applied_within_s, "s", pixit.basis(name))).verdict

    assert verdict(Pixit()) is Verdict.INCONCLUSIVE
    assert verdict(Pixit(adopted_limits=("pixit.profile_applied_within_s",))) is Verdict.FAIL
    assert Pixit().basis("noise_floor_a").adopted
    with pytest.raises(KeyError):
        Pixit().basis("message_timeout")
