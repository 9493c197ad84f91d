"""Always-on rules: judged over the whole trace, in every case and between cases."""

from collections.abc import Mapping

from harness.model.station import Station
from harness.oracle.invariants import (
    against_bench,
    answered_once,
    answers,
    availability,
    boot_statuses,
    cable,
    charging16,
    clock,
    configured16,
    connectors201,
    device_model201,
    ended_once16,
    energy,
    fault_code16,
    faulted,
    file_statuses,
    framing,
    handshakes,
    heard_of,
    injected,
    limit_in_force,
    pics_contradicted,
    plausible,
    preparing16,
    profiles16,
    reconnects,
    register_course,
    registers,
    registration,
    sample_course,
    sample_sets,
    samples,
    schema_valid,
    sim_card,
    sockets,
    start_tags16,
    status16,
    status_times16,
    stop_reasons,
    stop_stimuli,
    stop_tags16,
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
    reconnects.CONFIRMED,
    registration.QUIET,
    registration.PATIENT_16,
    registration.PATIENT_2,
    registration.ONCE,
    boot_statuses.RULE,
    status16.ZERO,
    status16.REPEATED,
    status16.NOT_AVAILABLE,
    fault_code16.RULE,
    status_times16.ORDER,
    status_times16.OWN_TIME,
    status_times16.HISTORY,
    charging16.RULE,
    preparing16.RULE,
    availability.RULE,
    connectors201.RULE,
    transaction16.AS_GIVEN,
    transaction16.NOT_AFTER_STOP,
    transaction16.ONE_BY_ONE,
    transaction201.COUNTED,
    stop_tags16.RULE,
    stop_reasons.REASON_16,
    stop_reasons.REASON_2,
    stop_reasons.TOKEN_AT_END,
    stop_reasons.REMOTE_START_ID,
    ended_once16.RESERVATION_ONCE,
    ended_once16.END_ONCE,
    registers.MONOTONIC,
    registers.STOP_TIME,
    register_course.TOO_FAST,
    register_course.GOES_ON,
    register_course.ALL_PHASES,
    samples.NUMBERS,
    samples.UNITS,
    samples.SANE,
    sample_sets.ONCE,
    sample_sets.SIGNED,
    sample_sets.POWER_UNITS,
    sample_course.IN_TIME,
    sample_course.WHOLE,
    sample_course.AT_BOUNDS,
    plausible.POWER_FITS,
    plausible.VOLTAGE_FITS,
    plausible.REGISTER_FITS,
    file_statuses.FLOODED,
    file_statuses.CONFLICT,
    sim_card.RULE,
    clock.FUTURE,
    clock.UNSET,
    clock.ZONE,
    clock.ASKED,
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
    reconnects.BOOT,
    reconnects.VERSION,
    configured16.IMPOSSIBLE,
    configured16.NAMES,
    profiles16.RULE,
    device_model201.MUTABLE,
    device_model201.FITTING,
    device_model201.REPORTED,
)

_BENCH: tuple[Rule, ...] = (
    cable.RULE,
    faulted.RULE,
    start_tags16.RULE,
    energy.RULE,
    stop_stimuli.RULE_16,
    stop_stimuli.RULE_2,
    heard_of.RULE,
)
"""Rules that need more than the wire."""

__all__ = ["Invariants", "Rule", "Violation", "all_rules", "of_described"]


def all_rules(
    answer_within_s: float = answered_once.ANSWER_WITHIN_S, stations: Mapping[str, Station] | None = None
) -> tuple[Rule, ...]:
    """Every rule.

    `answer_within_s` is the station's PIXIT message_timeout_s, `stations` the description of each station by its identity: what a station
    claims, and what it takes for a fault, is judged where it is known only.
    """
    described = of_described(stations) if stations else ()
    return (*_WIRE, *_BENCH, against_bench.rule(stations or {}), answered_once.rule(answer_within_s), *described)


def of_described(stations: Mapping[str, Station]) -> tuple[Rule, ...]:
    """The rules that go by a station file, over these stations by their identity."""
    claims = {identity: station.pics for identity, station in stations.items()}
    return (
        pics_contradicted.rule(claims),
        limit_in_force.rule(claims),
        injected.told_rule(stations),
        injected.cleared_rule(stations),
    )
