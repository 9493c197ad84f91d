"""The PIXIT of a station: what a test needs to know of it beyond its features - tokens, timers, limits."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Annotated, Literal

from harness.limits import Basis
from harness.model.strict import Matches, MisfitError, NonEmpty, Range, nearest

PhaseRotation = Literal["RST", "RTS", "SRT", "STR", "TRS", "TSR"]
"""Which phase of the grid is on lines 1, 2 and 3 of a connector (OCPP 1.6 9.1.7; OCPP 2.0.1 Part 2, 2.13.5)."""

FileProtocol = Literal["ftp", "ftps", "http", "https"]

FileName = Annotated[str, NonEmpty()]
"""A file, from the folder of the station file."""

TokenType = Literal["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"]
"""IdTokenEnumType (OCPP 2.0.1 Edition 3 Part 2, 3.43)."""

Token = Annotated[str, Matches(r"[A-Za-z0-9*_=:+|@.-]{1,36}", "1 to 36 characters of A-Z a-z 0-9 * - _ = : + | @ .")]
"""IdToken: identifierString of at most 36 characters (OCPP 2.0.1 Part 2, IdTokenType); 1.6 takes 20."""

Seconds = Annotated[float, Range(0.001, 86400)]

_LIMITS = {
    "profile_applied_within_s": Basis(
        "IEC 61851-1, 10 s for the station's pilot and 5 s for the EV; the tables were not read",
        "pixit.profile_applied_within_s",
        adopted=False,
    ),
    "stop_to_noise_floor_s": Basis(
        "IEC 61851-1 sequence 10.2, 6 s for an EV that ignores the pilot, and our allowance; the table was not read",
        "pixit.stop_to_noise_floor_s",
        adopted=False,
    ),
    "emergency_stop_to_dead_s": Basis(
        "our figure for an emergency stop, with room for a sampling analyser; no standard was read",
        "pixit.emergency_stop_to_dead_s",
        adopted=False,
    ),
    "unplug_to_dead_s": Basis(
        "our figure, which a sampling analyser can tell; IEC 61851-1 Table A.6 sequence 8.1 asks for 100 ms, second hand",
        "pixit.unplug_to_dead_s",
        adopted=False,
    ),
    "schedule_step_within_s": Basis(
        "our figure for how far a step of a schedule may lie from its time, the EV's reaction included; no standard binds it, "
        "and the start of a Relative schedule is the station's to choose (OCPP 1.6 7.9; 2.0.1 K01.FR.42 recommends)",
        "pixit.schedule_step_within_s",
        adopted=False,
    ),
    "status_told_within_s": Basis(
        "our figure from the edge to the message: 2 s, and room for a manufacturer's own minimal status duration (OCPP 1.6 4.9)",
        "pixit.status_told_within_s",
        adopted=False,
    ),
    "aligned_within_s": Basis(
        "our figure for how far a clock-aligned value may lie from its time of the clock; the documents name the times and no tolerance",
        "pixit.aligned_within_s",
        adopted=False,
    ),
    "phase_pause_s": Basis(
        "IEC 61851-1, 3 s in state X1 before energy is offered again; taken second hand, the standard was not read",
        "pixit.phase_pause_s",
        adopted=False,
    ),
    "random_delay_max_s": Basis(
        "UK SI 2021/1467, 600 s unless another maximum is set; taken second hand, the text was not read",
        "pixit.random_delay_max_s",
        adopted=False,
    ),
    "random_delay_spread_s": Basis(
        "our figure for how far apart random delays must lie at least; the law asks for a random time and gives no spread",
        "pixit.random_delay_spread_s",
        adopted=False,
    ),
    "contactor_opens_within_s": Basis(
        "IEC 61851-1 Table A.6 sequence 8.1, 100 ms from state B or A; taken second hand, the table was not read",
        "pixit.contactor_opens_within_s",
        adopted=False,
    ),
    "emergency_stop_opens_within_s": Basis(
        "our figure for an emergency stop that an oscilloscope sees; no standard was read",
        "pixit.emergency_stop_opens_within_s",
        adopted=False,
    ),
    "contactor_drops_out_within_s": Basis(
        "our figure for the time; that a contactor is open at 20 % of its coil's voltage is IEC 60947-4-1, from memory",
        "pixit.contactor_drops_out_within_s",
        adopted=False,
    ),
    "pilot_edge_us": Basis(
        "IEC 61851-1 Annex A and SAE J1772, 2 us from 10 to 90 % at the station, rising and falling; from memory",
        "pixit.pilot_edge_us",
        adopted=False,
    ),
    "inrush_peak_a": Basis(
        "ISO 17409, 230 A within the first 100 us; from memory, the standard was not read",
        "pixit.inrush_peak_a",
        adopted=False,
    ),
    "inrush_a2s": Basis(
        "our figure, about that of 230 A for 100 us and what may follow; no standard was read",
        "pixit.inrush_a2s",
        adopted=False,
    ),
    "closing_current_a": Basis(
        "our figure for contacts that close without load, below the smallest current that a pilot offers; no standard was read",
        "pixit.closing_current_a",
        adopted=False,
    ),
    "sampled_value_tolerance_pct": Basis(
        "our figure for current, voltage and power that a station samples; no standard binds them",
        "pixit.sampled_value_tolerance_pct",
        adopted=False,
    ),
    "pilot_duty_tolerance_pct": Basis(
        "IEC 61851-1 Annex A, 0.5 percentage points at the station; taken second hand, the table was not read",
        "pixit.pilot_duty_tolerance_pct",
        adopted=False,
    ),
    "pilot_frequency_tolerance_pct": Basis(
        "IEC 61851-1 Annex A, 1 kHz within 0.5 %; taken second hand, the table was not read",
        "pixit.pilot_frequency_tolerance_pct",
        adopted=False,
    ),
    "pilot_follows_within_s": Basis(
        "IEC 61851-1, 10 s from a new limit to the pilot that says it; second hand, the table was not read",
        "pixit.pilot_follows_within_s",
        adopted=False,
    ),
    "pilot_steady_in_pause": Basis(
        "IEC 61851-1 Annex A, no PWM of 8 to 97 % while no energy is offered; second hand, the table was not read",
        "pixit.pilot_steady_in_pause",
        adopted=False,
    ),
    "pilot_steady_before_authorization": Basis(
        "IEC 61851-1 Annex A, no PWM of 8 to 97 % while the station is not ready to supply; second hand",
        "pixit.pilot_steady_before_authorization",
        adopted=False,
    ),
    "pwm_off_within_s": Basis(
        "our figure for a stop that was accepted; no standard was read", "pixit.pwm_off_within_s", adopted=False
    ),
    "dead_before_unlock": Basis(
        "our reading of what an interlock is for; no standard was read", "pixit.dead_before_unlock", adopted=False
    ),
    "forced_opening_s": Basis(
        "IEC 61851-1 sequence 10.2, second hand: one source has 6 s as the least, another as the most",
        "pixit.forced_opening_s",
        adopted=False,
    ),
    "contactor_closes_within_s": Basis(
        "IEC 61851-1 Table A.6 sequence 4, 3 s from state C2; second hand, the table was not read",
        "pixit.contactor_closes_within_s",
        adopted=False,
    ),
    "power_integral": Basis(
        "our formula for register and sampled power; no standard binds the one to the other",
        "pixit.power_integral",
        adopted=False,
    ),
    "pilot_fault_to_dead_s": Basis(
        "IEC 61851-1 Table A.6, 0.1 s to 3 s by the sequence; from memory, the table was not read",
        "pixit.pilot_fault_to_dead_s",
        adopted=False,
    ),
    "ventilation_state": Basis(
        "IEC 61851-1 Annex A: no energy in state D without ventilation; second hand",
        "pixit.ventilation_state",
        adopted=False,
    ),
    "invalid_proximity": Basis(
        "IEC 61851-1, proximity resistors: no energy through a cable that no resistor codes; second hand",
        "pixit.invalid_proximity",
        adopted=False,
    ),
    "supply_fault_to_dead_s": Basis(
        "our figure from the supply's leaving the station's limits to a dead outlet; no standard was read",
        "pixit.supply_fault_to_dead_s",
        adopted=False,
    ),
    "overcurrent_to_dead_s": Basis(
        "our figure from a current above the offer to a dead outlet; IEC 61851-1 (load current monitoring) was not read",
        "pixit.overcurrent_to_dead_s",
        adopted=False,
    ),
    "overcurrent_share_pct": Basis(
        "our figure for how far above the offer load current monitoring lets an EV draw; IEC 61851-1 was not read",
        "pixit.overcurrent_share_pct",
        adopted=False,
    ),
    "dip_openings": Basis(
        "our figure for a contactor that does not chatter; IEC 61000-4-11 was not read",
        "pixit.dip_openings",
        adopted=False,
    ),
    "standby_power_w": Basis("the vendor's own data sheet, as the PIXIT states it", "pixit.standby_power_w"),
    "noise_floor_a": Basis("our figure for 'no current'", "pixit.noise_floor_a"),
    "outlet_dead_v": Basis(
        "our figure for 'no voltage': behind open contacts only induced volts are left", "pixit.outlet_dead_v"
    ),
    "register_continuity": Basis(
        "recommended only: OCPP 1.6 errata 3.78 and 2.0.1 J02.FR.17 say SHOULD",
        "pixit.register_continuity",
        adopted=False,
    ),
    "unknown_vendor_refused": Basis(
        "OCPP 1.6 4.3 asks for UnknownVendorId; the test case document (TC_062_CS) lets Accepted pass and warns of it",
        "pixit.unknown_vendor_refused",
        adopted=False,
    ),
    "meter_value_tolerance_pct": Basis("our figure for a gross error", "pixit.meter_value_tolerance_pct"),
}


@dataclass(frozen=True, slots=True)
class Pixit:
    """What the vendor states for testing; None is not stated, and a case that needs it says so.

    Tokens: `valid_id_token` and `second_id_token` are accepted and of no common group; `invalid_id_token` is known and
    refused, `unknown_id_token` known to nobody; `same_group_id_token` shares `group_id_token` with the valid one.
    `connection_timeout_s` is how long the station waits for the cable after an authorization (1.6 ConnectionTimeOut,
    2.0.1 EVConnectionTimeOut). `message_timeout_s` bounds each answer (30 s is the guideline of 2.0.1 Part 2,
    NetworkConnectionProfileType.messageTimeout), `long_operation_timeout_s` a boot or reset, and
    what is told after it of the transactions that it interrupted, `max_time_deviation_s` any
    comparison of times (4 s is what labs use). `heartbeat_interval_s` is the interval that the CSMS answers a boot with
    where a case judges heartbeats or the wait for the next boot. `meter_value_interval_s` is the sampling interval that cases set, and
    `clock_aligned_interval_s` the interval of clock-aligned values,
    `meter_value_tolerance_pct` how far what the station reports while it charges may lie from the bench's meter before
    it is a gross error; it is our figure, and the accuracy class is judged elsewhere. `profile_applied_within_s`, `stop_to_noise_floor_s` and `noise_floor_a`
    limit what the bench measures, as does `outlet_dead_v`, the voltage that may be left at an outlet that is off;
    `schedule_step_within_s` is how far from its time a step of a charging schedule may show on pilot and current;
    `status_told_within_s` is how long after the edge at the outlet a state is told, less what MinimumStatusDuration adds;
    `aligned_within_s` is how far the time of a clock-aligned value may lie from the interval's;
    `phase_pause_s` is how long the pilot is without PWM at least when the number of phases changes;
    `random_delay_max_s` is the longest random delay of a change of load, `random_delay_settable_s` what that can be set to,
    `random_delay_spread_s` how far apart the shortest and the longest of `random_delay_trials` delays lie at least;
    `random_delay_setting` and `random_delay_override` name what sets the maximum (seconds) and switches the delay off (true): a key
    of 1.6, Component.Variable of 2.0.1; `free_vend_setting` names the key of 1.6 with the tag for which whoever plugs in is charged;
    `sampled_value_tolerance_pct` is how far sampled currents, voltages and powers may lie from the bench's analyser;
    `emergency_stop_to_dead_s` and `unplug_to_dead_s` bound the time from button or plug to an outlet without current and voltage;
    `contactor_opens_within_s` and `emergency_stop_opens_within_s` bound the same by an oscilloscope, from the pilot's edge and from the button;
    `contactor_drops_out_within_s` bounds the time from a supply that is too low for any coil to an open contactor; `pilot_edge_us` (microseconds, from 10 to 90 %)
    the rise and the fall of the pilot's pulses;
    `inrush_peak_a`, `inrush_a2s` and `closing_current_a` (RMS, once the inrush is over) what flows when the contacts close;
    `pilot_duty_tolerance_pct` (percentage points) and `pilot_frequency_tolerance_pct` (of 1 kHz) limit the control pilot;
    `pilot_follows_within_s` bounds the time from a new limit to the pilot that says it, `pwm_off_within_s` that from an accepted stop to the end of the PWM,
    `contactor_closes_within_s` that from state C2 to voltage at the outlet; `forced_opening_s`, within `forced_opening_tolerance_s`, is how long after its PWM went
    the contactor opens under an EV that draws on. `phase_rotation` is that of the installation under test, where the station does not tell it. `register_watch_s` is how long a register is watched that must never step back;
    `pilot_fault_to_dead_s` and `supply_fault_to_dead_s` do so for an error of the pilot and for a supply beyond the station's own
    limits, which are `over_voltage_v`, `under_voltage_v` (phase to neutral), `over_frequency_hz` and `under_frequency_hz`;
    `overcurrent_to_dead_s` bounds how long an EV may draw more than it is offered, at a station that claims `HIL-LoadMonitoring`, and
    `overcurrent_share_pct` is how far above the offer it may draw without that (percent of the offer);
    `standby_power_w` is what the whole station takes from its supply at most while nobody uses it;
    `dip_openings` is how often a contactor may open for one dip of the supply. `ventilation_state` and `invalid_proximity` have no
    value, only a basis: whether state D without ventilation, and a resistor that codes no cable, keep energy off;
    those whose `basis` is not adopted fail nothing until `adopted_limits` lists them. `energy_test_limit_s` bounds the
    time that an energy comparison may charge for. `cpo_name` is the operator's name that stands in the station's certificates
    (1.6 CpoName). `local_limit_a` is the current per phase that the station allows by itself,
    without any charging profile, where that is less than the rated one. `fault_condition` is what the bench's fault injector makes where a case
    needs the station Faulted, whatever the fault. `reservation_duration_s` is how long a reservation lasts that a case lets expire.
    `register_continuity` has no value, only a basis: registers that go on
    from one transaction to the next are recommended, not required. So has `unknown_vendor_refused`: a DataTransfer of a vendor that the
    station does not know may be Accepted, with a warning. Nor have `pilot_steady_in_pause`, `pilot_steady_before_authorization` (no PWM that offers current then),
    `dead_before_unlock` (the outlet is dead when its lock lets the plug go) and `power_integral` (register and sampled power agree).

    Files are named from the folder of the station file. `file_protocol` is how the station moves files; None: what it says
    itself (SupportedFileTransferProtocols). `firmware_file` is an image that the station installs, `firmware_version` what its
    boot tells then, `invalid_firmware_file` one that it must refuse. `firmware_signature` (Base64) and
    `firmware_signing_certificate` (PEM) belong to `firmware_file`. `firmware_timeout_s` bounds download, installation and restart.
    """

    valid_id_token: Token | None = None
    valid_id_token_type: TokenType = "ISO14443"
    second_id_token: Token | None = None
    second_id_token_type: TokenType = "ISO14443"
    invalid_id_token: Token | None = None
    invalid_id_token_type: TokenType = "ISO14443"
    unknown_id_token: Token | None = None
    unknown_id_token_type: TokenType = "ISO14443"
    group_id_token: Token | None = None
    same_group_id_token: Token | None = None
    same_group_id_token_type: TokenType = "ISO14443"
    connection_timeout_s: Seconds | None = None
    message_timeout_s: Seconds = 30.0
    long_operation_timeout_s: Seconds = 120.0
    max_time_deviation_s: Seconds = 4.0
    heartbeat_interval_s: Annotated[int, Range(5, 86400)] = 30
    meter_value_interval_s: Annotated[int, Range(1, 86400)] = 20
    clock_aligned_interval_s: Annotated[int, Range(1, 86400)] = 20
    meter_value_tolerance_pct: Annotated[float, Range(0.1, 100)] = 10.0
    profile_applied_within_s: Seconds = 15.0
    schedule_step_within_s: Seconds = 10.0
    aligned_within_s: Seconds = 1.0
    phase_pause_s: Seconds = 3.0
    random_delay_max_s: Seconds = 600.0
    random_delay_settable_s: Seconds = 1800.0
    random_delay_spread_s: Seconds = 60.0
    random_delay_trials: Annotated[int, Range(5, 100)] = 10
    random_delay_setting: Annotated[str, NonEmpty()] | None = None
    random_delay_override: Annotated[str, NonEmpty()] | None = None
    free_vend_setting: Annotated[str, NonEmpty()] | None = None
    status_told_within_s: Seconds = 5.0
    stop_to_noise_floor_s: Seconds = 10.0
    emergency_stop_to_dead_s: Seconds = 2.0
    unplug_to_dead_s: Seconds = 2.0
    contactor_opens_within_s: Seconds = 0.1
    emergency_stop_opens_within_s: Seconds = 0.1
    contactor_drops_out_within_s: Seconds = 0.5
    pilot_edge_us: Annotated[float, Range(0.01, 1000)] = 2.0
    inrush_peak_a: Annotated[float, Range(0.1, 10000)] = 230.0
    inrush_a2s: Annotated[float, Range(0.001, 100000)] = 10.0
    closing_current_a: Annotated[float, Range(0.01, 100)] = 5.0
    pilot_follows_within_s: Seconds = 10.0
    pwm_off_within_s: Seconds = 1.0
    forced_opening_s: Seconds = 6.0
    forced_opening_tolerance_s: Seconds = 1.0
    contactor_closes_within_s: Seconds = 3.0
    phase_rotation: PhaseRotation | None = None
    register_watch_s: Seconds = 86400.0
    pilot_fault_to_dead_s: Seconds = 3.0
    supply_fault_to_dead_s: Seconds = 5.0
    overcurrent_to_dead_s: Seconds = 30.0
    overcurrent_share_pct: Annotated[float, Range(1, 100)] = 20.0
    over_voltage_v: Annotated[float, Range(1, 1000)] | None = None
    under_voltage_v: Annotated[float, Range(1, 1000)] | None = None
    over_frequency_hz: Annotated[float, Range(1, 1000)] | None = None
    under_frequency_hz: Annotated[float, Range(1, 1000)] | None = None
    standby_power_w: Annotated[float, Range(0.01, 1000)] | None = None
    dip_openings: Annotated[int, Range(0, 100)] = 1
    sampled_value_tolerance_pct: Annotated[float, Range(0.01, 100)] = 1.0
    pilot_duty_tolerance_pct: Annotated[float, Range(0.01, 10)] = 0.5
    pilot_frequency_tolerance_pct: Annotated[float, Range(0.01, 10)] = 0.5
    noise_floor_a: Annotated[float, Range(0.001, 5)] = 0.5
    outlet_dead_v: Annotated[float, Range(0.1, 100)] = 25.0
    cpo_name: Annotated[str, NonEmpty()] | None = None
    energy_test_limit_s: Seconds = 3600.0
    file_protocol: FileProtocol | None = None
    firmware_file: FileName | None = None
    firmware_version: Annotated[str, NonEmpty()] | None = None
    invalid_firmware_file: FileName | None = None
    firmware_signature: FileName | None = None
    firmware_signing_certificate: FileName | None = None
    firmware_timeout_s: Seconds = 600.0
    fault_condition: Annotated[str, NonEmpty()] = "ground_failure"
    reservation_duration_s: Annotated[int, Range(20, 86400)] = 60
    local_limit_a: Annotated[float, Range(1, 1000)] | None = None
    adopted_limits: tuple[Annotated[str, NonEmpty()], ...] = ()

    def __post_init__(self) -> None:
        named: dict[str, str] = {}
        for name in TOKENS:
            token = getattr(self, name)
            if token is None:
                continue
            if token.lower() in named:
                raise MisfitError(
                    f"{named[token.lower()]} and {name} are both {token!r}", "give different tokens (case is ignored)"
                )
            named[token.lower()] = name
        known = tuple(basis.limit_id for basis in _LIMITS.values())
        for limit_id in self.adopted_limits:
            if limit_id not in known:
                raise MisfitError(f"adopted_limits holds {limit_id!r}, which is no limit", nearest(limit_id, known))
        if (self.group_id_token is None) != (self.same_group_id_token is None):
            raise MisfitError("group_id_token and same_group_id_token go together", "state both, or leave both out")

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that are not stated. Raises ValueError for a name that is no item of the PIXIT."""
        for name in names:
            if name not in NAMES:
                raise ValueError(f"{name!r} is no PIXIT item; {nearest(name, NAMES)}")
        return tuple(name for name in names if getattr(self, name) is None)

    def basis(self, name: str) -> Basis:
        """Where the limit `name` comes from, adopted or not. Raises KeyError for what is no limit."""
        return _LIMITS[name].adopted_by(self.adopted_limits)


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Pixit))
"""Every item a case can need."""

TOKENS: tuple[str, ...] = tuple(name for name in NAMES if name.endswith("id_token"))
"""The items that are tokens."""
