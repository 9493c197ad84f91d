import re
import textwrap
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.links.modbus_values import decode, encode, step_at, words
from bench.meters.reference_page import energy_for_steps_wh, table
from bench.meters.register_file import (
    Addend,
    Exponent,
    Register,
    blocks,
    load_register_file,
    parse_register_file,
    register_file_names,
)
from bench.meters.values import ImplausibleValueError, step, stored, told, unavailable
from harness.model.strict import ModelError

NAMES = register_file_names()

FILE = """\
model = "M"
source = "s"
confidence = "c"
experimental = true
[[register]]
quantity = "energy_wh"
table = "input"
address = 10
type = "uint32"
word_order = "big"
source = "manual, page 3"
"""


@pytest.mark.parametrize("name", NAMES)
def test_every_file_says_where_it_comes_from_and_how_sure_it_is(name):
    file = load_register_file(name)
    assert re.search(r" at [0-9a-f]{12}", file.source)
    assert file.experimental == ("two independent public drivers agree" not in file.confidence)
    assert all(re.search(r"\.(go|yaml|cpp|hpp|rs):[0-9]+", register.source) for register in file.registers)
    assert file.register("energy_wh") is not None


def test_there_are_enough_models_of_every_kind():
    registers = [register for name in NAMES for register in load_register_file(name).registers]
    assert len(NAMES) >= 20
    assert {register.table for register in registers} == {"input", "holding"}
    assert {register.word_order for register in registers} == {"big", "little"}
    assert {"uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"} <= {
        r.type for r in registers
    }
    assert any(register.exponent for register in registers)
    assert any(register.plus for register in registers)
    assert any(register.unavailable for register in registers)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gap", [0, 20, 100])
def test_blocks_hold_every_value_whole_and_within_the_limit(name, gap):
    file = load_register_file(name)
    made = blocks(file.registers, file.max_block, gap)
    assert all(block.count <= file.max_block for block in made)
    for span in (span for register in file.registers for span in register.spans()):
        holding = [
            b for b in made if b.table == span.table and b.address <= span.address and span.end <= b.address + b.count
        ]
        assert len(holding) == 1, span


def test_a_value_longer_than_a_block_is_refused():
    register = Register("energy_wh", "input", 0, "uint64", "big", "x", plus=Addend(60, 1.0))
    with pytest.raises(BenchError, match="the value from register 0 takes 64 at once, and max_block is 60"):
        blocks((register,), 60, 0)


@pytest.mark.parametrize(
    ("old", "new", "told_"),
    [
        ("address = 10", "adress = 10", "did you mean 'address'"),
        ('table = "input"', 'table = "inputs"', "register[1].table"),
        ('type = "uint32"', 'type = "uint23"', "register[1].type"),
        ('word_order = "big"', 'word_order = "middle"', "register[1].word_order"),
        ("address = 10", "address = 65535", "ends beyond register 65535"),
        ("address = 10", "address = 10\nscale = 0", "scale is 0"),
        ("address = 10", 'address = 10\nunavailable = ["0xFFFF"]', "is not 32 bits long. Cure: write all 8 digits"),
        (
            "address = 10",
            "address = 10\nplus = { address = 900, scale = 1 }",
            "spans 892 registers, and max_block is 60",
        ),
        ("address = 10", "address = 10\nexponent = { adress = 9 }", "did you mean 'address'"),
        ('quantity = "energy_wh"', 'quantity = "energy_kwh"', "a quantity such as current_l1_a"),
        ("experimental = true\n", "", "experimental"),
        ('source = "manual, page 3"', "", "source"),
    ],
)
def test_a_wrong_file_names_the_place_and_the_cure(old, new, told_):
    assert parse_register_file(FILE, "m.toml").register("energy_wh").fixed_step == 1.0
    with pytest.raises(ModelError) as error:
        parse_register_file(FILE.replace(old, new), "m.toml")
    assert told_ in str(error.value)
    assert "m.toml" in str(error.value)


