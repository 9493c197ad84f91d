"""Defects of the field: firmware."""

from bench.virtual.faults.defect import FieldDefect

FIRMWARE: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-238",
        "1.6",
        "firmware",
        "interop",
        "matth-x/MicroOcpp#261",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-239",
        "1.6",
        "firmware",
        "interop",
        "sap-labs-france/ev-server#2305; EVerest/libocpp#758",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-241",
        "1.6",
        "firmware",
        "interop",
        "matth-x/MicroOcpp#215",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-242",
        "2.0.1",
        "firmware",
        "cosmetic",
        "EVerest/libocpp#276; EVerest/libocpp#277",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-243",
        "2.0.1",
        "firmware",
        "cosmetic",
        "EVerest/libocpp#1064",
        symptom="",
        pending="not built yet",
    ),
)
