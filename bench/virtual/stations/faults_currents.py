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
        "OCPP 1.6 section 3.13.6; OCPP 2.0.1 K06.FR.01: the TxProfile is used on while offline",
    ),
    Fault(
        "clear_applied_late",
        BOTH,
        "follows what is left 30 s after it accepted that a profile is cleared",
        "OCPP 1.6 section 5.5; OCPP 2.0.1 K10.FR.05: the profile is gone",
    ),
    Fault(
        "tx_profile_outlives_transaction",
        BOTH,
        "goes by the TxProfile of a transaction in those that follow it, too",
        "OCPP 1.6 section 3.13.1: for the duration of the current transaction only; OCPP 2.0.1 K02.FR.05",
    ),
    Fault(
        "profiles_lost_at_restart",
        BOTH,
        "forgets its charging profiles when it restarts",
        "OCPP 1.6 errata 3.37; OCPP 2.0.1 K01.FR.27: profiles persist across reboots and power cycles",
    ),
    Fault(
        "replaced_profile_kept",
        ("2.0.1",),
        "keeps and reports a charging profile beside the one of the same id that replaced it",
        "OCPP 2.0.1 K01.FR.05: the existing profile is replaced",
    ),
    Fault(
        "profiles_never_reported",
        ("2.0.1",),
        "accepts GetChargingProfiles and reports nothing",
        "OCPP 2.0.1 K09.FR.06: what matches is reported",
    ),
    Fault(
        "limit_above_rating_trips",
        BOTH,
        "faults for overcurrent and supplies no more when a profile allows more than it is rated for",
        "OCPP 1.6 sections 3.13.3, 5.7; OCPP 2.0.1 K01.FR.04: a limit is the most that may be drawn, and no demand",
    ),
    Fault(
        "overcurrent_half_ignored",
        BOTH,
        "lets an EV draw half as much again as it is offered, though it has a monitor for that",
        "IEC 61851-1, load current monitoring (not read); the station's own claim, PIXIT overcurrent_share_pct",
    ),
    Fault(
        "overcurrent_ignored",
        BOTH,
        "goes on when the EV draws more than it is offered, though it has a monitor for that",
        "IEC 61851-1, load current monitoring (not read); the station's own claim, PIXIT overcurrent_to_dead_s",
    ),
    Fault(
        "maximum_for_each_evse",
        BOTH,
        "gives every EVSE the whole of what a maximum profile allows the station",
        "OCPP 1.6 section 3.13.3; OCPP 2.0.1 part 2, block K, 3.5: the maximum is for all connectors combined",
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
        "OCPP 1.6 sections 4.9, 5.18; OCPP 2.0.1 G01.FR.04: a connector without EV is Available",
    ),
)
