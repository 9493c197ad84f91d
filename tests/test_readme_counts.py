"""The README counts what there is."""

from pathlib import Path

from fixtures.catalogue_files import catalogue
from harness.oracle.invariants.reference_page import rows

ROOT = Path(__file__).resolve().parents[1]


def test_the_readme_counts_what_there_is():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    physical = sum(
        file.read_text(encoding="utf-8").count('\nid = "HIL_') for file in ROOT.glob("testcases/physical/*.toml")
    )
    robust = sum(1 for case_id in catalogue() if case_id.startswith("ROB_"))
    rules = sum(1 for row in rows() if row.startswith("| `"))
    assert f"{physical} physical cases" in readme
    assert f"{robust} [robustness cases]" in readme
    assert f"{rules} [always-on rules]" in readme
