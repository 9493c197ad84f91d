"""Which clauses of the standards the cases and rules of a run exercise, and which known ones none of them does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from harness.facts.citations import OCPP201, SECURITY16, Clause, clauses
from harness.facts.model import ClauseTrace, DocumentTrace
from harness.model.catalogue import CaseEntry
from harness.oracle.invariants.rule import Rule


@dataclass(frozen=True, slots=True)
class ClauseIndex:
    """What the project knows of a document: the numbers of its clauses that speak of a station, with a title where it has one."""

    document: str
    ocpp: str
    clauses: Mapping[str, str]


def read_index(text: str) -> ClauseIndex:
    """An index from its file: two lines `# document` and `# OCPP version`, then one clause a line. Raises ValueError."""
    head, version, *rest = text.splitlines()
    if not (head.startswith("# ") and version.startswith("# ")):
        raise ValueError("an index begins with `# document` and `# OCPP version`; write these two lines first")
    pairs = (line.partition(" ") for line in rest if line.strip())
    return ClauseIndex(head[2:], version[2:], {number: title for number, _, title in pairs})


@cache
def cited_by_case(entry: CaseEntry, ocpp: str) -> frozenset[Clause]:
    """The clauses that a catalogue entry cites for this OCPP version."""
    first = OCPP201 if entry.ocpp == ("2.0.1",) else SECURITY16
    named = {*clauses(entry.section), *(c for c in clauses(entry.requirement, first) if ".FR." in c[1])}
    return frozenset(clause for clause in named if _is_of(clause[0], ocpp))


@cache
def _cited(citation: str) -> tuple[Clause, ...]:
    return tuple(dict.fromkeys(clauses(citation)))


def _is_of(document: str, ocpp: str) -> bool:
    return document.startswith("OCPP 2.0.1") == (ocpp != "1.6")


def trace_clauses(
    entries: Iterable[CaseEntry], rules: Sequence[Rule], indices: Iterable[ClauseIndex], versions: Iterable[str]
) -> list[DocumentTrace]:
    """Clause by clause, for the OCPP versions of a run; documents in the order of their names, clauses in that of their numbers."""
    wanted = tuple(versions)
    found: dict[Clause, ClauseTrace] = {}
    for entry in entries:
        for ocpp in (version for version in entry.ocpp if version in wanted):
            for clause in cited_by_case(entry, ocpp):
                one = found.setdefault(clause, ClauseTrace(clause[1]))
                if entry.id not in one.cases:
                    one.cases.append(entry.id)
    for rule in rules:
        for clause in _cited(rule.requirement):
            if any(_is_of(clause[0], ocpp) for ocpp in wanted):
                found.setdefault(clause, ClauseTrace(clause[1])).rules.append(rule.id)
    known = {index.document: index for index in indices if index.ocpp in wanted}
    names = sorted({document for document, _ in found} | set(known))
    return [_document(name, found, known.get(name)) for name in names]


def _document(name: str, found: Mapping[Clause, ClauseTrace], index: ClauseIndex | None) -> DocumentTrace:
    cited = {clause: one for (document, clause), one in found.items() if document == name}
    if index is not None:
        for clause, one in cited.items():
            one.title = index.clauses.get(clause, "")
    headed = {parent for clause in cited for parent in _parents(clause)}
    known = index.clauses if index is not None else {}
    return DocumentTrace(
        name,
        [cited[clause] for clause in sorted(cited, key=_order)],
        sorted((clause for clause in known if clause not in cited and clause not in headed), key=_order),
        len(known),
    )


def _parents(clause: str) -> Iterable[str]:
    """`3.5` of `3.5.1`: a section of which a part is exercised is not left out."""
    parts = clause.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts)))


def _order(clause: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in clause.split("."))
