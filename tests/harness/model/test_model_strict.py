import enum
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

import pytest

from harness.model.strict import Key, Matches, MisfitError, ModelError, NonEmpty, Range, build, parse


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Wheel:
    size_mm: Annotated[float, Range(10, 1000)]
    kind: Literal["front", "rear"] = "front"


@dataclass(frozen=True)
class Car:
    name: Annotated[str, Matches(r"[a-z_]+", "a name in small letters")]
    colour: Colour
    wheels: Annotated[tuple[Wheel, ...], Key("wheel"), NonEmpty()]
    seats: int = 4
    electric: bool = True
    built: date | None = None
    pair: tuple[int, str] | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    prices: dict[str, float] = field(default_factory=dict)
    mixed: int | str = 0

    def __post_init__(self) -> None:
        if self.seats > len(self.wheels) * 4:
            raise MisfitError(f"{self.seats} seats on {len(self.wheels)} wheels", "add wheels")


GOOD = """
name = "beetle"
colour = "red"
seats = 2
built = 2020-01-31
pair = [1, "a"]
mixed = "x"
prices = {base = 3, top = 4.5}
[[wheel]]
size_mm = 400
[[wheel]]
size_mm = 410.5
kind = "rear"
[extras]
deep = {any = [1, 2]}
"""


def problems(text):
    with pytest.raises(ModelError) as caught:
        parse(Car, text, "car.toml")
    assert str(caught.value).startswith("car.toml: ")
    return {p.path: f"{p.what} | {p.cure}" for p in caught.value.problems}


def test_a_good_file_becomes_a_frozen_model():
    car = parse(Car, GOOD, "car.toml")
    assert car.wheels == (Wheel(400.0), Wheel(410.5, "rear"))
    assert type(car.wheels[0].size_mm) is float
    assert (car.colour, car.built, car.pair, car.mixed) == (Colour.RED, date(2020, 1, 31), (1, "a"), "x")
    assert car.prices == {"base": 3.0, "top": 4.5}
    assert car.extras == {"deep": {"any": [1, 2]}}


def test_a_misspelt_key_names_path_and_nearest_name():
    found = problems(GOOD.replace('kind = "rear"', 'kinds = "rear"'))
    assert found == {"wheel[2].kinds": "unknown key | did you mean 'kind'? Valid here: size_mm, kind"}


def test_all_problems_are_told_at_once():
    found = problems("""
nmae = "x"
colour = "gren"
seats = true
wheel = [{size_mm = 5}, {kind = "middle"}]
pair = [1]
built = 2020-01-31T00:00:00Z
mixed = 1.5
prices = {base = "3"}
""")
    assert "did you mean 'name'" in found["nmae"]
    assert found["name"] == "missing | add name = a name in small letters"
    assert "did you mean 'green'" in found["colour"]
    assert "expected an integer, found True" in found["seats"]
    assert found["wheel[1].size_mm"] == "5.0 is out of range | give a value from 10 to 1000"
    assert found["wheel[2].size_mm"] == "missing | add size_mm = a number from 10 to 1000"
    assert "valid here: front, rear" in found["wheel[2].kind"]
    assert "expected 2 elements, found 1" in found["pair"]
    assert "expected a date" in found["built"]
    assert found["mixed"] == "found 1.5 | write an integer or a string"
    assert "expected a number, found '3'" in found["prices.base"]


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", '"4"', "true"])
def test_a_float_is_a_finite_number(number):
    assert "expected a number" in problems(GOOD.replace("410.5", number))["wheel[2].size_mm"]


def test_a_pattern_an_empty_array_and_a_table_in_the_wrong_place():
    assert "'Beetle' is not a name in small letters" in problems(GOOD.replace("beetle", "Beetle"))["name"]
    assert "is empty" in problems('name = "a"\ncolour = "red"\nwheel = []')["wheel"]
    assert "expected an array" in problems('name = "a"\ncolour = "red"\nwheel = {size_mm = 50}')["wheel"]
    assert "expected a table" in problems('name = "a"\ncolour = "red"\nwheel = [3]')["wheel[1]"]


def test_fields_that_do_not_go_together_are_refused_at_their_path():
    assert problems(GOOD.replace("seats = 2", "seats = 9")) == {"": "9 seats on 2 wheels | add wheels"}


def test_no_toml_names_line_and_column():
    assert "line 2" in problems('name = "a"\ncolour = = 1')[""]


def test_a_model_of_an_unsupported_type_is_our_defect_not_the_files():
    @dataclass
    class Odd:
        what: complex

    with pytest.raises(TypeError, match="a defect of the model"):
        build(Odd, {"what": 1}, "odd.toml")
