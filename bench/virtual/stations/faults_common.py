"""Wrong behaviours of the firmware core and the doubles, which every protocol stack knows."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

FAULTS_COMMON: tuple[Fault, ...] = (
    Fault(
        "dead",
        BOTH,
        "connects, then sends nothing and answers nothing",
        "OCPP 1.6 section 4.2; OCPP 2.0.1 B01.FR.01: a station that started shall send a BootNotification",
    ),
    Fault(
        "accepts_and_does_nothing",
        BOTH,
        "boots, reports statuses and heartbeats, answers every CALL with its smallest agreeing reply, and does nothing",
        "OCPP 1.6 section 5 and OCPP 2.0.1 part 2: every effect that an accepted request owes",
    ),
    Fault(
        "rejects_everything",
        BOTH,
        "boots, reports statuses and heartbeats, and refuses every CALL and every token presented",
        "OCPP 1.6 section 3.3 and OCPP 2.0.1 part 5: a station supports the profiles it claims",
    ),
    Fault(
        "contactor_stays_closed_on_stop",
        BOTH,
        "reports that the transaction stopped, but leaves pilot and contactor as they were",
        "OCPP 1.6 section 5.11 and 2.0.1 F03.FR.01, E06.FR.08: a stop ends the energy transfer",
    ),
    Fault(
        "limit_never_applied",
        BOTH,
        "accepts charging profiles and never changes the pilot duty for them",
        "OCPP 1.6 section 3.13.1; OCPP 2.0.1 K01.FR.03 and following: the accepted limit is in force",
    ),
    Fault(
        "limit_applied_late",
        BOTH,
        "applies a new charging limit 90 s after it came into force",
        "OCPP 1.6 section 3.13.1; OCPP 2.0.1 K01: a limit is in force from its start",
    ),
    Fault(
        "limit_plus_20pct",
        BOTH,
        "offers the EV one fifth more current than the limit in force",
        "OCPP 1.6 section 3.13.1; OCPP 2.0.1 K01: current stays at or below the limit in force",
    ),
    Fault(
        "limit_forgotten",
        BOTH,
        "follows a new limit and offers the full current again 15 s later",
        "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.10: a profile without an end is valid until it is replaced",
    ),
    Fault(
        "limit_stops_charging",
        BOTH,
        "offers no energy at all any more when a lower limit comes",
        "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.04: the limit that was sent is applied",
    ),
    Fault(
        "limit_never_raised",
        BOTH,
        "follows a lower limit and never a higher one",
        "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.04: the limit that was sent is applied",
    ),
    Fault(
        "pause_ends_transaction",
        BOTH,
        "ends the transaction when a limit leaves nothing that a pilot can offer",
        "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.04: the profile is applied to the transaction",
    ),
    Fault(
        "cable_rating_ignored",
        BOTH,
        "offers what the limit allows, whatever the cable in its socket is made for",
        "IEC 61851-1: the duty does not offer more than the rating that the proximity resistor codes",
    ),
    Fault(
        "offers_unasked",
        BOTH,
        "offers energy to every EV that is plugged in, authorised or not",
        "OCPP 1.6 section 4.1; OCPP 2.0.1 C01.FR.01: energy only after authorisation",
    ),
    Fault(
        "emergency_stop_ignored",
        BOTH,
        "tells of the emergency stop and leaves pilot and contactor as they were",
        "an emergency stop switches the outlet off; OCPP 1.6 section 4.1; OCPP 2.0.1 C01.FR.01, E06.FR.16",
    ),
    Fault(
        "closed_in_state_b",
        BOTH,
        "keeps its contactor closed while an authorised EV is in state B",
        "IEC 61851-1 Table A.6 sequence 8.1: the contactor opens when the EV leaves state C",
    ),
    Fault(
        "profile_refused",
        BOTH,
        "rejects every SetChargingProfile",
        "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.04",
    ),
    Fault(
        "stop_refused",
        BOTH,
        "rejects the remote stop of a running transaction",
        "OCPP 1.6 section 5.12; OCPP 2.0.1 F03.FR.07",
    ),
    Fault(
        "stop_not_told",
        BOTH,
        "stops the energy and never tells that the transaction ended",
        "OCPP 1.6 sections 4.10, 5.12: StopTransaction.req; OCPP 2.0.1 F03.FR.03",
    ),
    Fault(
        "waits_for_ev_to_stop",
        BOTH,
        "keeps the contactor closed after a stop for as long as the EV stays in state C",
        "IEC 61851-1 sequence 10.2; OCPP 1.6 sections 4.1, 5.12; OCPP 2.0.1 F03.FR.02",
    ),
    Fault(
        "statuses_told_late",
        BOTH,
        "tells every status and charging state 12 s after it came about",
        "OCPP 1.6 section 4.9; OCPP 2.0.1 G01, E02: a change is told when it happens; no text gives a time",
    ),
    Fault(
        "old_status_told_again",
        BOTH,
        "tells the status before once more, 4 s after it told the one that holds",
        "OCPP 1.6 section 4.9; OCPP 2.0.1 G01.FR.01: the status told is that of the connector",
    ),
)

TOLD_LATE_S = 12.0
TOLD_AGAIN_S = 4.0
"""Delays of the two wrong behaviours of statuses."""
