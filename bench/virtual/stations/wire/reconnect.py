"""What stations say first on a connection, and should not. Sections are those of OCPP-J 1.6."""

from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault

_KEPT = 20
_SAID = "meter_values_said_again"
_BOOTS = "boots"


def _boot_of_two(frame: Frame, wire: Wire) -> Sequence[str] | None:
    """Every second boot: what the connections before had agreed upon decides."""
    if not frame.is_call("BootNotification"):
        return None
    wire.kept[_BOOTS] = wire.kept.get(_BOOTS, 0) + 1
    if wire.kept[_BOOTS] % 2:
        return None
    said = dict(frame.payload)
    frame.payload.clear()
    station = {"vendorName": said["chargePointVendor"], "model": said["chargePointModel"]}
    frame.payload.update(reason="PowerUp", chargingStation=station)
    return [frame.text()]


def _values_again(frame: Frame, wire: Wire) -> Sequence[str] | None:
    """On the first CALL of a later connection, the meter values of the connections before it come along."""
    connection, said = wire.kept.setdefault(_SAID, (wire.connections, []))
    again: list[str] = []
    if wire.connections != connection and frame.kind == "call":
        again = list(said)
        wire.kept[_SAID] = (wire.connections, said)
    if frame.is_call("MeterValues"):
        said.append(frame.text())
        del said[:-_KEPT]
    return [*again, frame.text()] if again else None


RECONNECT: tuple[WireFault, ...] = (
    WireFault(
        "boots_as_of_2_0_1",
        ("1.6",),
        "sends every second BootNotification in the form of OCPP 2.0.1 on a connection for 1.6",
        "sections 3.1.2, 3.2: the version that was agreed upon",
        spoil=_boot_of_two,
    ),
    WireFault(
        "meter_values_said_again",
        ("1.6",),
        "sends its last meter values again on each new connection, with the ids that were answered",
        "section 4.1.4 with errata 3.1; OCPP 1.6 section 3.7",
        spoil=_values_again,
    ),
)
