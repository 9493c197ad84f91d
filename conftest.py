"""Cases and self-tests alike run with Plugproof's fixtures; of the wrong stations the self-tests run a fixed sample, and say so."""

import pytest

pytest_plugins = ("fixtures.plugin", "fixtures.case_fixtures", "fixtures.files.plugin")

WRONG = "tests/detection/test_wrong_stations.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-rows",
        action="store_true",
        help="self-tests: run every row of testcases/detection/wrong_*.toml and every field defect that was killed, not a sample",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """How many of the wrong stations were run: a sample is no proof of the rest."""
    reports = (report for several in terminalreporter.stats.values() for report in several)
    if any(WRONG in getattr(report, "nodeid", "") for report in reports):
        from fixtures.detection_sample import Sample  # noqa: PLC0415 - it reads the catalogue, which other tests do without

        terminalreporter.write_line(Sample.of(everything=config.getoption("--all-rows")).told())
