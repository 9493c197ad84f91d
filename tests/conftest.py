"""Which self-tests go to a worker together under pytest-xdist: a file's, and all of tests/detection, whose runs are shared."""

from pathlib import Path

import pytest

TOGETHER = Path(__file__).parent / "detection"


def pytest_collection_modifyitems(config, items):
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item.path)))


def group(path):
    return TOGETHER.name if path.is_relative_to(TOGETHER) else path.stem
