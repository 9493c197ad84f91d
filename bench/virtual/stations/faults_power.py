"""Wrong behaviours of pilot, contactor, lock and meter that show in volts, amperes and seconds, whatever the protocol."""

from bench.virtual.stations.fault import Fault

_V = ("1.6", "2.0.1")

FAULTS_POWER: tuple[Fault, ...] = (
    Fault(
        "awaited_driver_charges_untold",
        _V,
        "gives energy, in no transaction, to an EV that comes after a loss of supply where a driver was awaited before it",
        "OCPP 1.6 sections 4.1, 4.8; OCPP 2.0.1 C01.FR.01, E01: energy after authorisation, in a transaction that is told",
    ),
    Fault(
        "limit_overshoots_when_raised",
        _V,
        "offers the full current for 5 s when a limit is raised, and what was asked for only then",
        "OCPP 1.6 section 3.13.1; OCPP 2.0.1 K01: the current stays at or below the limit in force",
    ),
    Fault(
        "zero_limit_is_none",
        _V,
        "takes a limit of 0 A for no limit at all",
        "OCPP 1.6 section 7.13; OCPP 2.0.1 K01.FR.04: the limit that was sent is applied",
    ),
    Fault(
        "pilot_kept_in_a_pause",
        _V,
        "opens its contactor for a limit below 6 A and leaves the pilot's PWM as it was",
        "IEC 61851-1 Annex A: a duty of 8 to 97 % offers current",
    ),
    Fault(
        "pause_cut_short",
        _V,
        "offers the full current again 20 s after a limit paused the energy",
        "OCPP 1.6 section 5.16.3; OCPP 2.0.1 K01.FR.04: a profile without an end is valid until it is replaced",
    ),
    Fault(
        "unlocks_under_load",
        _V,
        "lets the plug go as soon as a stop is asked for, whatever its contactor does",
        "the socket is without energy before its lock lets the plug go",
    ),
    Fault(
        "pwm_left_on_after_stop",
        _V,
        "takes the PWM away 8 s after a stop, in place of at once",
        "IEC 61851-1: a station that ends the offer of energy takes the PWM away",
    ),
    Fault(
        "opens_at_once_under_load",
        _V,
        "opens its contactor 0.5 s after the PWM, although the EV draws on",
        "IEC 61851-1 sequence 10.2: an EV that stays in state C has some seconds to end its current",
    ),
    Fault(
        "pwm_before_authorization",
        _V,
        "gives PWM to every EV that is plugged in; its contactor waits for the authorization",
        "IEC 61851-1: no PWM while no energy is on offer; OCPP 1.6 section 4.1; OCPP 2.0.1 C01.FR.01",
    ),
    Fault(
        "closes_late",
        _V,
        "closes its contactor 8 s after the EV asked for energy",
        "IEC 61851-1 sequence 4: the contactor closes within 3 s",
    ),
    Fault(
        "contactor_pulses_at_boot",
        _V,
        "closes its contactor for 80 ms whenever it boots, as outputs do that float until they are set",
        "OCPP 1.6 section 4.1; OCPP 2.0.1 C01.FR.01: energy only after authorisation",
    ),
    Fault(
        "plug_loss_debounced",
        _V,
        "believes 0.5 s after the plug left the socket that it did",
        "IEC 61851-1 Table A.6 sequence 8.1: the contactor is open 100 ms after the EV is gone",
    ),
    Fault(
        "supplies_what_it_finds",
        _V,
        "offers energy to an EV that is connected when it starts, whoever was authorised before",
        "OCPP 1.6 section 4.1; OCPP 2.0.1 C01.FR.01: energy only after authorisation",
    ),
    Fault(
        "register_forgotten_at_restart",
        _V,
        "counts its register from 0 again after every restart",
        "OCPP 1.6 errata 3.78; OCPP 2.0.1 J02.FR.17: registers are those of a non-volatile register",
    ),
    Fault(
        "register_falls_at_midnight",
        _V,
        "takes 30 kWh from its register when the day changes",
        "OCPP 1.6 errata 3.78; OCPP 2.0.1 J02.FR.16: registers increase monotonically",
    ),
    Fault(
        "register_jumps_at_midnight",
        _V,
        "adds 100 kWh to its register when the day changes",
        "OCPP 1.6 errata 3.78; OCPP 2.0.1 J02.FR.17: registers are those of the meter",
    ),
    Fault(
        "register_jumps_when_offline",
        _V,
        "adds 30 kWh to its register whenever it loses its connection",
        "OCPP 1.6 errata 3.78; OCPP 2.0.1 J02.FR.17: registers are those of the meter",
    ),
)
