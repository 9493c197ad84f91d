"""Register files: a Modbus meter as data, so that a new model needs a file and no code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from bench.errors import BenchError
from bench.links.modbus import RegisterTable
from bench.links.modbus_values import RegisterType, WordOrder, words
from harness.model.strict import Key, Matches, MisfitError, NonEmpty, Range, nearest, parse

_FOLDER = Path(__file__).parent
_QUANTITY = r"(voltage_l[123]_v|current_l[123]_a|power_l[123]_w|power_w|frequency_hz|energy_wh|temperature_c)"

Address = Annotated[int, Range(0, 65535)]


@dataclass(frozen=True, slots=True)
class Addend:
    """A second value, of the same type and word order, that is added: kWh and Wh apart, or export off import."""

    address: Address
    scale: float

    def __post_init__(self) -> None:
        if not self.scale:
            raise MisfitError("scale is 0", "give the factor to the unit that ends the quantity's name")


@dataclass(frozen=True, slots=True)
class Exponent:
    """A register (int16, of the same table) that scales another by ten to the power of its value plus `offset`."""

    address: Address
    offset: Annotated[int, Range(-12, 12)] = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Registers that belong together, from `address` to before `end`: read in one request, or torn."""

    table: RegisterTable
    address: int
    end: int


@dataclass(frozen=True, slots=True)
class Register:
    """One quantity: the value in its registers times `scale` is in the unit that ends the quantity's name.

    `unavailable` are the bit patterns, most significant word first, that stand for "there is no value".
    """

    quantity: Annotated[str, Matches(_QUANTITY, "a quantity such as current_l1_a, power_w, energy_wh or temperature_c")]
    table: RegisterTable
    address: Address
    type: RegisterType
    word_order: WordOrder
    source: Annotated[str, NonEmpty()]
    scale: float = 1.0
    plus: Addend | None = None
    exponent: Exponent | None = None
    unavailable: tuple[Annotated[str, Matches(r"0x[0-9A-F]+", 'bits in hexadecimal, e.g. "0xFFFF"')], ...] = ()

    def __post_init__(self) -> None:
        if not self.scale:
            raise MisfitError("scale is 0", "give the factor to the unit that ends the quantity's name")
        if self.address + words(self.type) > 0x10000:
            raise MisfitError(f"{self.quantity} ends beyond register 65535", "correct its address or type")
        for pattern in self.unavailable:
            if len(pattern) != 2 + 4 * words(self.type):
                what = f"unavailable {pattern} of {self.quantity} is not {16 * words(self.type)} bits long"
                raise MisfitError(what, f"write all {4 * words(self.type)} digits")

    @property
    def end(self) -> int:
        """The first address after this value."""
        return self.address + words(self.type)

    def spans(self) -> tuple[Span, ...]:
        """What must be read for this quantity; each span in one request."""
        addresses = [self.address, *([self.plus.address] if self.plus else [])]
        value = Span(self.table, min(addresses), max(addresses) + words(self.type))
        if self.exponent is None:
            return (value,)
        return (value, Span(self.table, self.exponent.address, self.exponent.address + 1))

    @property
    def fixed_step(self) -> float | None:
        """The step in which the quantity counts, in its unit; None where it depends on the value or on the meter's scale."""
        if self.exponent is not None or not self.type.removeprefix("u").startswith("int"):
            return None
        return min(abs(self.scale), abs(self.plus.scale) if self.plus else abs(self.scale))


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A meter model. `max_block` is the most registers it answers at once, `max_gap` how many unused ones between
    two values may be read along with them.

    `experimental`: its registers were neither compared with the vendor's manual nor found alike by two projects that
    are independent of each other. `notes` says what is doubtful, or was left out.
    """

    model: Annotated[str, NonEmpty()]
    source: Annotated[str, NonEmpty()]
    confidence: Annotated[str, NonEmpty()]
    experimental: bool
    registers: Annotated[tuple[Register, ...], Key("register"), NonEmpty()]
    max_block: Annotated[int, Range(4, 125)] = 60
    max_gap: Annotated[int, Range(0, 100)] = 0
    notes: str = ""

    def __post_init__(self) -> None:
        names = [register.quantity for register in self.registers]
        for name in names:
            if names.count(name) > 1:
                raise MisfitError(f"{name} is described twice", "keep one")
        for register in self.registers:
            count = max(span.end - span.address for span in register.spans())
            if count > self.max_block:
                what = f"{register.quantity} spans {count} registers, and max_block is {self.max_block}"
                raise MisfitError(what, "raise max_block, or correct its addresses")

    def register(self, quantity: str) -> Register | None:
        """The register of this quantity, or None."""
        return next((register for register in self.registers if register.quantity == quantity), None)

    @property
    def channels(self) -> int:
        """How many phases it tells apart; 0 for a meter that tells totals only."""
        return max(int(r.quantity.partition("_l")[2][:1] or 0) for r in self.registers)


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that are read in one request."""

    table: RegisterTable
    address: int
    count: int


def blocks(registers: tuple[Register, ...], max_block: int, max_gap: int) -> tuple[Block, ...]:
    """The requests that read these registers; a value is never split over two requests.

    Raises BenchError for a value that takes more registers than `max_block`.
    """
    made: list[Block] = []
    spans = {span for register in registers for span in register.spans()}
    for span in sorted(spans, key=lambda span: (span.table, span.address, span.end)):
        if span.end - span.address > max_block:
            what = f"the value from register {span.address} takes {span.end - span.address} at once"
            raise BenchError(f"{what}, and max_block is {max_block}. Cure: raise max_block")
        last = made[-1] if made else None
        if last is not None and last.table == span.table:
            end = last.address + last.count
            count = max(end, span.end) - last.address
            if span.address - end <= max_gap and count <= max_block:
                made[-1] = Block(last.table, last.address, count)
                continue
        made.append(Block(span.table, span.address, span.end - span.address))
    return tuple(made)


def register_file_names() -> tuple[str, ...]:
    """The names of all register files."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_register_file(name: str) -> RegisterFile:
    """The register file of this name (without .toml). Raises BenchError for an unknown one, ModelError for a bad one."""
    known = register_file_names()
    if name not in known:
        raise BenchError(f"no register file is named {name!r}. Cure: {nearest(name, known)}")
    return parse_register_file((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"), f"bench/meters/{name}.toml")


def parse_register_file(text: str, where: str) -> RegisterFile:
    """A register file's text; `where` names its source in errors. Raises ModelError."""
    return parse(RegisterFile, text, where)
