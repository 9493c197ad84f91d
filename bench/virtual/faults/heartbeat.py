"""Defects of the field: heartbeat."""

from bench.virtual.faults.defect import FieldDefect

HEARTBEAT: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-044",
        "1.6",
        "heartbeat",
        "interop",
        "mobilityhouse/ocpp#350; OpenEVSE/openevse_esp32_firmware#756",
        symptom="no ping of the CSMS is followed by a pong",
        switches=("no_pong",),
    ),
    FieldDefect(
        "FD-047",
        "1.6",
        "heartbeat",
        "interop",
        "lbbrhzn/ocpp#1303; lbbrhzn/ocpp#1092",
        symptom="with WebSocketPingInterval above 0, no ping comes, and a connection that the CSMS left half-open is not given up before the station has something to say",
        switches=("no_pings",),
    ),
    FieldDefect(
        "FD-048",
        "any",
        "heartbeat",
        "interop",
        "developer.easee.com/changelog (OCPP 1.4)",
        symptom="Heartbeat every 15 s on a connection that stays open while the station has no supply",
        switches=("heartbeats_without_supply",),
    ),
)
