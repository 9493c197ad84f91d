"""Wrong behaviours in what a station tells of its connectors. Sections are those of OCPP 1.6 edition 2, ids those of OCPP 2.0.1 part 2, edition 3."""

from bench.virtual.stations.fault import Fault

_V16 = ("1.6",)
_V201 = ("2.0.1",)

EARLY_S = 14.0
"""When a station takes a plugged-in EV for one that nobody wants to charge."""

BLIP_S = 5.0
"""How long after a transaction began a station loses sight of the plug for a moment."""

FAULTS_STATUS: tuple[Fault, ...] = (
    Fault(
        "preparing_outlives_the_cable",
        _V16,
        "stays Preparing when an EV that began no transaction is unplugged, over restarts as well, and takes no start",
        "section 4.9, B1; errata 3.19: the plug is removed, and Available is told",
    ),
    Fault(
        "preparing_given_up_early",
        _V16,
        "goes from Preparing to Finishing 14 s after the plug came in, whatever ConnectionTimeOut says",
        "section 9.1.6; section 4.9, B6: timed out",
    ),
    Fault(
        "one_connector_untold_after_boot",
        _V16,
        "tells no status of its last connector once the boot is accepted",
        "section 4.9; errata 3.22: connector 0 and all connectors",
    ),
    Fault(
        "available_after_stop_with_cable",
        _V16,
        "tells Available and not Finishing when a transaction stopped and the cable is in, and takes no start until it is out",
        "section 4.9, C6; section 7.7: Finishing is a connector that is not yet available for a new user",
    ),
    Fault(
        "available_in_transaction",
        _V16,
        "tells Available 5 s after a transaction began, and goes on with it",
        "sections 4.9, 7.7: Available is a connector that is free for a new user",
    ),
    Fault(
        "available_for_a_moment_after_boot",
        _V16,
        "tells Available after a boot of what was set to Inoperative, and Unavailable some seconds later",
        "sections 4.9, 5.2: Unavailable is persistent across a reboot",
    ),
    Fault(
        "available_after_transaction_with_cable",
        _V201,
        "tells Available when a transaction ended and the EV is still connected",
        "G01.FR.04: Available when the EV is disconnected",
    ),
    Fault(
        "available_by_event_while_occupied",
        _V201,
        "tells Occupied, and 4 s later Available by NotifyEvent of AvailabilityState",
        "G01.FR.01, G01.FR.04: Available when the EV is disconnected",
    ),
    Fault(
        "station_told_as_a_connector",
        _V201,
        "sends a StatusNotification of evseId 0 and connectorId 0 after the boot",
        "B01.FR.05, G01: a status is that of a connector; part 1, 7.2: ids count from 1",
    ),
)
