"""Wrong behaviours where the supply, the pilot circuit or the cable are disturbed, which every protocol stack knows."""

from bench.virtual.stations.fault import Fault

_V = ("1.6", "2.0.1")
_DEAD = "OCPP 1.6 sections 4.9, 7.7; OCPP 2.0.1 C01.FR.01; IEC 61851-1 (second hand)"

FAULTS_GRID: tuple[Fault, ...] = (
    Fault(
        "pilot_faults_ignored",
        _V,
        "goes on as before when the control pilot is shorted, open or without its diode while a plug is in",
        f"energy only on a sound control pilot: {_DEAD}",
    ),
    Fault(
        "pilot_faults_forgotten",
        _V,
        "takes an error of the control pilot for a pause of the EV, and supplies again 8 s later although it lasts",
        f"energy only on a sound control pilot: {_DEAD}",
    ),
    Fault(
        "ventilation_assumed",
        _V,
        "supplies an EV that asks for ventilation although it has none",
        "IEC 61851-1 Annex A, state D (second hand)",
    ),
    Fault(
        "ventilation_refused",
        _V,
        "has ventilation and does not supply an EV that asks for it",
        "OCPP 1.6 section 4.1; OCPP 2.0.1 use case E02: energy after authorisation; IEC 61851-1 state D (second hand)",
    ),
    Fault(
        "invalid_proximity_accepted",
        _V,
        "takes a proximity resistor that codes no cable for the largest cable",
        "IEC 61851-1 proximity resistors (second hand): no energy through an unknown cable",
    ),
    Fault(
        "supply_faults_ignored",
        _V,
        "does not watch voltage and frequency of its supply",
        "a station tells what keeps it from charging; PIXIT supply limits of the station",
    ),
    Fault(
        "supply_faults_noticed_late",
        _V,
        "cuts energy only a minute after its supply went beyond a limit",
        "PIXIT supply_fault_to_dead_s",
    ),
    Fault(
        "supply_fault_kept",
        _V,
        "stays faulted when its supply is within the limits again",
        "OCPP 1.6 section 4.9 I1 to I8; OCPP 2.0.1 B01 remarks: Faulted while something is wrong",
    ),
    Fault(
        "fault_kept_after_cure",
        _V,
        "stays faulted until it restarts when the fault at its terminals is gone",
        "OCPP 1.6 section 4.9 I1 to I8; OCPP 2.0.1 B01 remarks: Faulted while something is wrong",
    ),
    Fault(
        "chatters_after_a_dip",
        _V,
        "opens and closes its contactor three times after the supply's voltage came back",
        "a contactor opens and closes at most once for a dip (PIXIT dip_openings)",
    ),
    Fault(
        "energy_cut_not_told",
        _V,
        "cuts energy by itself, and tells neither a new status nor the end of the transaction",
        "OCPP 1.6 sections 4.9, 4.10; OCPP 2.0.1 E02.FR.13, E06.FR.16",
    ),
    Fault(
        "faulted_not_told",
        ("2.0.1",),
        "leaves out every Faulted",
        "OCPP 2.0.1 B01 remark, ConnectorStatusEnumType",
    ),
    Fault(
        "supply_fault_code_other",
        ("1.6",),
        "tells a voltage beyond its limits as OtherError",
        "OCPP 1.6 section 7.6: OverVoltage, UnderVoltage",
    ),
    Fault(
        "faulted_takes_sessions",
        ("2.0.1",),
        "begins a session and charges at a connector that it reports as Faulted",
        "OCPP 2.0.1 ConnectorStatusEnumType: Faulted is not available for energy delivery",
    ),
    Fault(
        "interrupted_transaction_lost",
        ("2.0.1",),
        "never tells the end of a transaction that a loss of supply interrupted",
        "OCPP 2.0.1 E06: a transaction has an Ended event; stoppedReason PowerLoss",
    ),
    Fault(
        "evse_rating_ignored",
        _V,
        "offers what the cable carries, beyond its own rating as well",
        "the station file's rated current; IEC 61851-1: the duty says what the EVSE can supply",
    ),
    Fault(
        "weld_not_noticed",
        _V,
        "does not look whether its contactor opened",
        "OCPP 1.6 sections 4.9, 7.7: Faulted; OCPP 2.0.1 B01: Faulted when something is wrong",
    ),
    Fault(
        "charging_stops_offline",
        _V,
        "offers no energy while it has no connection to the CSMS",
        "OCPP 1.6 section 3.5: stand-alone operation; OCPP 2.0.1 E04: the transaction goes on while offline",
    ),
    Fault(
        "offline_energy_not_counted",
        _V,
        "leaves the energy out of its register that flows while it has no connection",
        "OCPP 1.6 section 6.49; OCPP 2.0.1 E04, J02: the register at the end is the meter's",
    ),
)
