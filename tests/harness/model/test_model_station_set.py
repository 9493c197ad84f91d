import pytest

from harness.model.station_set import load_station_set
from harness.model.strict import ModelError


def test_a_set_names_its_files_in_order():
    found = load_station_set('name = "S"\nstations = ["b.toml", "a.toml"]', "set.toml")
    assert (found.name, found.stations) == ("S", ("b.toml", "a.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "S"\nstations = []', "stations: is empty"),
        ('stations = ["a.toml"]', "name: missing"),
        ('name = "S"\nstation = ["a.toml"]', "did you mean 'stations'"),
        ('name = "S"\nstations = ["a.toml", "a.toml"]', "stations names a file twice"),
        ('name = "S"\nstations = "a.toml"', "expected an array"),
    ],
)
def test_what_is_no_set_is_told(text, said):
    with pytest.raises(ModelError) as caught:
        load_station_set(text, "set.toml")
    assert said in str(caught.value)
