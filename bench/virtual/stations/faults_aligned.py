"""Wrong behaviours with clock-aligned values and with values taken offline, known to the stacks of both versions."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

FAULTS_ALIGNED: tuple[Fault, ...] = (
    Fault(
        "aligned_to_nothing",
        BOTH,
        "takes clock-aligned values half an interval beside the clock",
        "OCPP 1.6 sections 3.16.2, 9.1.5 ClockAlignedDataInterval; OCPP 2.0.1 J01.FR.14, J01.FR.22",
    ),
    Fault(
        "aligned_never",
        BOTH,
        "takes no clock-aligned values",
        "OCPP 1.6 section 3.16.2; OCPP 2.0.1 J01.FR.22",
    ),
    Fault(
        "offline_meter_values_lost",
        BOTH,
        "throws the meter values of a transaction away that it takes while offline",
        "OCPP 1.6 section 3.7: transaction-related messages are queued; OCPP 2.0.1 E04.FR.01, E12.FR.01",
    ),
    Fault(
        "offline_values_stamped_when_sent",
        BOTH,
        "gives meter values that it took offline the time at which it tells them",
        "OCPP 1.6 sections 3.7, 7.33; OCPP 2.0.1 E04.FR.01, J01.FR.17: a value has the time at which it was taken",
    ),
    Fault(
        "offline_values_read_when_sent",
        BOTH,
        "reads the meter anew for values of times at which it was offline",
        "OCPP 1.6 section 7.33; OCPP 2.0.1 J01.FR.17: a value is that of its timestamp",
    ),
    Fault(
        "clock_ahead",
        BOTH,
        "has a clock that is 20 s ahead of the CSMS's, whatever that tells",
        "OCPP 1.6 section 4.2, 6.8; OCPP 2.0.1 B01.FR.06, G02.FR.06: the station sets its clock by currentTime",
    ),
)

AHEAD_S = 20.0
"""Of the wrong behaviour `clock_ahead`."""
