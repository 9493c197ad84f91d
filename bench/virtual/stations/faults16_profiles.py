"""Wrong behaviours of the OCPP 1.6 stack in taking and reading charging profiles. Sections are those of OCPP 1.6 edition 2."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)
_READ = "sections 7.12 to 7.14: a schedule says what limit holds when"

FAULTS16_PROFILES: tuple[Fault, ...] = (
    Fault(
        "highest_stack_level_refused",
        _V,
        "refuses a profile of the stack level that it tells as its highest",
        "section 9.4.1 ChargeProfileMaxStackLevel",
    ),
    Fault(
        "most_periods_refused",
        _V,
        "refuses a schedule with as many periods as it tells that it takes",
        "section 9.4.3 ChargingScheduleMaxPeriods",
    ),
    Fault(
        "fractions_refused",
        _V,
        "refuses limits that are no whole number of amperes",
        "section 7.14: the limit is a decimal, with at most one digit fraction",
    ),
    Fault(
        "watts_unadvertised_accepted",
        _V,
        "takes schedules in A only and tells so, yet accepts one in W and goes on without limit",
        "sections 7.11, 9.4.2: what is Accepted will be executed, and a unit that is not listed is not supported",
    ),
    Fault("watts_taken_for_amperes", _V, "reads the limit of a schedule in W as amperes", "sections 7.12, 9.4.2"),
    Fault(
        "watts_ignored",
        _V,
        "accepts schedules in W and goes on without limit",
        "sections 7.11, 9.4.2: what is Accepted will be executed",
    ),
    Fault("pause_at_the_start_skipped", _V, "begins a schedule with its first period that is no pause", _READ),
    Fault(
        "start_of_now_missed",
        _V,
        "accepts a schedule that starts no earlier than a second before it came, and never begins it",
        f"section 7.13 startSchedule; {_READ}",
    ),
    Fault(
        "recurrence_off_by_one",
        _V,
        "is one period ahead in a recurring schedule from its second recurrence on",
        "sections 7.9, 7.37; errata 3.79",
    ),
    Fault(
        "profile_lost_on_reconnect",
        _V,
        "forgets the profiles of running transactions when it connects again",
        "section 3.13.6: the TxProfile is used for the duration of the transaction",
    ),
    Fault(
        "composite_duration_zero",
        _V,
        "tells a composite schedule of 0 s with one period, whatever duration is asked for",
        "section 5.7: from the moment of the request up to the duration",
    ),
    Fault(
        "composite_left_out",
        _V,
        "answers GetCompositeSchedule Accepted, and leaves the schedule out",
        "errata 3.51: a Rejected answer may leave it out",
    ),
    Fault(
        "composite_of_station_is_a_connectors",
        _V,
        "tells for connector 0 what the profiles of its first connector leave, without the station's maximum",
        "section 5.7, errata 3.30: what the whole station expects to consume",
    ),
)