def test_a_file_that_does_not_exist_names_the_nearest():
    with pytest.raises(
        BenchError, match=r"no register file is named 'eastron_sdm360'. Cure: did you mean 'eastron_sdm630'"
    ):
        load_register_file("eastron_sdm360")


# Registers as the sources describe them, worked out by hand.
GOLDEN = [
    ("eastron_sdm630", "voltage_l1_v", {0: 0x4366, 1: 0x8000}, 230.5),
    ("abb_b23", "energy_wh", {0x5000: 0, 0x5001: 0, 0x5002: 1, 0x5003: 2}, 655_380.0),
    ("abb_b23", "power_w", {0x5B14: 0xFFFF, 0x5B15: 0xFF9C}, -1.0),
    ("carlo_gavazzi_em340", "current_l1_a", {12: 0x86A0, 13: 0x0001}, 100.0),
    ("carlo_gavazzi_em340", "power_w", {40: 0xFFF6, 41: 0xFFFF}, -1.0),
    ("carlo_gavazzi_em340", "energy_wh", {52: 7, 53: 1}, 6_554_300.0),
    ("carlo_gavazzi_em300", "energy_wh", {0x400: 12, 0x401: 0, 0x402: 345, 0x403: 0}, 12_345.0),
    ("carlo_gavazzi_em580", "energy_wh", {0x500: 5, 0x501: 1, 0x502: 0, 0x503: 0}, 65_541.0),
    ("dzg_dvh4013", "power_w", {0: 0, 1: 0, 2: 0, 3: 123}, -12.3),
    ("schneider_iem3000", "energy_wh", {3203: 0, 3204: 0, 3205: 0, 3206: 1234}, 1234.0),
    ("schneider_iem3000", "power_w", {3059: 0x4130, 3060: 0}, 11_000.0),
    ("siemens_pac2200", "energy_wh", {801: 0x3FF8, 802: 0, 803: 0, 804: 0}, 1.5),
    ("saia_ale3", "current_l1_a", {36: 321}, 32.1),
    ("iskraemeco_wm3m4", "voltage_l1_v", {0x6B: 0xFE00, 0x6C: 0x59E4}, 230.12),
    ("iskraemeco_wm3m4", "power_w", {0x8C: 0xFFFF, 0x8D: 0xFF65}, -15.5),
    ("iskraemeco_wm3m4", "energy_wh", {0x1A2: 0, 0x1A3: 77, 0x19E: 2}, 7700.0),
    ("iskraemeco_wm3m4", "energy_wh", {0x1A2: 0, 0x1A3: 77, 0x19E: 0xFFFF}, 7.7),
    ("acrel_djsf1352", "power_w", {8: 1234, 9: 4}, 12_340.0),
    ("abb_b23", "voltage_l1_v", {0x5B00: 0xFFFF, 0x5B01: 0xFFFF}, None),
    ("abb_b23", "power_w", {0x5B14: 0x7FFF, 0x5B15: 0xFFFF}, None),
    ("schneider_iem3000", "power_w", {3059: 0xFFC0, 3060: 0}, None),
    ("schneider_iem3000", "energy_wh", {3203: 0x8000, 3204: 0, 3205: 0, 3206: 0}, None),
]


@pytest.mark.parametrize(("name", "quantity", "got", "value"), GOLDEN)
def test_registers_mean_what_their_source_says(name, quantity, got, value):
    register = load_register_file(name).register(quantity)
    assert told(register, got) == (None if value is None else pytest.approx(value, rel=1e-12))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int16", -2.4, [0xFFFE]),
        ("uint32", 65_538, [1, 2]),
        ("int32", -1, [0xFFFF, 0xFFFF]),
        ("int64", 2**40, [0, 0x0100, 0, 0]),
        ("float32", 230.5, [0x4366, 0x8000]),
        ("float64", 1.5, [0x3FF8, 0, 0, 0]),
    ],
)
def test_values_are_put_into_registers_in_either_order(kind, value, expected):
    assert encode(value, kind, "big") == expected
    assert encode(value, kind, "little") == expected[::-1]
    assert words(kind) == len(expected)


