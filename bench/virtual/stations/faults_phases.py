"""Wrong behaviours in switching between one phase and three, known to the stacks of both versions."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

FAULTS_PHASES: tuple[Fault, ...] = (
    Fault(
        "phases_ignored",
        BOTH,
        "accepts a profile for one phase, and limits the current on three",
        "OCPP 1.6 sections 7.14, 9.4.4; OCPP 2.0.1 K01.FR.43: no more than numberPhases are used",
    ),
    Fault(
        "phases_switched_under_load",
        BOTH,
        "changes the number of phases while it offers energy",
        "IEC 61851-1, second hand: a change comes with a pause in state X1",
    ),
    Fault(
        "phase_pause_too_short",
        BOTH,
        "offers energy again 1.5 s after it stopped to, when the number of phases changed",
        "IEC 61851-1, second hand: 3 s in state X1 before the next offer",
    ),
)
