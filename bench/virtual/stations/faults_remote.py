"""Wrong behaviours under commands of the CSMS. Sections are those of OCPP 1.6 edition 2, ids those of OCPP 2.0.1 part 2, edition 3."""

from bench.virtual.stations.fault import Fault

_V16 = ("1.6",)
_V201 = ("2.0.1",)

HANG_S = 31.0
"""How long a station hangs before its watchdog restarts it."""

LOOP_S = 5.0
LOOPS = 4
"""How long a transaction lasts that a station gives up again, and how often it tries."""

FAULTS_REMOTE: tuple[Fault, ...] = (
    Fault(
        "trigger_of_meter_values_rejected",
        _V16,
        "rejects every trigger of MeterValues",
        "OCTT TC_054_CS; section 3.3: the profile RemoteTrigger",
    ),
    Fault(
        "hangs_on_operative_of_the_station",
        _V16,
        "never answers a change of connector 0 to Operative, and restarts 31 s later",
        "section 5.2: it SHALL respond with a ChangeAvailability.conf",
    ),
    Fault(
        "remote_start_with_profile_rejected",
        _V16,
        "rejects a remote start that has a charging profile, and takes the same without",
        "section 5.11; OCTT TC_059_CS: the profile is used for the transaction",
    ),
    Fault(
        "remote_start_loops",
        _V16,
        "stops a remotely started transaction 5 s after it began, and starts another, again and again",
        "section 5.11; section 4.10: a transaction ends for a reason",
    ),
    Fault(
        "start_while_finishing_ignored",
        _V16,
        "accepts a remote start while the cable of a stopped transaction is in, and does nothing",
        "section 5.11: Accepted is an attempt to start; section 4.9, F2",
    ),
    Fault(
        "trigger_for_one_connector_rejected",
        _V16,
        "rejects every trigger of StatusNotification that names a connector",
        "section 5.17: the connectorId says to which connector the request applies",
    ),
    Fault(
        "triggered_meter_values_missing",
        ("1.6", "2.0.1"),
        "accepts a trigger of MeterValues and sends none",
        "OCPP 1.6 section 5.17; OCPP 2.0.1 F06.FR.06, F06.FR.10",
    ),
    Fault(
        "certificate_trigger_without_request",
        _V201,
        "accepts a trigger of SignChargingStationCertificate and sends no SignCertificate",
        "F06.FR.10, A02.FR.03",
    ),
    Fault(
        "plug_never_released",
        ("1.6", "2.0.1"),
        "holds the plug after every stop, and (1.6) answers Unlocked to UnlockConnector without moving the lock",
        "section 5.18: the answer says whether it was able to unlock; E06.FR.10: it SHALL unlock the cable",
    ),
    Fault(
        "operative_again_rejected",
        _V201,
        "rejects a change of availability to what holds already",
        "G03.FR.03, G04.FR.04: it SHALL respond with Accepted",
    ),
    Fault(
        "session_ends_by_itself",
        _V201,
        "ends every transaction 5 s after it began to charge",
        "E06: a transaction ends when a condition of TxStopPoint is met",
    ),
    Fault(
        "unlocks_in_authorized_transaction",
        _V201,
        "unlocks the plug of an authorized transaction on UnlockConnector, and answers Unlocked",
        "F05.FR.02: it SHALL NOT try to unlock, and answers OngoingAuthorizedTransaction",
    ),
)
