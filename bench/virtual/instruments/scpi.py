"""A small SCPI device: short and long forms, optional nodes, suffixes, `;` chains with relative paths, error queue."""

import re
from collections import deque
from collections.abc import Callable

from bench.virtual.instruments.line_server import LineServer
from bench.virtual.instruments.server import Latency

Arguments = list[str]
Suffixes = tuple[int, ...]
Handler = Callable[[Arguments, Suffixes], str | None]

QUEUE_LENGTH = 20
_TOKEN = re.compile(r"(?P<short>[A-Z]+)(?P<rest>[a-z]*)|(?P<suffix>\{n\})|(?P<other>.)")


class ScpiError(Exception):
    """A command that cannot be done: SCPI error number and text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f'{number},"{text}"')
        self.ends_message = number > -200  # a command error, after which the rest cannot be trusted


def compile_header(pattern: str) -> re.Pattern[str]:
    """Make a matcher of a header as manuals write it: `[SOURce:]VOLTage[:AC]?`; `{n}` is a numeric suffix."""
    parts = []
    for token in _TOKEN.finditer(pattern):
        if token["short"]:
            short, rest = token["short"], token["rest"]
            parts.append(f"(?:{short}{rest}|{short})" if rest else short)
        elif token["suffix"]:
            parts.append(r"(\d+)")
        else:
            parts.append({"[": "(?:", "]": ")?"}.get(token["other"], re.escape(token["other"])))
    return re.compile("".join(parts), re.IGNORECASE)


def number(arguments: Arguments) -> float:
    """The one numeric argument of a command."""
    if len(arguments) != 1:
        raise ScpiError(
            -109 if not arguments else -108, "Missing parameter" if not arguments else "Parameter not allowed"
        )
    try:
        return float(arguments[0])
    except ValueError:
        raise ScpiError(-104, "Data type error") from None


def switch(arguments: Arguments) -> bool:
    """The one argument ON, OFF, 1 or 0 of a command."""
    word = arguments[0].upper() if len(arguments) == 1 else ""
    if word not in {"ON", "OFF", "1", "0"}:
        raise ScpiError(-224, "Illegal parameter value")
    return word in {"ON", "1"}


def block(data: bytes) -> str:
    """A definite-length block (IEEE 488.2, 8.7.9) as text in latin-1, in which each character is one byte."""
    length = str(len(data))
    return f"#{len(length)}{length}{data.decode('latin-1')}"


class ScpiInstrument(LineServer):
    """Commands are added with `command`; what no command matches goes to the error queue and gets no answer."""

    def __init__(self, name: str, identity: str, latency: Latency | None = None) -> None:
        super().__init__(name, latency)
        self._commands: list[tuple[re.Pattern[str], Handler]] = []
        self._known: dict[str, tuple[Handler, Suffixes]] = {}
        self._errors: deque[str] = deque(maxlen=QUEUE_LENGTH)
        self.command("*IDN?", lambda _args, _n: identity)
        self.command("*OPC?", lambda _args, _n: "1")
        self.command("*OPC", lambda _args, _n: None)
        self.command("*WAI", lambda _args, _n: None)
        self.command("*CLS", lambda _args, _n: self._errors.clear())
        self.command("*RST", lambda _args, _n: self.reset())
        self.command("SYSTem:ERRor[:NEXT]?", lambda _args, _n: self._next_error())
        self.command("SYSTem:ERRor:ALL?", lambda _args, _n: self._all_errors())

    def reset(self) -> None:
        """What `*RST` does beyond nothing; instruments override it."""

    def command(self, pattern: str, handler: Handler) -> None:
        """Add a command; `handler` gets its arguments and numeric suffixes and gives the answer, or raises ScpiError."""
        self._commands.append((compile_header(pattern), handler))

    def respond(self, line: str) -> str | None:
        """Execute one program message; the answers of its queries are joined with `;`."""
        answers = []
        path = ""
        for raw in line.split(";"):
            unit = raw.strip()
            if not unit:
                continue
            header, _, rest = unit.partition(" ")
            header, path = _resolve(header, path)
            try:
                answer = self._execute(header, rest)
            except ScpiError as error:
                self._errors.append(str(error))
                if error.ends_message:
                    break
                continue
            if answer is not None:
                answers.append(answer)
        return ";".join(answers) if answers else None

    def number_text(self, value: float, pattern: str = "{:.6g}") -> str:
        """A number as this instrument writes it; `NAN` while it misbehaves so."""
        return "NAN" if self.misbehaviour == "nan" else pattern.format(value)

    def _execute(self, header: str, rest: str) -> str | None:
        handler, suffixes = self._find(header)
        arguments = [part.strip() for part in rest.split(",")] if rest.strip() else []
        return handler(arguments, suffixes)

    def _find(self, header: str) -> tuple[Handler, Suffixes]:
        found = self._known.get(header)
        if found is not None:
            return found
        for pattern, handler in self._commands:
            match = pattern.fullmatch(header)
            if match:
                suffixes = tuple(int(text) for text in match.groups() if text is not None)
                self._known[header] = (handler, suffixes)
                return handler, suffixes
        raise ScpiError(-113, "Undefined header")

    def _next_error(self) -> str:
        return self._errors.popleft() if self._errors else '0,"No error"'

    def _all_errors(self) -> str:
        errors = ",".join(self._errors)
        self._errors.clear()
        return errors or '0,"No error"'


def _resolve(header: str, path: str) -> tuple[str, str]:
    """The full header of one unit of a chain, and the path for the next one (IEEE 488.2 compound headers)."""
    if header.startswith("*"):
        return header, path
    full = header[1:] if header.startswith(":") else path + header
    node, colon, _ = full.rpartition(":")
    return full, node + colon
