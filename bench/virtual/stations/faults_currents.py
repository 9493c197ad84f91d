"""Wrong behaviours in following a current limit, known to the stacks of both versions. The field knows each of them."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")
_AT_ANY_TIME = "OCPP 1.6 section 3.13.3; OCPP 2.0.1 K01.FR.04: the limit in force holds at any point in time"
_UPDATED = (
    "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.04: the new profile replaces the old one, and is what is followed"
)

FIXED_A = 10.0
"""What `limit_fixed_at_start` charges with."""

LATE_CLEAR_S = 30.0
"""Delay of the wrong behaviour `clear_applied_late`."""

FAULTS_CURRENTS: tuple[Fault, ...] = (
    Fault(
        "limit_spikes_when_set",
        BOTH,
        "offers the full current for 5 s after every profile that comes, whether it changes the limit or not",
        _AT_ANY_TIME,
    ),
    Fault(
        "limit_lost_on_resume",
        BOTH,
        "offers the full current when a higher limit ends a pause; the next limit is followed again",
        _AT_ANY_TIME,
    ),
    Fault("limit_fixed_at_start", BOTH, "offers 10 A from start to end, whatever limit comes from 6 A on", _UPDATED),
    Fault("offer_stuck_at_lowest", BOTH, "offers and tells 6 A whatever the limit, from 6 A on", _UPDATED),
    Fault(
        "limit_lifted_offline",
        BOTH,
        "offers the full current from the moment that it loses its connection, until another limit comes",
        "OCPP 1.6 section 3.13.6; OCPP 2.0.1 block K, K01.FR.27: profiles are kept while offline",
    ),
    Fault(
        "clear_applied_late",
        BOTH,
        "follows what is left 30 s after it accepted that a profile is cleared",
        "OCPP 1.6 section 5.5; OCPP 2.0.1 K10.FR.05: the profile is gone",
    ),
    Fault(
        "maximum_for_each_evse",
        BOTH,
        "gives every EVSE the whole of what a maximum profile allows the station",
        "OCPP 1.6 section 3.13.3; OCPP 2.0.1 block K, 3.2: the maximum is for all connectors combined",
    ),
    Fault(
        "limit_in_the_rest_kills_the_pilot",
        BOTH,
        "never offers energy again to an EV when another limit comes in the seconds without PWM before an offer",
        "OCPP 1.6 sections 4.9, 5.16.3; OCPP 2.0.1 K01.FR.04: a limit of 6 A or more is offered",
    ),
    Fault(
        "wedged_when_unplugged_in_a_pause",
        BOTH,
        "faults and keeps its socket locked, until it is restarted, when the EV leaves while a limit pauses the energy",
        "OCPP 1.6 sections 4.9, 5.18; OCPP 2.0.1 E09, E10: unplugging ends the session",
    ),
)
