"""Wrong behaviours of stations that delay changes of load at random, known to the stacks of both versions."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")
_SOURCE = "UK SI 2021/1467, second hand: "

FAULTS_DELAYS: tuple[Fault, ...] = (
    Fault("restarts_not_delayed", BOTH, "offers energy at once after a restart", _SOURCE + "a delay after a restart"),
    Fault(
        "limit_changes_not_delayed",
        BOTH,
        "applies every limit at once",
        _SOURCE + "a delay of every change of load",
    ),
    Fault(
        "random_delay_always_the_same",
        BOTH,
        "delays by the same time each time",
        _SOURCE + "the delay is random",
    ),
    Fault(
        "random_delay_too_long",
        BOTH,
        "delays by more than the maximum",
        _SOURCE + "600 s at most, unless another maximum is set",
    ),
    Fault(
        "random_delay_setting_ignored",
        BOTH,
        "accepts another maximum of the random delay, and keeps to 600 s",
        _SOURCE + "the maximum can be set to 1800 s",
    ),
    Fault(
        "random_delay_override_ignored",
        BOTH,
        "accepts the override of the random delay, and delays on",
        _SOURCE + "the delay can be overridden",
    ),
)
