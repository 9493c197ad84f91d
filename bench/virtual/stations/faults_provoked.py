"""Wrong behaviours that show only when something is taken away or set wrong in the middle: supply, answers, the time. Both stacks."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

BEGINS_AGAIN_S = 5.0
"""How long after a restart the wrong behaviour `begins_again_after_power_loss` takes its last driver for authorized."""

FAULTS_PROVOKED: tuple[Fault, ...] = (
    Fault(
        "message_under_way_lost_at_restart",
        BOTH,
        "forgets at a restart the oldest transaction-related message that is not answered yet",
        "OCPP 1.6 sections 3.7, 3.7.1; OCPP 2.0.1 E04.FR.02, E13.FR.02: it is sent again until it is processed",
    ),
    Fault(
        "resumes_without_its_limit",
        BOTH,
        "goes on with a transaction that a loss of supply interrupted, and forgets the TxProfile that limited it",
        "OCPP 1.6 errata 3.37; OCPP 2.0.1 K01.FR.27: profiles persist across reboots and power cycles",
    ),
    Fault(
        "begins_again_after_power_loss",
        BOTH,
        "ends a transaction that a loss of supply interrupted, and begins another one for its driver",
        "OCPP 1.6 sections 4.1, 4.8; OCPP 2.0.1 C01.FR.01: another transaction takes another authorization",
    ),
    Fault(
        "samples_wait_for_the_clock",
        BOTH,
        "takes no sample in a transaction until its clock is past the time of the sample before",
        "OCPP 1.6 sections 3.16.1, 4.7; OCPP 2.0.1 J02.FR.11: a sample every interval",
    ),
    Fault(
        "clock_never_put_back",
        BOTH,
        "sets its clock by the CSMS forward only, and leaves it where it would go back by more than a minute",
        "OCPP 1.6 sections 6.47, 6.49; OCPP 2.0.1 G02.FR.06, part 2, TransactionEventRequest: the time at which it happened",
    ),
    Fault(
        "offset_of_time_ignored",
        BOTH,
        "takes the time that the CSMS tells for UTC, whatever offset it has",
        "OCPP 1.6 section 3.15: receivers handle time zone offsets; OCPP 2.0.1 part 2, 3.1: RFC 3339",
    ),
)
