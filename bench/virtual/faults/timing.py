"""Defects of the field: timing."""

from bench.virtual.faults.defect import FieldDefect

TIMING: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-303",
        "1.6",
        "timing",
        "billing",
        "matth-x/MicroOcpp#354; matth-x/MicroOcpp#311; matth-x/MicroOcpp#230",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-304",
        "1.6",
        "timing",
        "billing",
        "SensorsIot/Wallbox-EVCC-Proxy (repo reports)",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-305",
        "2.0.1",
        "timing",
        "interop",
        "m-hegele/notes:dev/keba-invalid-meter-start-stop.md",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-306",
        "1.6",
        "timing",
        "billing",
        "openWB/core#2272; steve-community/steve#96; OpenEVSE/openevse_esp32_firmware#916",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-307",
        "1.6",
        "timing",
        "cosmetic",
        "steve-community/steve#136; EVerest/libocpp#437",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-309",
        "1.6",
        "timing",
        "billing",
        "dallmann-consulting/OCPP.Core#55; evcc-io/evcc#32078",
        symptom="",
        pending="not built yet",
    ),
    FieldDefect(
        "FD-310",
        "1.6",
        "timing",
        "billing",
        "DJBenson/GivEVC-OCPP#9",
        symptom="",
        pending="not built yet",
    ),
)
