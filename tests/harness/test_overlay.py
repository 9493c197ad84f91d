import pytest

from harness.model.overlay import Layer, overlay
from harness.model.station import station_of
from harness.model.strict import ModelError, parse_table

BELOW = """
identity = "S1"
vendor = "V"
model = "M"
ocpp = ["1.6", "2.0.1"]
[[evse]]
id = 1
rated_current_a = 32
phases = 3
connectors = [{ id = 1, type = "sType2", fixed_cable = false, lock = true }]
[[evse]]
id = 2
rated_current_a = 16
phases = 3
connectors = [{ id = 1, type = "sType2", fixed_cable = false }]
[pics]
C-30 = true
C-31 = false
[pixit]
valid_id_token = "A"
adopted_limits = ["pixit.noise_floor_a"]
"""


def laid(*texts):
    names = ["low.toml", "high.toml", "top.toml"]
    return overlay([Layer(name, parse_table(text, name)) for name, text in zip(names, texts, strict=False)])


def problems(*texts):
    with pytest.raises(ModelError) as caught:
        station_of(laid(*texts))
    return [str(problem) for problem in caught.value.problems]


def test_tables_merge_key_by_key_and_the_rest_is_replaced():
    station = station_of(
        laid(BELOW, 'model = "N"\nocpp = ["1.6"]\n[pics]\nC-31 = true\n[pixit]\nadopted_limits = []\n')
    )
    assert (station.identity, station.model, station.ocpp) == ("S1", "N", ("1.6",))
    assert {item: station.pics.answer(item) for item in ("C-30", "C-31")} == {"C-30": True, "C-31": True}
    assert (station.pixit.valid_id_token, station.pixit.adopted_limits) == ("A", ())


def test_arrays_of_tables_merge_by_id_at_every_depth():
    above = "[[evse]]\nid = 2\nphases = 1\n[[evse.connectors]]\nid = 1\nlock = true\n"
    first, second = station_of(laid(BELOW, above)).evse
    assert (first.phases, first.rated_current_a) == (3, 32)
    assert (second.phases, second.rated_current_a) == (1, 16)
    assert (second.connectors[0].type, second.connectors[0].lock) == ("sType2", True)


def test_a_new_id_is_added_and_one_given_twice_is_told():
    more = '[[evse]]\nid = 3\nphases = 1\nrated_current_a = 8\nconnectors = [{ id = 1, type = "sType2", fixed_cable = false }]\n'
    assert [evse.id for evse in station_of(laid(BELOW, more)).evse] == [1, 2, 3]
    assert any("evse ids are [1, 2, 3, 3]" in line for line in problems(BELOW, more + more))


def test_an_array_without_ids_is_replaced():
    deviation = '[[deviation]]\ncase = "TC_010_CS"\nstep = "{}"\nobserved = "0 A"\nreason = "known"\nlink = "x"\n'
    station = station_of(laid(BELOW + deviation.format(1) + deviation.format(2), deviation.format(3)))
    assert [item.step for item in station.deviation] == ["3"]


def test_a_layer_does_not_change_the_one_below():
    low, high = parse_table(BELOW, "low"), parse_table("[[evse]]\nid = 1\nphases = 1\n", "high")
    overlay([Layer("low", low), Layer("high", high)])
    assert low == parse_table(BELOW, "low")


@pytest.mark.parametrize(
    ("below", "above", "place"),
    [
        ("phases = 3", 'model = "N"', "low.toml: evse[1].phases: 7 is not one of"),
        ("phases = 3", "[[evse]]\nid = 1\nphases = 8\n", "evse[1].phases: 8 is not one of"),
        ('vendor = "V"', 'model = "N"', "low.toml: vendr: unknown key"),
        ("C-31 = false", 'model = "N"', "low.toml: pics: C-31 = 1 does not answer it"),
        ('model = "M"', 'vendor = "N"', "model: missing"),
        ("sType2", "[[evse]]\nid = 2\nphases = 1\n", "low.toml: evse[1].connectors[1].type: 'Type2' is not one of"),
    ],
)
def test_a_problem_names_the_file_in_which_it_stands(below, above, place):
    wrong = {
        "phases = 3": "phases = 7",
        'vendor = "V"': 'vendor = "V"\nvendr = "V"',
        "C-31 = false": "C-31 = 1",
        'model = "M"': "",
        "sType2": "Type2",
    }[below]
    assert any(line.startswith(place) for line in problems(BELOW.replace(below, wrong, 1), above))


def test_the_last_file_that_spoke_of_a_table_answers_for_what_does_not_go_together():
    told = problems(BELOW, "[[evse]]\nid = 2\nconnectors = [{ id = 1, fixed_cable = true }]\n", 'serial = "1"')
    assert told == [
        "high.toml: evse[2].connectors[1]: sType2 is a socket, but fixed_cable is true. Cure: correct one",
    ]


def test_what_is_replaced_takes_its_origin_along():
    merged = laid(BELOW, 'evse = "none"\n')
    assert merged.origin("evse[1].phases") == "high.toml"
    assert merged.origin("pics.C-30") == "low.toml"
