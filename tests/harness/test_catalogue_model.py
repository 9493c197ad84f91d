import pytest

from harness.model.catalogue import join_catalogues, load_catalogue
from harness.model.strict import ModelError

CASE = """
[[case]]
id = "TC_010_CS"
title = "Remote start, cable first"
ocpp = ["1.6"]
requirement = "a plugged-in EV is charged after a remote start"
section = "OCPP 1.6 Edition 2, 5.11"
condition = "not AQ-2 and (HFS-1 or HFS-2)"
roles = ["ev_simulator"]
effect_roles = ["power_analyzer"]
pixit = ["valid_id_token"]
stimuli = ["plug"]
duration_s = 20
"""
ROLES = ("ev_simulator", "power_analyzer", "id_reader")


def the_only_problem(text, roles=ROLES):
    with pytest.raises(ModelError) as caught:
        load_catalogue(text, "cases.toml", roles)
    assert caught.value.where == "cases.toml"
    assert len(caught.value.problems) == 1, caught.value
    return str(caught.value.problems[0])


def test_an_entry():
    (case,) = load_catalogue(CASE, "cases.toml", ROLES)
    assert (case.id, case.ocpp, case.duration_s) == ("TC_010_CS", ("1.6",), 20.0)
    assert (case.roles, case.effect_roles, case.pixit) == (("ev_simulator",), ("power_analyzer",), ("valid_id_token",))
    assert (case.profile, case.credentials, case.stimuli) == ("Core", False, ("plug",))


@pytest.mark.parametrize("case_id", ["TC_001_CS", "TC_004_1_CS", "TC_B_01_CS", "HIL_F_01"])
def test_ids_of_oca_and_our_own(case_id):
    assert load_catalogue(CASE.replace("TC_010_CS", case_id), "cases.toml")[0].id == case_id


@pytest.mark.parametrize(
    ("change", "what", "cure"),
    [
        (("TC_010_CS", "case 10"), "'case 10' is not a case id", "TC_010_CS"),
        (("condition", "conditon"), "case[1].conditon: unknown key", "did you mean 'condition'"),
        (('["1.6"]', '["1.5"]'), "'1.5' is not one of the values", "1.6"),
        (('["1.6"]', "[]"), "case[1].ocpp: is empty", "at least one"),
        (('["1.6"]', '["1.6", "1.6"]'), "ocpp holds a value twice", "name each once"),
        (('["ev_simulator"]', '["ev_simulater"]'), "'ev_simulater' is no role", "did you mean 'ev_simulator'"),
        (('["power_analyzer"]', '["power_meter"]'), "'power_meter' is no role", "power_analyzer"),
        (('["power_analyzer"]', '["ev_simulator"]'), "in roles and in effect_roles", "one of them"),
        (('["valid_id_token"]', '["valid_token"]'), "'valid_token' is no PIXIT item", "did you mean 'valid_id_token'"),
        (('["plug"]', '["plugin"]'), "'plugin' is not one of the values", "did you mean 'plug'"),
        (("duration_s = 20", "duration_s = 0"), "out of range", "from 0.1"),
        (("duration_s = 20", 'duration_s = "20"'), "expected a number", "without quotes"),
        (("not AQ-2 and (", "not AQ-2 and (("), "column 31", "correct the condition"),
        (("not AQ-2", "not AQ2"), "did you mean", "correct the condition"),
    ],
)
def test_what_does_not_fit_is_told_with_place_and_cure(change, what, cure):
    told = the_only_problem(CASE.replace(*change))
    assert what in told
    assert cure in told


@pytest.mark.parametrize("key", ["title", "ocpp", "requirement", "section", "duration_s"])
def test_what_an_entry_cannot_lack(key):
    text = "\n".join(line for line in CASE.splitlines() if not line.startswith(f"{key} ="))
    assert f"case[1].{key}: missing" in the_only_problem(text)


def test_an_empty_file_and_a_stray_table_are_refused():
    assert "case: missing" in the_only_problem("")
    assert "did you mean 'case'" in the_only_problem(CASE + "[cases]\n")


def test_an_id_stands_once_in_a_file():
    assert "TC_010_CS: stands twice" in the_only_problem(CASE + CASE)


def test_an_id_stands_once_in_all_files():
    one = load_catalogue(CASE, "a.toml")
    other = load_catalogue(CASE.replace("TC_010", "TC_011"), "b.toml")
    assert set(join_catalogues({"a.toml": one, "b.toml": other})) == {"TC_010_CS", "TC_011_CS"}
    with pytest.raises(ModelError, match=r"b\.toml: 1 problem\n  TC_010_CS: already a case of a\.toml"):
        join_catalogues({"a.toml": one, "b.toml": one})


def test_without_known_roles_any_role_is_taken():
    text = CASE.replace('["ev_simulator"]', '["teleporter"]')
    assert load_catalogue(text, "cases.toml")[0].roles == ("teleporter",)
