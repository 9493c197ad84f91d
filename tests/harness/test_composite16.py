"""The reference composite schedule of OCPP 1.6: worked by hand from the test case document and the clauses named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harness.charging.composite16 import Allowance, Question, Stretch, Supply, compare, composite
from harness.charging.profiles16 import cleared, installed, profile_of

ZERO = datetime(2026, 5, 4, tzinfo=UTC)
THREE_PHASES = Supply(230.0, 3)


def at(seconds):
    return (ZERO + timedelta(seconds=seconds)).isoformat()


def profile(
    purpose, *periods, connector=1, level=0, number=None, kind="Absolute", unit="A", start=0, phases=None, **more
):
    rows = [{"startPeriod": begin, "limit": limit} for begin, limit in periods]
    for row in rows:
        row.update({} if phases is None else {"numberPhases": phases})
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": rows}
    if start is not None:
        schedule["startSchedule"] = at(start)
    if "duration" in more:
        schedule["duration"] = more.pop("duration")
    return profile_of(
        connector,
        {
            "chargingProfileId": hash((purpose, connector, level)) if number is None else number,
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": kind,
            "chargingSchedule": schedule,
            **more,
        },
    )


def limits(profiles, duration=400, *, begin=0, unit="A", since=0, connector=1, supply=THREE_PHASES):
    charging_since = None if since is None else ZERO + timedelta(seconds=since)
    question = Question(connector, ZERO + timedelta(seconds=begin), duration, unit, charging_since)
    return [(stretch.start_s, stretch.limit) for stretch in composite(profiles, question, supply)]


STATION_MAX = profile("ChargePointMaxProfile", (0, 10), connector=0, duration=86400)
VALID = {"validFrom": at(0), "validTo": at(401)}
DEFAULT = profile("TxDefaultProfile", (0, 6), (60, 10), (120, 8), (180, 15), (260, 8), duration=300, **VALID)
OWN = profile("TxProfile", (0, 8), (50, 11), (140, 16), (200, 6), (240, 12), duration=260, **VALID)


def test_the_three_purposes_of_the_document():
    """TC_066_CS asks a few seconds after the schedules' zero, and leaves the default out where the TxProfile has run out."""
    assert limits([STATION_MAX, DEFAULT, OWN], begin=5) == [(0, 8), (45, 10), (195, 6), (235, 10)]


def test_the_stack_of_the_document():
    """TC_072_CS: the upper level rules for its duration, then the lower."""
    lower = profile("TxDefaultProfile", (0, 6), (100, 8), (200, 10), duration=400, **VALID)
    upper = profile("TxDefaultProfile", (0, 7), (100, 9), level=1, duration=150, **VALID)
    assert limits([upper, lower], 350, since=None) == [(0, 7), (100, 9), (150, 8), (200, 10)]


def test_clearing_as_in_the_document():
    """TC_067_CS: by id, by purpose and level, all."""
    first = profile("TxDefaultProfile", (0, 6), (60, 8), (200, 10), number=1, level=1, duration=400)
    second = profile("TxDefaultProfile", (0, 7), (100, 9), number=2, duration=400, **VALID)
    third = profile("ChargePointMaxProfile", (0, 11), (200, 12), number=3, connector=0, duration=86400, **VALID)
    held = installed(installed((first,), second), third)
    assert limits(held, 350) == [(0, 6), (60, 8), (200, 10)]
    held = cleared(held, profile_id=1)
    assert limits(held, 350) == [(0, 7), (100, 9)]
    held = cleared(held, purpose="TxDefaultProfile", stack_level=0)
    assert limits(held, 350) == [(0, 11), (200, 12)]
    assert cleared(held) == ()
    assert limits((), 350) == [(0, None)]


def test_clearing_matches_every_field_given():
    held = (DEFAULT, OWN, STATION_MAX)
    assert cleared(held, connector_id=1, purpose="TxProfile") == (DEFAULT, STATION_MAX)
    assert cleared(held, connector_id=0, purpose="TxProfile") == held
    assert cleared(held, connector_id=0) == (DEFAULT, OWN)


def test_a_profile_replaces_its_like_by_id_or_by_purpose_and_level_of_one_connector():
    one = profile("TxDefaultProfile", (0, 6), number=1)
    assert installed((one,), replace(one, stack_level=5, purpose="TxProfile")) == (
        replace(one, stack_level=5, purpose="TxProfile"),
    )
    assert installed((one,), replace(one, id=2)) == (replace(one, id=2),)
    everywhere = replace(one, id=3, connector_id=0)
    assert installed((one,), everywhere) == (one, everywhere)


def test_a_transaction_profile_counts_in_a_transaction_only():
    assert limits([OWN, DEFAULT], 50, since=None) == [(0, 6)]
    assert limits([OWN, DEFAULT], 50) == [(0, 8)]


