"""The Siglent oscilloscopes: golden dialogues of both languages, the simulated one over a socket, and faults."""

import pytest

from bench.errors import InstrumentFault
from bench.virtual.instruments.siglent_scope import VirtualSiglentScope
from harness.model.strict import ModelError

SLOT = ":MEASure:ADVanced:P"
ITEMS = ("DUTY", "TOP", "BASE", "FREQ")
SEEN = {"pilot_duty_pct": 26.7, "pilot_high_v": 8.98, "pilot_low_v": -12.02, "pilot_frequency_hz": 1000.0}
GREETING = [":MEASure ON", ":MEASure:MODE ADVanced"]
GREETING += [
    f"{SLOT}{n}{setting}" for n, item in enumerate(ITEMS, 1) for setting in (":SOURce1 C2", f":TYPE {item}", " ON")
]
ADVANCED = {
    "*IDN?": "Siglent Technologies,SDS2104X Plus,SDS2PABC,1.3.9R6",  # form: memory, medium
    # :MEASure ON, P<n> ON, SOURce1, TYPE, VALue?: bench notes (PyMeasure); tests of a public SDS1000X HD driver; the
    # items: a public list from programming guide EN11
    **dict.fromkeys(GREETING),
    **{f"{SLOT}{n}:TYPE?": item for n, item in enumerate(ITEMS, 1)},  # queries: public SDS800X HD driver
    **{f"{SLOT}{n}:SOURce1?": "C2" for n in range(1, 5)},
    f"{SLOT}1:VALue?": "2.670E+01",  # NR3 without a unit: guide EN11, p. 369, as a public test cites it
    f"{SLOT}2:VALue?": "8.980E+00",
    f"{SLOT}3:VALue?": "-1.202E+01",
    f"{SLOT}4:VALue?": "1.000E+03",
}
PAVA = {
    "*IDN?": "Siglent Technologies,SDS1104X-E,SDS1ABC,8.1.6.1",  # form: memory, medium
    # header, item, unit: public tests of SDS1000X drivers
    "C2:PAVA? DUTY": "C2:PAVA DUTY,2.67E+01%",
    "C2:PAVA? TOP": "C2:PAVA TOP,8.98E+00V",
    "C2:PAVA? BASE": "C2:PAVA BASE,-1.20E+01V",
    "C2:PAVA? FREQ": "C2:PAVA FREQ,1.00E+03Hz",
}
OLD = {"channel": 2, "dialect": "pava"}


async def test_siglent_sds(talker, drive, numbers):
    server = await talker(dict(ADVANCED))
    scope = drive("siglent_sds", "pilot_scope", server, options={"channel": 2})
    assert numbers(await scope.read()) == SEEN
    values = [f"{SLOT}{n}:VALue?" for n in range(1, 5)]
    checks = [f"{SLOT}{n}:{setting}?" for n in range(1, 5) for setting in ("TYPE", "SOURce1")]
    assert server.heard == ["*IDN?", *GREETING, *checks, *values]
    server.heard.clear()
    await scope.read()
    assert server.heard == values  # what it measures is read back once a connection


async def test_siglent_sds_of_the_older_language(talker, drive, numbers):
    server = await talker(dict(PAVA))
    scope = drive("siglent_sds", "pilot_scope", server, options=OLD)
    assert numbers(await scope.read()) == {**SEEN, "pilot_low_v": -12.0}
    assert server.heard == ["*IDN?", *(f"C2:PAVA? {item}" for item in ITEMS)]


@pytest.mark.parametrize("answer", ["DUTY,2.67E+01%", "2.67E+01%", "2.67E+01", "DUTY,2.67E+01"])
async def test_with_its_headers_off_it_is_understood_as_well(talker, drive, numbers, answer):
    # CHDR OFF leaves the header out: public code; whether the unit goes, too: memory, medium
    server = await talker({**PAVA, "C2:PAVA? DUTY": answer})
    seen = numbers(await drive("siglent_sds", "pilot_scope", server, options=OLD).read())
    assert seen["pilot_duty_pct"] == 26.7


