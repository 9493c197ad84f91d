import pytest

from bench.virtual.instruments.scpi import ScpiError, ScpiInstrument, compile_header, number, switch


class Toy(ScpiInstrument):
    """Remembers a voltage; refuses more than 300 V."""

    def __init__(self):
        super().__init__("toy", "PLUGPROOF,TOY,1,1.0")
        self.volts = 0.0
        self.resets = 0
        self.command("[SOURce:]VOLTage[:AC]", self._set)
        self.command("[SOURce:]VOLTage[:AC]?", lambda _args, _n: f"{self.volts:g}")
        self.command("MEASure:VOLTage?", lambda _args, _n: "1.5")
        self.command("MEASure:CURRent?", lambda _args, _n: "2.5")
        self.command("UTRMS{n}?", lambda _args, n: f"u{n[0]}")
        self.command("OUTPut", lambda args, _n: setattr(self, "on", switch(args)))

    def _set(self, arguments, _suffixes):
        volts = number(arguments)
        if volts > 300:
            raise ScpiError(-222, "Data out of range")
        self.volts = volts

    def reset(self):
        self.resets += 1


@pytest.fixture
def toy():
    return Toy()


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        ("SOURCE:VOLTAGE:AC", True),
        ("sour:volt", True),
        ("Volt:ac", True),
        ("VOLTage", True),
        ("VOLTA", False),
        ("VOLT:DC", False),
        ("SOUR:SOUR:VOLT", False),
        ("VOLT?", False),
    ],
)
def test_short_and_long_forms_and_optional_nodes(header, fits):
    assert bool(compile_header("[SOURce:]VOLTage[:AC]").fullmatch(header)) is fits


def test_a_suffix_is_a_number(toy):
    assert toy.respond("utrms3?") == "u3"
    assert toy.respond("utrms?") is None
    assert toy.respond("syst:err?") == '-113,"Undefined header"'


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("MEAS:VOLT?;CURR?", "1.5;2.5"),  # relative to the node of the unit before
        ("MEAS:VOLT?;:MEAS:CURR?", "1.5;2.5"),
        ("MEAS:VOLT?;*OPC?;CURR?", "1.5;1;2.5"),  # common commands leave the path alone
        ("VOLT 12;VOLT?", "12"),
        ("volt 230 ; volt?", "230"),
        ("MEAS:VOLT?;MEAS:CURR?", "1.5"),  # MEAS:MEAS:CURR? does not exist
        ("", None),
        (";;", None),
        ("VOLT 5", None),
    ],
)
def test_chains(toy, line, answer):
    assert toy.respond(line) == answer


def test_a_new_line_starts_at_the_root(toy):
    toy.respond("MEAS:VOLT?")
    assert toy.respond("CURR?") is None
    assert toy.respond("SYST:ERR?") == '-113,"Undefined header"'


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("NONSENSE", '-113,"Undefined header"'),
        ("VOLT", '-109,"Missing parameter"'),
        ("VOLT 1,2", '-108,"Parameter not allowed"'),
        ("VOLT abc", '-104,"Data type error"'),
        ("VOLT 400", '-222,"Data out of range"'),
        ("OUTP maybe", '-224,"Illegal parameter value"'),
    ],
)
def test_what_cannot_be_done_is_queued_and_not_answered(toy, line, error):
    assert toy.respond(line) is None
    assert toy.respond("SYST:ERR?") == error
    assert toy.respond("SYSTem:ERRor:NEXT?") == '0,"No error"'


def test_a_command_error_ends_the_message_and_an_execution_error_does_not(toy):
    assert toy.respond("VOLT 400;VOLT?") == "0"
    assert toy.respond("NONSENSE;VOLT?") is None


def test_the_queue_is_told_in_order_at_once_or_cleared(toy):
    toy.respond("NONSENSE")
    toy.respond("VOLT 400")
    assert toy.respond("SYST:ERR:ALL?") == '-113,"Undefined header",-222,"Data out of range"'
    toy.respond("NONSENSE")
    assert toy.respond("*CLS;SYST:ERR?") == '0,"No error"'


def test_common_commands(toy):
    assert toy.respond("*IDN?") == "PLUGPROOF,TOY,1,1.0"
    assert toy.respond("*RST;*OPC?") == "1"
    assert toy.resets == 1
