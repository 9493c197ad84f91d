"""Wrong behaviours that show only when something is taken away or set wrong in the middle: supply, answers, the time. Both stacks."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

FAULTS_PROVOKED: tuple[Fault, ...] = (
    Fault(
        "message_under_way_lost_at_restart",
        BOTH,
        "forgets at a restart the oldest transaction-related message that is not answered yet",
        "OCPP 1.6 sections 3.7, 3.7.1; OCPP 2.0.1 E04.FR.02, E13.FR.02: it is sent again until it is processed",
    ),
)
