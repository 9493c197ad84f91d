"""Always-on rules: judged over the whole trace, in every case and between cases."""

from collections.abc import Mapping

from harness.model.pics import Pics
from harness.oracle.invariants import answered_once, pics_contradicted, schema_valid
from harness.oracle.invariants.rule import Invariants, Rule, Violation

__all__ = ["Invariants", "Rule", "Violation", "all_rules"]


def all_rules(
    answer_within_s: float = answered_once.ANSWER_WITHIN_S, claims: Mapping[str, Pics] | None = None
) -> tuple[Rule, ...]:
    """Every rule.

    `answer_within_s` is the station's PIXIT message_timeout_s, `claims` the PICS of each station by its identity: without any, nothing can
    contradict them.
    """
    of_claims = (pics_contradicted.rule(claims),) if claims else ()
    return (schema_valid.RULE, answered_once.rule(answer_within_s), *of_claims)