@pytest.mark.parametrize(("kind", "signs"), [("decade_uint24", (1,)), ("decade_int24", (1, -1))])
@pytest.mark.parametrize("value", [0.0, 1e-3, 0.5, 230.07, 11_043.2, 8_388_607.0, 8_388_608.0, 16_777_215.0, 5.4e9])
def test_a_power_of_ten_and_24_bits_hold_six_digits(kind, signs, value):
    for sign in signs:
        back = decode(encode(sign * value, kind, "big"), kind, "big")
        assert back == pytest.approx(sign * value, rel=1e-6)
        assert abs(back - sign * value) <= step_at(value, kind) / 2 * (1 + 1e-6)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint16", -1),
        ("uint16", 65_536),
        ("int16", 32_768),
        ("uint32", 2**32),
        ("decade_uint24", -1.0),
        ("float32", 1e39),
    ],
)
def test_what_does_not_fit_is_refused(kind, value):
    with pytest.raises(ValueError, match=f"does not fit into {kind}"):
        encode(value, kind, "big")


@pytest.mark.parametrize("scale", [78, 0x8000, 0xFF00])
def test_a_scale_that_no_meter_means_is_refused(scale):
    register = Register("energy_wh", "input", 0, "uint16", "big", "x", exponent=Exponent(1))
    with pytest.raises(ImplausibleValueError, match="as the scale of energy_wh"):
        told(register, {0: 1, 1: scale})


def test_a_register_of_energy_counts_only_what_is_complete():
    register = load_register_file("abb_b23").register("energy_wh")
    assert told(register, stored(register, 1239.9)) == 1230.0
    assert told(register, stored(register, 1240.0)) == 1240.0
    parts = load_register_file("carlo_gavazzi_em300").register("energy_wh")
    assert told(parts, stored(parts, 1999.9)) == 1999.0
    assert told(parts, stored(parts, 2000.0)) == 2000.0


def test_a_register_without_a_pattern_cannot_say_that_there_is_no_value():
    with pytest.raises(ValueError, match="no bits that say"):
        unavailable(load_register_file("eastron_sdm630").register("energy_wh"))


def test_the_step_of_a_float_grows_with_the_register():
    register = load_register_file("eastron_sdm630").register("energy_wh")
    assert register.fixed_step is None
    assert step(register, 1e8, {}) == pytest.approx(7.8125)  # 100 000 kWh: some 8 Wh
    assert step(register, 54_321.0, {}) == pytest.approx(1000 * 2**-18)
    scaled = load_register_file("iskraemeco_wm3m4").register("energy_wh")
    assert step(scaled, 1e6, {0x19E: 2}) == 100.0


def test_channels():
    assert [load_register_file(n).channels for n in ("eastron_sdm630", "eastron_sdm120", "eastron_sdm72dm")] == [
        3,
        1,
        0,
    ]


PAGE = Path(__file__).parents[3] / "docs" / "reference" / "meters.md"


def test_the_page_shows_the_files_as_they_are():
    """`python -m bench.meters.reference_page` prints the table."""
    shown = PAGE.read_text(encoding="utf-8").partition("reference_page -->\n")[2].partition("<!-- end of table")[0]
    assert shown == table()
    assert energy_for_steps_wh(10.0) == pytest.approx(8165, abs=1)


def test_the_file_on_the_page_is_a_good_one():
    text = PAGE.read_text(encoding="utf-8").partition("## A register file\n\n")[2].partition("\n| Key")[0]
    file = parse_register_file(textwrap.dedent(text), "meters.md")
    assert file.register("energy_wh").fixed_step == 1000