def test_a_transaction_profile_overrules_while_it_is_valid_not_while_its_schedule_lasts():
    own = profile("TxProfile", (0, 8), duration=100, validTo=at(200))
    assert limits([own, DEFAULT]) == [(0, 8), (100, None), (200, 15), (260, 8), (300, None)]


def test_a_default_of_a_connector_replaces_the_general_one_of_its_level_there_only():
    general = profile("TxDefaultProfile", (0, 12), connector=0)
    low = profile("TxDefaultProfile", (0, 9), connector=1)
    assert limits([general, low]) == [(0, 9)]
    assert limits([general, low], connector=2) == [(0, 12)]
    assert limits([replace(general, stack_level=3), low]) == [(0, 12)]


def test_a_profile_that_is_not_valid_yet_leaves_the_level_below():
    later = profile("TxDefaultProfile", (0, 7), level=2, validFrom=at(100))
    ended = profile("TxDefaultProfile", (0, 9), level=3, validTo=at(50))
    below = profile("TxDefaultProfile", (0, 20), level=1)
    assert limits([later, ended, below], 200) == [(0, 9), (50, 20), (100, 7)]


def test_no_duration_means_no_end_and_a_longer_duration_keeps_the_last_limit():
    forever = profile("TxDefaultProfile", (0, 7), (30, 9))
    assert limits([forever], 86400) == [(0, 7), (30, 9)]
    assert limits([replace(forever, duration_s=3600.0)], 7200) == [(0, 7), (30, 9), (3600, None)]


def test_periods_beyond_the_duration_are_not_executed():
    assert limits([profile("TxDefaultProfile", (0, 7), (100, 9), (200, 11), duration=150)], 300) == [
        (0, 7),
        (100, 9),
        (150, None),
    ]


def test_before_its_start_an_absolute_schedule_says_nothing():
    assert limits([profile("TxDefaultProfile", (0, 7), start=60)], 100) == [(0, None), (60, 7)]


def test_relative_schedules_and_those_without_a_start_run_from_the_start_of_charging():
    relative = profile("TxDefaultProfile", (0, 7), (60, 9), kind="Relative", start=9999)
    unanchored = profile("TxDefaultProfile", (0, 7), (60, 9), start=None)
    for one in (relative, unanchored):
        assert limits([one], 100, begin=50, since=20) == [(0, 7), (30, 9)]
        assert limits([one], 100, since=None) == [(0, None)]


def test_a_daily_schedule_starts_again_and_what_outlasts_the_day_is_not_executed():
    daily = profile(
        "TxDefaultProfile", (0, 7), (3600, 9), (90000, 30), kind="Recurring", recurrencyKind="Daily", duration=7200
    )
    assert limits([daily], 10000, begin=86400 - 1000) == [(0, None), (1000, 7), (4600, 9), (8200, None)]
    endless = replace(daily, duration_s=None)
    assert limits([endless], 10000, begin=86400 - 1000) == [(0, 9), (1000, 7), (4600, 9)]
    assert limits([daily], 100, begin=-50) == [(0, None), (50, 7)]


def test_a_weekly_schedule_over_two_of_its_starts():
    weekly = profile("TxDefaultProfile", (0, 7), kind="Recurring", recurrencyKind="Weekly", duration=3600)
    week = 7 * 86400
    assert limits([weekly], 2 * week) == [(0, 7), (3600, None), (week, 7), (week + 3600, None)]


def test_of_two_periods_that_start_together_the_first_has_no_length():
    assert limits([profile("TxDefaultProfile", (0, 7), (60, 8), (60, 9))], 100) == [(0, 7), (60, 9)]


def test_equal_neighbours_are_one_stretch():
    assert limits([profile("TxDefaultProfile", (0, 7), (60, 7), (90, 8))], 100) == [(0, 7), (90, 8)]


@pytest.mark.parametrize(
    ("phases_named", "phases_there", "limit_w", "limit_a"),
    [(None, 3, 6900, 10), (3, 3, 6900, 10), (1, 3, 2300, 10), (3, 1, 2300, 10), (None, 1, 2300, 10), (2, 3, 4600, 10)],
)
def test_watts_are_a_total_over_the_phases_in_use(phases_named, phases_there, limit_w, limit_a):
    """7.12 and errata 3.34: more phases named than there are change nothing about the limit."""
    supply = Supply(230.0, phases_there)
    watts = profile("TxDefaultProfile", (0, limit_w), unit="W", phases=phases_named)
    amperes = profile("TxDefaultProfile", (0, limit_a), phases=phases_named)
    assert limits([watts], unit="A", supply=supply) == [(0, limit_a)]
    assert limits([watts], unit="W", supply=supply) == [(0, limit_w)]
    assert limits([amperes], unit="W", supply=supply) == [(0, limit_w)]


