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
)
