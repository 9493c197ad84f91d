"""Always-on rules: judged over the whole trace, in every case and between cases."""

from collections.abc import Mapping

from harness.model.pics import Pics
from harness.oracle.invariants import (
    answered_once,
    answers,
    clock,
    framing,
    handshakes,
    pics_contradicted,
    reconnects,
    registers,
    registration,
    samples,
    schema_valid,
    sockets,
    status16,
    transaction16,
    transaction201,
)
from harness.oracle.invariants.all_at_once import Invariants
from harness.oracle.invariants.rule import Rule, Violation

_WIRE: tuple[Rule, ...] = (
    schema_valid.PARSES,
    schema_valid.RULE,
    schema_valid.ERROR_FORM,
    framing.IDS,
    framing.ONE_16,
    framing.ONE_2,
    registration.QUIET,
    registration.PATIENT,
    registration.ONCE,
    status16.ZERO,
    status16.REPEATED,
    status16.NOT_AVAILABLE,
    transaction16.AS_GIVEN,
    transaction16.NOT_AFTER_STOP,
    transaction16.ONE_BY_ONE,
    transaction201.COUNTED,
    registers.MONOTONIC,
    registers.STOP_TIME,
    samples.NUMBERS,
    samples.UNITS,
    samples.SANE,
    clock.FUTURE,
    clock.UNSET,
    answers.READ_BACK,
    answers.TRIGGERED,
    answers.TRIGGERED_2,
    handshakes.FORM,
    handshakes.PATH,
    handshakes.OFFER,
    handshakes.BACK_OFF,
    sockets.PERSIST_16,
    sockets.PERSIST_2,
    sockets.PONGS,
    sockets.ANSWERS,
    reconnects.CONFIRMED,
    reconnects.BOOT,
    reconnects.VERSION,
)

__all__ = ["Invariants", "Rule", "Violation", "all_rules"]


def all_rules(
    answer_within_s: float = answered_once.ANSWER_WITHIN_S, claims: Mapping[str, Pics] | None = None
) -> tuple[Rule, ...]:
    """Every rule.

    `answer_within_s` is the station's PIXIT message_timeout_s, `claims` the PICS of each station by its identity: without any, nothing can
    contradict them.
    """
    of_claims = (pics_contradicted.rule(claims),) if claims else ()
    return (*_WIRE, answered_once.rule(answer_within_s), *of_claims)
