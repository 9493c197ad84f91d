"""docs/reference/drivers.md tells the drivers that there are, as they are registered, and options that exist."""

import dataclasses
import re
from pathlib import Path

from bench.drivers.reference_page import table
from bench.registry import drivers

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "drivers.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)`[^\n]*\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_the_table_is_that_of_the_registrations():
    """`python -m bench.drivers.reference_page` prints it, to be put between the two marks of the page."""
    shown = PAGE.partition("reference_page -->\n")[2].partition("<!-- end of table")[0]
    assert shown == table()


def test_a_driver_that_rests_on_memory_is_marked_in_the_table():
    marked = set(re.findall(r"^\| `(\w+)` .*\*\*experimental\*\*", PAGE, flags=re.MULTILINE))
    assert marked == {name for name, info in drivers().items() if info.standing.name == "EXPERIMENTAL"}
    assert {"hioki_pw3390", "keithley_dmm6500"} <= marked


def test_each_section_tells_every_option_of_its_driver_and_no_other():
    assert {"yokogawa_wt", "hioki_pw3390", "zes_lmg600", "keithley_dmm6500"} <= set(SECTIONS)
    for name, text in SECTIONS.items():
        told = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
        assert told == {field.name for field in dataclasses.fields(drivers()[name].options)}, name