def test_the_least_of_watts_and_amperes():
    watts = profile("ChargePointMaxProfile", (0, 6900), (50, 13800), unit="W", connector=0)
    assert limits([watts, profile("TxDefaultProfile", (0, 16))], 100) == [(0, 10), (50, 16)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"chargingProfilePurpose": "TxMax"}, "chargingProfilePurpose = 'TxMax'"),
        ({"chargingProfileKind": "Daily"}, "chargingProfileKind = 'Daily'"),
        ({"chargingProfileKind": "Recurring"}, "recurrencyKind = None"),
        ({"chargingProfilePurpose": "ChargePointMaxProfile"}, "3.13.1"),
        ({"validFrom": "tomorrow"}, "'tomorrow' is no dateTime"),
        ({"chargingSchedule": {"chargingRateUnit": "kW", "chargingSchedulePeriod": []}}, "chargingRateUnit = 'kW'"),
        ({"chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []}}, "errata 3.45"),
        (
            {
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": s, "limit": 6} for s in (0, 60, 30)],
                }
            },
            "7.14",
        ),
    ],
)
def test_what_no_station_can_execute_is_refused_by_field_and_clause(change, told):
    good = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]},
    }
    assert profile_of(1, good).periods[0].phases == 3
    with pytest.raises(ValueError, match=told):
        profile_of(1, good | change)


def test_the_share_of_connector_0_is_not_reckoned():
    with pytest.raises(ValueError, match="connectorId 0"):
        limits([STATION_MAX], connector=0)


# -- a report beside it

EXPECTED = (Stretch(0, 45, 8.0), Stretch(45, 195, 10.0), Stretch(195, 235, 6.0), Stretch(235, 400, None))
ALLOWANCE = Allowance(rounding=0.1, edge_s=4.0, local_limit=32.0)


def rows(*periods):
    return [{"startPeriod": start, "limit": limit} for start, limit in periods]


GOOD = ((0, 8), (45, 10), (195, 6), (235, 32))


def wrong(*periods, expected=EXPECTED, allowance=ALLOWANCE):
    return [(c.start_s, c.reported) for c in compare(rows(*periods), expected, allowance) if not c.fits]


@pytest.mark.parametrize(
    "periods",
    [
        GOOD,
        ((0, 8.1), (45, 9.9), (195, 6), (235, 32.0)),
        ((0, 8), (42, 10), (198, 6), (234, 32)),
        ((0, 8), (10, 8), (45, 10), (100, 10), (195, 6), (235, 32), (300, 32)),
        tuple(reversed(GOOD)),
        (*GOOD, (400, 5)),
    ],
)
def test_what_the_documents_leave_open_fits(periods):
    assert wrong(*periods) == []


@pytest.mark.parametrize(
    ("periods", "told"),
    [
        (((0, 8), (45, 10.2), (195, 6), (235, 32)), [(49, 10.2)]),
        (((0, 8), (45, 10), (195, 6.4), (235, 32)), [(199, 6.4)]),
        (((0, 8), (50, 10), (195, 6), (235, 32)), [(49, 8)]),
        (((0, 8), (45, 10), (235, 32)), [(199, 10)]),
        (((0, 8), (45, 10), (195, 6)), [(239, 6)]),
        (((0, 8), (45, 10), (100, 30), (110, 10), (195, 6), (235, 32)), [(49, 30)]),
        (((0, 32),), [(0, 32), (49, 32), (199, 32)]),
    ],
)
def test_a_wrong_period_is_told_by_its_start_and_limit(periods, told):
    assert wrong(*periods) == told


def test_a_station_may_take_its_own_limit_into_account_or_leave_it():
    small = replace(ALLOWANCE, local_limit=9.0)
    assert wrong((0, 8), (45, 9), (195, 6), (235, 9), allowance=small) == []
    assert wrong((0, 8), (45, 10), (195, 6), (235, 9), allowance=small) == []
    assert wrong((0, 8), (45, 8.5), (195, 6), (235, 9), allowance=small) == [(49, 8.5)]


def test_a_stretch_as_short_as_its_edges_cannot_be_told():
    expected = (Stretch(0, 100, 8.0), Stretch(100, 108, 6.0), Stretch(108, 200, 8.0))
    assert [c.start_s for c in compare(rows((0, 8)), expected, ALLOWANCE)] == [0, 112]


@pytest.mark.parametrize(("end_s", "told"), [(107, [0]), (108, [0]), (109, [0, 104])])
def test_a_change_as_short_before_the_end_as_its_edges_cannot_be_told(end_s, told):
    expected = (Stretch(0, 100, 8.0), Stretch(100, end_s, None))
    assert [c.start_s for c in compare(rows((0, 8)), expected, ALLOWANCE)] == told


@pytest.mark.parametrize("periods", [(), ((5, 8),)])
def test_a_report_without_a_beginning_is_refused(periods):
    with pytest.raises(ValueError, match=r"errata 3\.45"):
        compare(rows(*periods), EXPECTED, ALLOWANCE)
