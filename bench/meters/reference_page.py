"""The table of meters in the documentation, from the register files. `python -m bench.meters.reference_page` prints it."""

import sys

from bench.meters.register_file import RegisterFile, load_register_file, register_file_names
from bench.meters.values import step
from harness.uncertainty import expanded, rectangular

_AT_WH = 1e7
_SHARE = 0.001
_NEGLIGIBLE_WH = 0.001


def table() -> str:
    """A Markdown table, one line a register file."""
    lines = [
        "| `meter =` | Model | Function | Types | Word order | Phases | Reads | Finest step of energy | Steps below 0.1 % from | Standing |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_line(name, load_register_file(name)) for name in register_file_names()),
    ]
    return "\n".join(lines) + "\n"


def energy_for_steps_wh(step_wh: float) -> float:
    """The energy from which on the steps of the register, read twice, weigh less than 0.1 % (k = 2) on a difference."""
    return expanded(*[rectangular(step_wh / 2)] * 2) / _SHARE


def _line(name: str, file: RegisterFile) -> str:
    registers = file.registers
    functions = sorted({3 if register.table == "holding" else 4 for register in registers})
    orders = sorted({register.word_order for register in registers if not register.type.endswith("16")})
    cells = (
        f"`{name}`",
        file.model,
        ", ".join(map(str, functions)),
        ", ".join(sorted({register.type for register in registers})),
        ", ".join(orders) or "-",
        str(file.channels or "totals"),
        _reads(file),
        *_energy(file),
        "experimental" if file.experimental else "two drivers agree",
    )
    return f"| {' | '.join(cells)} |"


def _reads(file: RegisterFile) -> str:
    letters = {"voltage": "U", "current": "I", "power": "P", "frequency": "f", "energy": "E", "temperature": "T"}
    first = [register.quantity.split("_", 1)[0] for register in file.registers]
    return " ".join(letter for word, letter in letters.items() if word in first)


def _energy(file: RegisterFile) -> tuple[str, str]:
    register = file.register("energy_wh")
    if register is None:
        return "-", "-"
    if register.exponent is not None:
        return "by its scale register", "-"
    size_wh = register.fixed_step or step(register, _AT_WH, {})
    if size_wh < _NEGLIGIBLE_WH:
        return "as the meter counts", "-"
    note = "" if register.fixed_step else " at 10 MWh"
    return f"{size_wh:.3g} Wh{note}", f"{energy_for_steps_wh(size_wh) / 1000:.1f} kWh"


if __name__ == "__main__":
    sys.stdout.write(table())
