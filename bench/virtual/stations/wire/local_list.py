"""Local lists that are refused, or complained of, without a reason. Sections are those of OCPP 1.6 edition 2."""

from collections.abc import Sequence

from bench.virtual.stations.wire.frame import Frame, Wire, WireFault, changed


def _conflict(frame: Frame, wire: Wire) -> Sequence[str] | None:
    state = wire.kept.setdefault("local_list_conflict_without_one", {})
    if frame.is_call("StartTransaction"):
        state["running"] = True
    elif frame.answers("Reset"):
        state["due"] = state.get("running", False)
    elif frame.is_call("StopTransaction"):
        state["running"] = False
    elif frame.is_call("StatusNotification") and frame.payload["connectorId"] > 0 and state.pop("due", False):
        frame.payload["errorCode"] = "LocalListConflict"
        return [frame.text()]
    return None


LOCAL_LIST: tuple[WireFault, ...] = (
    WireFault(
        "local_list_not_supported",
        ("1.6",),
        "lists LocalAuthListManagement among its profiles, and answers NotSupported to every SendLocalList",
        "sections 5.15, 7.47: NotSupported is a station without local lists",
        spoil=changed(
            lambda frame: frame.payload.update(status="NotSupported"), when=lambda frame: frame.answers("SendLocalList")
        ),
    ),
    WireFault(
        "local_list_conflict_without_one",
        ("1.6",),
        "tells LocalListConflict with the first status after a reset during a transaction, whatever its list holds",
        "section 7.6: what the CSMS said contradicts the list",
        spoil=_conflict,
    ),
)
