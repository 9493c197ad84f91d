"""Print the table of always-on rules in docs/reference/rules.md: `python -m harness.oracle.invariants.reference_page`."""

from collections.abc import Iterator

from harness.oracle.invariants import all_rules, of_described
from harness.oracle.invariants.rule import Rule


def rows() -> Iterator[str]:
    """The table, line by line, in the order in which the rules are judged."""
    yield "| Rule | Strictness | Needs | Requirement | Why it matters |"
    yield "|---|---|---|---|---|"
    rules: tuple[Rule, ...] = (*all_rules(), *of_described({}))
    for rule in rules:
        needs = ", ".join(rule.needs)
        yield f"| `{rule.id}` | {rule.strictness.value} | {needs} | {rule.requirement} | {rule.explanation} |"


if __name__ == "__main__":
    print("\n".join(rows()))