async def test_what_cannot_be_measured_is_left_out(talker, drive, numbers):
    # ****: public tests of both languages
    server = await talker({**ADVANCED, f"{SLOT}1:VALue?": "****", f"{SLOT}4:VALue?": "****"})
    seen = numbers(await drive("siglent_sds", "pilot_scope", server, options={"channel": 2}).read())
    assert set(seen) == {"pilot_high_v", "pilot_low_v"}
    server = await talker({**PAVA, "C2:PAVA? FREQ": "C2:PAVA FREQ,****"})
    seen = numbers(await drive("siglent_sds", "pilot_scope", server, options=OLD).read())
    assert "pilot_frequency_hz" not in seen


@pytest.mark.parametrize("dialect", ["advanced", "pava"])
async def test_the_simulated_scope_sees_the_pilot(plant, serve, drive, sees_the_pilot, dialect):
    port = await serve(VirtualSiglentScope("scope", plant.evse(1)))
    scope = drive("siglent_sds", "pilot_scope", port, options={"dialect": dialect})
    assert "SDS" in await scope.identify()
    await sees_the_pilot(scope, duty_pct=0.06, frequency_hz=1)


async def test_a_scope_that_was_switched_off_and_on_is_set_up_again(plant, serve, drive, numbers):
    instrument = VirtualSiglentScope("scope", plant.evse(1))
    scope = drive("siglent_sds", "pilot_scope", await serve(instrument))
    await scope.read()
    await instrument.misbehave("closed")
    instrument.reset()
    with pytest.raises(InstrumentFault, match=r"no connection|closed the connection"):
        await scope.read()
    await instrument.misbehave("none")
    assert set(numbers(await scope.read())) == {"pilot_high_v", "pilot_low_v"}


async def test_a_measurement_that_stays_anothers_is_a_fault(talker, drive):
    server = await talker({**ADVANCED, f"{SLOT}3:TYPE?": "RMS"})
    scope = drive("siglent_sds", "pilot_scope", server, options={"channel": 2})
    with pytest.raises(InstrumentFault, match=r"P3:TYPE\?' with 'RMS', not BASE. Cure: check model and dialect"):
        await scope.read()
    server.script[f"{SLOT}3:TYPE?"] = "BASE"
    server.script[f"{SLOT}4:SOURce1?"] = "C1"
    with pytest.raises(InstrumentFault, match=r"P4:SOURce1\?' with 'C1', not C2"):
        await scope.read()


@pytest.mark.parametrize(
    "answer", ["C2:PAVA TOP,8.98E+00V", "C2:PAVA DUTY,1.00E+03Hz", "C2:PAVA DUTY,", "NaN", "inf", ""]
)
async def test_an_answer_about_something_else_is_a_fault(talker, drive, answer):
    server = await talker({**PAVA, "C2:PAVA? DUTY": answer})
    with pytest.raises(InstrumentFault, match=r"answered 'C2:PAVA\? DUTY' with '.*', not with a number"):
        await drive("siglent_sds", "pilot_scope", server, options=OLD).read()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("silent", r"no answer to ':MEASure:ADVanced:P1:VALue\?' within 1 s"),
        ("garbage", "bytes that are no text"),
        ("nan", r"P2:VALue\?' with 'NAN', not with a number"),
    ],
)
async def test_a_scope_that_fails_is_a_named_fault_and_is_used_again(
    plant, serve, drive, fails_and_recovers, kind, told
):
    instrument = VirtualSiglentScope("scope", plant.evse(1))
    await fails_and_recovers(instrument, drive("siglent_sds", "pilot_scope", await serve(instrument)), kind, told)


async def test_what_it_does_not_know_goes_to_its_error_queue(plant):
    instrument = VirtualSiglentScope("scope", plant.evse(1))
    for line in (":MEASure:ADVanced:P13 ON", ":MEASure:ADVanced:P1:TYPE JITTER", "C1:PAVA? VOLUME"):
        assert instrument.respond(line) is None
    asked = [instrument.respond("SYSTem:ERRor?")[:4] for _ in range(4)]
    assert asked == ["-114", "-224", "-224", '0,"N']


@pytest.mark.parametrize(
    ("options", "told"),
    [({"dialekt": "pava"}, "did you mean 'dialect'"), ({"dialect": "pave"}, "pava"), ({"channel": 0}, "channel")],
)
async def test_options_that_do_not_fit_are_refused(drive, options, told):
    with pytest.raises(ModelError, match=told):
        drive("siglent_sds", "pilot_scope", 1, options=options)
