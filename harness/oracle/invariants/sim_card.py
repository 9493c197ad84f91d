"""The numbers of a SIM card that a station tells when it boots."""

from collections.abc import Iterator

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_SHORTEST = {"iccid": 10, "imsi": 6}
"""Characters that such a number has at least; both are far longer in fact. An empty one says that there is no card."""


def _numbers(_: object, exchange: Exchange) -> Iterator[Violation]:
    if not exchange.from_station or not exchange.is_call("BootNotification"):
        return
    holder = exchange.payload
    if exchange.frame.ocpp != "1.6":
        station = holder.get("chargingStation")
        modem = station.get("modem") if isinstance(station, dict) else None
        holder = modem if isinstance(modem, dict) else {}
    for name, least in _SHORTEST.items():
        text = holder.get(name)
        if not isinstance(text, str) or not text.strip():
            continue
        plain = text.replace(" ", "")
        if len(plain) < least or not plain.isalnum():
            yield Violation((exchange.record.seq,), f"{name} {text!r} is no number of a SIM card", name)


RULE = Rule(
    id="sim-card-plausible",
    requirement="OCPP 1.6 edition 2, 6.3; OCPP 2.0.1 part 2, ModemType: iccid and imsi are those of the modem's SIM card",
    strictness=Strictness.SHOULD,
    needs=("wire",),
    explanation="A fleet finds a card that ran dry or was stolen by these numbers; what stands there instead hides it.",
    watch=lambda: PerStation(object, _numbers, calls=("BootNotification",), answers=()),
)
