"""What becomes of a station that was sent something it cannot read."""

from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault

_BOTH = ("1.6", "2.0.1")


def _deaf_after_garbage(frame: Frame, wire: Wire) -> Sequence[str] | None:
    return [] if frame.kind != "call" and wire.garbled_on == wire.connections else None


def _deaf_after_misshapen(frame: Frame, wire: Wire) -> Sequence[str] | None:
    return [] if frame.kind != "call" and wire.misshapen_on == wire.connections else None


GARBLED: tuple[WireFault, ...] = (
    WireFault(
        "deaf_after_garbage",
        _BOTH,
        "answers nothing more on a connection on which a text came that is no JSON",
        "OCPP-J 1.6 section 4.2.2 and 2.0.1 part 2 FR.02: a request that can be handled is answered",
        spoil=_deaf_after_garbage,
    ),
    WireFault(
        "deaf_after_misshapen_message",
        _BOTH,
        "answers nothing more on a connection on which JSON came that is no message",
        "OCPP-J 1.6 section 4.2.2 and 2.0.1 part 2 FR.02: a request that can be handled is answered",
        spoil=_deaf_after_misshapen,
    ),
)
