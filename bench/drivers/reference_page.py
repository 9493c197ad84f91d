"""The table of docs/reference/drivers.md, from the registrations: `python -m bench.drivers.reference_page` prints it."""

import importlib

from bench.registry import DriverInfo, Standing, drivers

_SHORT = {Standing.HARDWARE: "hardware", Standing.VIRTUAL: "virtual bench", Standing.EXPERIMENTAL: "**experimental**"}


def table() -> str:
    """One row a driver, in the order of their names."""
    rows = ["| Driver | For | Roles | Link | Exercised on | Rests on |", "|---|---|---|---|---|---|"]
    rows += [_row(info) for info in drivers().values()]
    return "\n".join(rows) + "\n"


def _row(info: DriverInfo) -> str:
    told = importlib.import_module(info.make.__module__).__doc__ or ""
    what = told.strip().split("\n\n", 1)[0].replace("\n", " ").rstrip(".")
    roles = ", ".join(info.roles)
    cells = (f"`{info.name}`", what, roles, info.link, _SHORT[info.standing], info.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    print(table(), end="")
