"""Register files: a Modbus meter as data, so that a new model needs a file and no code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from bench.errors import BenchError
from bench.links.modbus import RegisterTable, RegisterType, WordOrder, words
from harness.model.strict import Key, Matches, MisfitError, NonEmpty, Range, nearest, parse
from harness.uncertainty import kind_of

_FOLDER = Path(__file__).parent / "drivers" / "registers"
_QUANTITY = r"(voltage_l[123]_v|current_l[123]_a|power_l[123]_w|power_w|frequency_hz|energy_wh|temperature_c)"


@dataclass(frozen=True, slots=True)
class Register:
    """One quantity: the value in its registers times `scale` is in the unit that ends the quantity's name."""

    quantity: Annotated[str, Matches(_QUANTITY, "a quantity such as current_l1_a, power_w, energy_wh or temperature_c")]
    table: RegisterTable
    address: Annotated[int, Range(0, 65535)]
    type: RegisterType
    word_order: WordOrder
    source: Annotated[str, NonEmpty()]
    scale: float = 1.0

    def __post_init__(self) -> None:
        kind_of(self.quantity)
        if not self.scale:
            raise MisfitError("scale is 0", "give the factor to the unit that ends the quantity's name")

    @property
    def end(self) -> int:
        """The first address after this value."""
        return self.address + words(self.type)


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A meter model. `max_block` is the most registers it answers at once, `max_gap` how many unused ones between
    two values may be read along with them."""

    model: Annotated[str, NonEmpty()]
    source: Annotated[str, NonEmpty()]
    confidence: Annotated[str, NonEmpty()]
    registers: Annotated[tuple[Register, ...], Key("register"), NonEmpty()]
    max_block: Annotated[int, Range(4, 125)] = 60
    max_gap: Annotated[int, Range(0, 100)] = 0

    def __post_init__(self) -> None:
        names = [register.quantity for register in self.registers]
        for name in names:
            if names.count(name) > 1:
                raise MisfitError(f"{name} is described twice", "keep one")


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that are read in one request."""

    table: Literal["input", "holding"]
    address: int
    count: int
    registers: tuple[Register, ...]


def blocks(registers: tuple[Register, ...], max_block: int, max_gap: int) -> tuple[Block, ...]:
    """The requests that read these registers; a value is never split over two requests."""
    groups: list[list[Register]] = []
    for register in sorted(registers, key=lambda r: (r.table, r.address)):
        last = groups[-1] if groups else None
        if (
            last is not None
            and last[-1].table == register.table
            and register.address - max(r.end for r in last) <= max_gap
            and register.end - last[0].address <= max_block
        ):
            last.append(register)
        else:
            groups.append([register])
    return tuple(Block(g[0].table, g[0].address, max(r.end for r in g) - g[0].address, tuple(g)) for g in groups)


def load_register_file(name: str) -> RegisterFile:
    """The register file of this name (without .toml). Raises BenchError for an unknown one, ModelError for a bad one."""
    known = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
    if name not in known:
        raise BenchError(f"no register file is named {name!r}. Cure: {nearest(name, known)}")
    path = _FOLDER / f"{name}.toml"
    return parse(RegisterFile, path.read_text(encoding="utf-8"), str(path))
