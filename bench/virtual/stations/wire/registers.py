"""Registers that stations tell, and that are not those of their meters. Sections are those of OCPP 1.6 edition 2; errata of its errata sheet."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault, changed
from bench.virtual.stations.wire.values import REGISTER, VOLTAGE, Value, is_raw, meter_values, rewrite, samples

_V16 = ("1.6",)
_EVERY = 3
"""A register that is read wrongly again and again is so in every third sample of it."""

_SELDOM = 400
"""One that fails once in some days fails in one of so many samples: with a sample each quarter of an hour, every four days."""

_INT32_MAX = 2**31 - 1
_ABOVE_INT32_WH = 4_296_944_685

State = dict[str, Any]


def _kept(wire: Wire, fault: str) -> State:
    state: State = wire.kept.setdefault(fault, {})
    return state


def _remembering(fault: str, change: Callable[[Frame, State], object]) -> Callable[[Frame, Wire], Sequence[str] | None]:
    """A spoiler of CALLs that has a memory of its own."""

    def spoil(frame: Frame, wire: Wire) -> Sequence[str] | None:
        if frame.kind != "call":
            return None
        before = frame.text()
        change(frame, _kept(wire, fault))
        after = frame.text()
        return None if after == before else [after]

    return spoil


def _registers(frame: Frame) -> Iterator[Value]:
    """Sampled values of the register of a transaction, plain numbers."""
    if frame.action == "MeterValues" and "transactionId" not in frame.payload:
        return
    yield from (one for one in samples(frame, REGISTER) if is_raw(one))


def _now_and_then(change: Callable[[int], int], every: int = _EVERY) -> Callable[[Frame, State], object]:
    """One in so many registers that are sampled comes out changed."""

    def spoil(frame: Frame, state: State) -> None:
        for one in _registers(frame):
            state["count"] = state.get("count", 0) + 1
            if state["count"] % every == 0:
                one["value"] = str(change(int(float(one["value"]))))

    return spoil


def _words_swapped(register: int) -> int:
    return (register & 0xFFFF) << 16 | register >> 16


def _of_the_session(frame: Frame, state: State) -> None:
    if frame.action == "StartTransaction":
        state["start"] = frame.payload["meterStart"]
    for one in _registers(frame):
        one["value"] = str(int(float(one["value"])) - state.get("start", 0))


def _kwh_for_wh(frame: Frame) -> None:
    for name in ("meterStart", "meterStop"):
        if name in frame.payload:
            frame.payload[name] //= 1000
    rewrite(frame, lambda wh: wh // 1000, REGISTER, digits=0)


def _clamped(frame: Frame) -> None:
    for name in ("meterStart", "meterStop"):
        if name in frame.payload:
            frame.payload[name] = _INT32_MAX
    rewrite(frame, lambda wh: wh + _ABOVE_INT32_WH, REGISTER, digits=0)
    rewrite(frame, lambda _: 0.1, VOLTAGE)


def _exchanged(frame: Frame, state: State) -> None:
    if frame.action == "StartTransaction":
        state["last"] = frame.payload["meterStart"]
    for value in meter_values(frame) if frame.action == "MeterValues" and "transactionId" in frame.payload else ():
        registers = [one for one in value["sampledValue"] if one.get("measurand", REGISTER) == REGISTER]
        for one in registers:
            lifetime = int(float(one["value"]))
            one["value"], state["last"] = str(lifetime - state.get("last", lifetime)), lifetime
            interval = {**one, "measurand": "Energy.Active.Import.Interval", "value": str(lifetime)}
            value["sampledValue"].append(interval)


def _with_the_session_before(frame: Frame, state: State) -> None:
    connector = str(frame.payload.get("connectorId"))
    if frame.is_call("StatusNotification") and frame.payload["status"] == "Available":
        state.pop(connector, None)
    elif frame.is_call("StartTransaction"):
        frame.payload["meterStart"] = state.setdefault(connector, frame.payload["meterStart"])


def _begin_again(frame: Frame, state: State) -> None:
    if frame.is_call("StartTransaction"):
        state[str(frame.payload["connectorId"])] = frame.payload["meterStart"]
    elif frame.is_call("MeterValues") and "transactionId" in frame.payload:
        begin = state.get(str(frame.payload["connectorId"]))
        sample = {"value": str(begin), "context": "Transaction.Begin", "measurand": REGISTER, "unit": "Wh"}
        for value in meter_values(frame) if begin is not None else ():
            value["sampledValue"].append(dict(sample))


def _signed_nothing(frame: Frame, state: State) -> None:
    """Into the first values of each transaction."""
    if frame.is_call("StartTransaction"):
        state["due"] = True
    elif frame.is_call("MeterValues") and "transactionId" in frame.payload and state.pop("due", False):
        sample = {"context": "Transaction.Begin", "format": "SignedData", "measurand": REGISTER, "unit": "Wh"}
        meter_values(frame)[0]["sampledValue"].append({"value": "\x7f\ufffd\x02E\x00", **sample})


REGISTERS: tuple[WireFault, ...] = (
    WireFault(
        "sampled_register_drops_out",
        _V16,
        "tells 0 in one of 400 samples of its register",
        "section 7.31: registers increase in time",
        spoil=_remembering("sampled_register_drops_out", _now_and_then(lambda _: 0, every=_SELDOM)),
    ),
    WireFault(
        "sampled_register_words_swapped",
        _V16,
        "has the two 16-bit words of every third sampled register exchanged",
        "section 7.31: registers increase in time",
        spoil=_remembering("sampled_register_words_swapped", _now_and_then(_words_swapped)),
    ),
    WireFault(
        "sampled_register_of_the_session",
        _V16,
        "samples the energy of the session as its register; at start and stop the register is the meter's",
        "section 7.31: the registers of a transaction have one base",
        spoil=_remembering("sampled_register_of_the_session", _of_the_session),
    ),
    WireFault(
        "energy_in_kwh_told_as_wh",
        _V16,
        "counts whole kWh and tells them as Wh, at start, in samples and at stop",
        "sections 6.45, 6.49, 7.31, 7.45: energy in Wh",
        spoil=changed(_kwh_for_wh, when=lambda frame: frame.kind == "call"),
    ),
    WireFault(
        "meter_start_clamped",
        _V16,
        "tells 2147483647 at start and stop, 4296944685 Wh too much in samples, and 0.1 V",
        "sections 6.45, 7.31: meterStart is the register of the meter values",
        spoil=changed(_clamped, when=lambda frame: frame.kind == "call"),
    ),
    WireFault(
        "register_and_interval_exchanged",
        _V16,
        "samples the energy since the last sample as the register, and the register as that of the interval",
        "section 7.31 with errata 3.78: definition of .Register and .Interval",
        spoil=_remembering("register_and_interval_exchanged", _exchanged),
    ),
    WireFault(
        "session_includes_the_one_before",
        _V16,
        "tells the meterStart of the first session for a second one on the same plug-in",
        "sections 4.8, 6.45: the register when the transaction starts",
        spoil=_remembering("session_includes_the_one_before", _with_the_session_before),
    ),
    WireFault(
        "begin_told_in_every_sample",
        _V16,
        "adds the register of the start, as Transaction.Begin, to every message of samples, under its time",
        "sections 7.33, 7.35: values of one MeterValue are of one time",
        spoil=_remembering("begin_told_in_every_sample", _begin_again),
    ),
    WireFault(
        "signed_value_of_nothing",
        _V16,
        "tells a signed register whose data are leftovers of its memory with the first samples of a transaction",
        "section 7.49: signed data are hex data",
        spoil=_remembering("signed_value_of_nothing", _signed_nothing),
    ),
)
