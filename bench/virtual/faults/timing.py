"""Defects of the field: timing."""

from bench.virtual.faults.defect import FieldDefect

TIMING: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-303",
        "1.6",
        "timing",
        "billing",
        "matth-x/MicroOcpp#354; matth-x/MicroOcpp#311; matth-x/MicroOcpp#230",
        symptom="after a boot whose answer brought the time the first four StatusNotification and MeterValues are dated 1970-01-01",
        switches=("dated_1970_after_boot",),
    ),
    FieldDefect(
        "FD-304",
        "1.6",
        "timing",
        "billing",
        "SensorsIot/Wallbox-EVCC-Proxy (repo reports)",
        symptom="StatusNotification and MeterValues are dated 0000-00-00T00:00:00.000Z",
        switches=("dated_all_zero",),
    ),
    FieldDefect(
        "FD-305",
        "2.0.1",
        "timing",
        "interop",
        "m-hegele/notes:dev/keba-invalid-meter-start-stop.md",
        symptom="the times of TransactionEvent end in +0000, without a colon",
        switches=("zone_without_colon",),
    ),
    FieldDefect(
        "FD-306",
        "1.6",
        "timing",
        "billing",
        "openWB/core#2272; steve-community/steve#96; OpenEVSE/openevse_esp32_firmware#916",
        symptom="the times of MeterValues are two hours ahead of the CSMS and end in Z",
        switches=("local_time_as_utc",),
    ),
    FieldDefect(
        "FD-307",
        "1.6",
        "timing",
        "cosmetic",
        "steve-community/steve#136; EVerest/libocpp#437",
        symptom="the first two StatusNotification after a boot are dated two hours later than the third",
        switches=("old_clock_after_boot",),
    ),
    FieldDefect(
        "FD-309",
        "1.6",
        "timing",
        "billing",
        "dallmann-consulting/OCPP.Core#55; evcc-io/evcc#32078",
        symptom="the times of all messages, that of StartTransaction included, lie 270 s before those at which they come, on a connection that stands",
        switches=("clock_minutes_behind",),
    ),
    FieldDefect(
        "FD-310",
        "1.6",
        "timing",
        "billing",
        "DJBenson/GivEVC-OCPP#9",
        symptom="the window of a daily schedule opens and closes an hour late, as by a local clock that was changed since",
        switches=("daily_schedule_by_local_clock",),
    ),
)
