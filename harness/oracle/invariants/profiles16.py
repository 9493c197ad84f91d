"""What a station of OCPP 1.6 says that it has, it has: its feature profiles."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from harness.oracle.invariants.conversation import PerStation
from harness.oracle.invariants.exchange import Exchange
from harness.oracle.invariants.rule import Rule, Violation
from harness.verdict import Strictness

_PROFILE_OF = {
    "ChangeAvailability": "core",
    "ChangeConfiguration": "core",
    "ClearCache": "core",
    "GetConfiguration": "core",
    "RemoteStartTransaction": "core",
    "RemoteStopTransaction": "core",
    "Reset": "core",
    "UnlockConnector": "core",
    "GetDiagnostics": "firmwaremanagement",
    "GetLocalListVersion": "localauthlistmanagement",
    "SendLocalList": "localauthlistmanagement",
    "ReserveNow": "reservation",
    "CancelReservation": "reservation",
    "SetChargingProfile": "smartcharging",
    "ClearChargingProfile": "smartcharging",
    "GetCompositeSchedule": "smartcharging",
    "TriggerMessage": "remotetrigger",
}
"""Section 3.3, its columns as in errata 3.2. UpdateFirmware is left out: stations with signed updates need not take it (white paper, L01.FR.20)."""

_UNKNOWN = frozenset({"NotImplemented", "NotSupported"})
_KEY = "supportedfeatureprofiles"


@dataclass(slots=True)
class _Advertised:
    """Profiles in small letters; core is required of every station."""

    profiles: set[str] = field(default_factory=lambda: {"core"})


def _works(state: _Advertised, exchange: Exchange) -> Iterator[Violation]:
    if exchange.is_result("GetConfiguration"):
        listed = exchange.payload.get("configurationKey")
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and str(entry.get("key")).lower() == _KEY:
                state.profiles |= {name.strip().lower() for name in str(entry.get("value")).split(",")}
    elif exchange.frame.frame == "error" and exchange.from_station and exchange.call is not None:
        called = exchange.call.frame
        action, code = str(exchange.frame.action), _code(exchange.frame.raw)
        if called is None or called.deliberate or code not in _UNKNOWN or _PROFILE_OF[action] not in state.profiles:
            return
        text = f"{action} is answered {code}, and belongs to a profile that the station has ({_PROFILE_OF[action]})"
        yield Violation((exchange.record.seq, exchange.call.seq), text, action)


def _code(raw: str) -> object:
    try:
        frame = msgspec.json.decode(raw.encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return frame[2] if isinstance(frame, list) and len(frame) > 2 else None


RULE = Rule(
    id="advertised-profile-works",
    requirement="OCPP 1.6 edition 2, 3.3 with errata 3.2, 3.3 (normative), and 9.1.29: a profile is all its messages",
    strictness=Strictness.MUST,
    needs=("wire",),
    explanation="A CSMS offers its operators what the station says that it can do, and every use of it fails.",
    watch=lambda: PerStation(_Advertised, _works, ("1.6",), calls=(), answers=_PROFILE_OF),
)
