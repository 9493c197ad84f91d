"""Wrong plants: each differs from the good one in one physical behaviour and breaks one physical requirement.

They make the tests of the test suite: a case that claims to see the requirement must fail a station built on the
plant that breaks it. The plant asks `faults.on("name")` where and when it is different (bench.virtual.plant.active): that tells
the fault as shown. `"name" in faults` asks without telling.
"""

from typing import NamedTuple


class PlantFault(NamedTuple):
    """`difference` from the good plant, and the physical `requirement` that it breaks."""

    difference: str
    requirement: str


PLANT_FAULTS: dict[str, PlantFault] = {
    "contactor_welded": PlantFault(
        "the contacts never open again once they have closed",
        "after a stop the outlet is switched off",
    ),
    "outlet_always_live": PlantFault(
        "one pole is bridged: L1 of the outlet is live whatever the contacts do",
        "an outlet that nobody was authorised for is off",
    ),
    "contactor_slow_open": PlantFault(
        "the contacts take 250 ms to open",
        "the contactor is open 100 ms after the EV opened S2 (IEC 61851-1 Table A.6, sequence 8.1)",
    ),
    "contactor_opens_late": PlantFault(
        "the contacts take 20 s to open",
        "after a stop the outlet is switched off within seconds",
    ),
    "contactor_never_closes": PlantFault(
        "the contacts do not follow the coil",
        "a station that reports charging delivers energy",
    ),
    "contactor_latches": PlantFault(
        "the contacts stay closed without their coil's supply, until they are told to open",
        "a contactor drops out when its supply goes",
    ),
    "contactor_chatters": PlantFault(
        "the contacts open and close every 40 ms while their coil has less than it needs to pull in",
        "a dip of the supply opens the contactor once, if at all",
    ),
    "contacts_burnt": PlantFault(
        "the contacts move and the mirror contact follows them, but no pole conducts",
        "a station that reports charging delivers energy",
    ),
    "leak_after_stop": PlantFault(
        "10 s after the contacts opened 1.2 A flow again on every phase, until they close again or the plug is out",
        "after a stop the current falls below the noise floor and stays there",
    ),
    "meter_gain_plus_3pct": PlantFault(
        "the station meter reads 3 % too much",
        "the billed energy agrees with the energy delivered within the class of the meter (MID Annex V, Table 2)",
    ),
    "meter_voltage_plus_3pct": PlantFault(
        "the station meter's voltages read 3 % too much, and nothing else",
        "what a station samples is what flows",
    ),
    "meter_voltage_minus_6pct": PlantFault(
        "the station meter's voltages read 6 % too little, and nothing else",
        "what a station samples is what flows",
    ),
    "meter_currents_shifted": PlantFault(
        "the station meter's currents stand one register too low: L1 shows L2's, L2 shows L3's, and L3 shows none",
        "each phase shows what flows on it",
    ),
    "meter_register_resets": PlantFault(
        "the station meter's register starts again at 0 whenever the contacts close",
        "the import register never decreases",
    ),
    "meter_register_rebased": PlantFault(
        "the station meter's register starts again at 0 whenever a plug is put in",
        "registers go on from one transaction to the next",
    ),
    "outlet_l1_loaded": PlantFault(
        "a load of 10 A hangs on L1 behind the contacts and draws whenever they are closed",
        "the contactor closes without load",
    ),
    "outlet_l3_loaded": PlantFault(
        "a load of 10 A hangs on L3 behind the contacts and draws whenever they are closed",
        "a limit holds on every phase",
    ),
    "phase_switch_stuck": PlantFault(
        "the contacts of L2 and L3 never open",
        "a limit for one phase holds on one phase",
    ),
    "pole_l3_does_not_close_again": PlantFault(
        "once L2 and L3 were switched off, only L2 comes back",
        "a station charges on one phase or on three, never on two",
    ),
    "meter_creeps": PlantFault(
        "the station meter's register counts 12 Wh an hour beside what flows",
        "a register counts the energy delivered and no other",
    ),
    "meter_register_volatile": PlantFault(
        "the station meter's register starts again at 0 when supply was lost",
        "the import register survives a loss of supply",
    ),
    "meter_register_stuck": PlantFault(
        "the station meter's register does not count",
        "energy delivered is counted",
    ),
    "meter_phases_swapped": PlantFault(
        "the station meter has L1 and L2 exchanged",
        "a single-phase load shows on the phase that carries it",
    ),
    "meter_l2_l3_swapped": PlantFault(
        "the station meter has L2 and L3 exchanged",
        "a load of two phases shows on the phases that carry it",
    ),
    "meter_power_reads_half": PlantFault(
        "the power that the station meter tells is half of what it counts into its register",
        "the register is the integral of the power",
    ),
    "meter_counts_apparent_energy": PlantFault(
        "the station meter's register counts volt-ampere-hours",
        "the billed energy agrees with the energy delivered at every power factor (MID Annex V, Table 2)",
    ),
    "meter_starts_at_8a": PlantFault(
        "the station meter's register counts nothing below 8 A",
        "the billed energy agrees with the energy delivered at every current (MID Annex V, Table 2)",
    ),
    "meter_currents_averaged": PlantFault(
        "the station meter shows the mean of its three currents on every phase",
        "a single-phase load shows on the phase that carries it",
    ),
    "electronics_never_rest": PlantFault(
        "the station's own electronics take three times what they do in the good plant",
        "a station that nobody uses takes no more than its data sheet says",
    ),
    "inrush_tenfold": PlantFault(
        "what hangs behind the contacts takes ten times the inrush of the good plant when they close",
        "the inrush at the contactor's closing stays within its limit",
    ),
    "pilot_duty_plus_2": PlantFault(
        "the pilot generator's duty is 2 percentage points above the one asked for",
        "the duty says the limit within 0.5 percentage points, and the current stays below the limit",
    ),
    "pilot_edges_slow": PlantFault(
        "the pilot's edges take 11 us from 10 to 90 %",
        "the pilot's edges take 2 us or less at the station",
    ),
    "pilot_frequency_off": PlantFault(
        "the pilot generator runs at 980 Hz",
        "the pilot's frequency is 1 kHz within 0.5 %",
    ),
}


def check_faults(faults: frozenset[str]) -> None:
    """Refuse a fault that does not exist.

    Raises:
        ValueError: naming the unknown fault and the known ones.
    """
    unknown = sorted(faults - PLANT_FAULTS.keys())
    if unknown:
        raise ValueError(f"unknown plant fault {', '.join(unknown)}: use one of {', '.join(sorted(PLANT_FAULTS))}")
