"""What a person is asked to do for each verb, in words: what to do, and what to look at.

Places are filled as in any template of a bench file: the verb's values, `<place>` (where at the station), `<card>` (which
card), `<condition>` (what a fault is at the station's terminals).
"""

WORDS: dict[str, tuple[str, str]] = {
    "plug_in": (
        "Plug the car's cable (rated <cable_rating_a> A) into <place>, and its other end into the car.",
        "The plug sits in the socket to its stop.",
    ),
    "unplug": (
        "Pull the car's plug out of <place>. If it is held, wait for the station to let go, then pull.",
        "Nothing is left in the socket.",
    ),
    "unplug_ev_side": (
        "Pull the cable out of the car. The plug in <place> stays in.",
        "The car's inlet is free, the station's socket is not.",
    ),
    "request_energy_on": (
        "Let the car at <place> ask for energy: start or resume charging on the car's side.",
        "The car or EV box shows that it wants to charge (state C).",
    ),
    "request_energy_off": (
        "Let the car at <place> ask for no energy: suspend charging on the car's side. Pull nothing.",
        "The car or EV box shows that it is connected and does not charge (state B).",
    ),
    "set_demand": ("Set the car at <place> to draw <current_a> A on <phases> phase(s).", "The EV box shows the new setting."),
    "set_phases": ("Set the car at <place> to charge on <phases> phase(s).", "The EV box shows the new setting."),
    "set_power_factor": ("Set the car at <place> to a power factor of <power_factor>.", "The EV box shows the new setting."),
    "set_polite_on": (
        "Set the car at <place> to stop drawing current by itself when the station withdraws its PWM signal.",
        "The EV box shows the new setting.",
    ),
    "set_polite_off": (
        "Set the car at <place> to draw on when the station withdraws its PWM signal.",
        "The EV box shows the new setting.",
    ),
    "set_ventilation_on": (
        "Set the car at <place> to ask for ventilation (state D instead of C).",
        "The EV box shows the new setting.",
    ),
    "set_ventilation_off": (
        "Set the car at <place> to charge without asking for ventilation (state C).",
        "The EV box shows the new setting.",
    ),
    "set_pilot_short_on": (
        "Short the control pilot to protective earth at <place>, with the EV box's switch.",
        "The EV box shows state E, or the error CP short.",
    ),
    "set_pilot_short_off": ("Take the short off the control pilot at <place>.", "The EV box shows no error."),
    "set_diode_bypass_on": (
        "Bridge the diode of the pilot circuit at <place>, with the EV box's switch.",
        "The EV box shows the error diode short.",
    ),
    "set_diode_bypass_off": ("Take the bridge off the diode at <place>.", "The EV box shows no error."),
    "set_pilot_open_on": (
        "Open the control pilot's wire at <place>, with the EV box's switch. Pull nothing.",
        "The EV box shows that the pilot is open.",
    ),
    "set_pilot_open_off": ("Close the control pilot's wire at <place>.", "The EV box shows no error."),
    "set_proximity": (
        "Have a resistor of <ohm> ohm between proximity contact and earth in the plug at <place>, in place of its own (0: its own).",
        "The EV box shows the new resistor, or an ohmmeter does.",
    ),
    "pilot_state": (
        "Read the control pilot at <place> from the EV box or pilot tester.",
        "A: no car, B: connected, C: charging, D: charging with ventilation, E: no pilot, F: fault.",
    ),
    "present": (
        "Hold the card <card> to the reader of <place> until the station reacts, then take it away.",
        "The station beeps or shows that it has read a card.",
    ),
    "press_stop": ("Press the stop button of <place>, and let go.", "The button moved; the station reacted, or did not."),
    "press_emergency_stop": ("Press the emergency stop of <place>. It stays in.", "The button is latched."),
    "press_emergency_release": ("Release the emergency stop of <place> (turn it, or use its key).", "The button is out."),
    "inject": (
        "Make this fault at <place>: <kind> - <condition>. Only with the means that this bench has for it.",
        "The fault is made and stays.",
    ),
    "clear": ("Take back every fault condition that was made at <place>.", "Nothing of it is left."),
    "locked": ("Pull at the plug in <place> without force.", "Held: it cannot be pulled out."),
    "occupy": ("Put a vehicle, or what stands for one, into the parking bay of <place>.", "The bay's sensor is covered."),
    "leave": ("Clear the parking bay of <place>.", "Nothing is left in front of the bay's sensor."),
    "output_on": ("Switch the station's supply on.", "The switch is on; other loads of the supply run."),
    "output_off": ("Switch the station's supply off.", "The station is dark."),
    "output_is_on": ("Look at the switch of the station's supply.", "On: the station has its supply."),
    "set_voltage": ("Set the station's supply to <volts> V on phase <phase>.", "The source shows the new voltage."),
    "set_frequency": ("Set the station's supply to <hertz> Hz.", "The source shows the new frequency."),
    "dip": (
        "Let the station's supply dip to <share> of its voltage for <duration_s> s on phase <phase>.",
        "The source shows that the dip is over.",
    ),
    "switch_on": ("Switch on: relay <channel>.", "Its indicator is lit."),
    "switch_off": ("Switch off: relay <channel>.", "Its indicator is dark."),
    "state": ("Look at relay <channel>.", "On: its indicator is lit."),
    "cut": (
        "Cut the station's network somewhere on the way (an access point, a switch), not at the station's own plug.",
        "The station's link is dead.",
    ),
    "cut_reset": ("Have the network reset the station's connections, and let none through.", "The station is offline."),
    "cut_refuse": ("Have the network refuse the station's connections.", "The station is offline."),
    "restore": ("Give the station its network back.", "The station's link is up."),
}  # fmt: skip
"""By verb, the special one (`press_stop`) before the general one (`inject`): what to do, what to look at."""

KEEPS: dict[str, str] = {
    "plug_in": "plug", "unplug": "plug", "unplug_ev_side": "plug", "request_energy": "energy", "set_polite": "polite",
    "set_power_factor": "power factor", "set_ventilation": "ventilation", "set_pilot_short": "pilot short",
    "set_diode_bypass": "diode", "set_pilot_open": "pilot wire", "inject": "fault", "clear": "fault", "occupy": "bay", "leave": "bay",
    "output": "supply", "cut": "network", "restore": "network",
}  # fmt: skip
"""Methods that bring something into a state in which it stays, and what that is: who did it is not asked to do it again."""
