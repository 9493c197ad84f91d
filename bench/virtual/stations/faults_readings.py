"""Wrong behaviours around readings and files. Sections are those of OCPP 1.6 edition 2, errata of its errata sheet; ids of OCPP 2.0.1 part 2."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS_READINGS: tuple[Fault, ...] = (
    Fault(
        "never_sampled",
        _V,
        "takes a MeterValueSampleInterval and samples nothing during a transaction",
        "section 4.7 with errata 3.15: MeterValues at the given interval",
    ),
    Fault(
        "not_sampled_in_pauses",
        _V,
        "samples nothing while the EV draws nothing",
        "section 4.7 with errata 3.15: MeterValues at the given interval",
    ),
    Fault(
        "outlet_tells_the_sum",
        _V,
        "tells the currents of all outlets together as those of the first one",
        "sections 4.7, 6.31: the connector from which the samples were taken",
    ),
    Fault(
        "last_outlet_tells_the_sum",
        _V,
        "tells the currents of all outlets together as those of the others than the first one",
        "sections 4.7, 6.31: the connector from which the samples were taken",
    ),
    Fault(
        "update_given_up_silently",
        _V,
        "gives an update of its firmware up in the middle of the download, and tells nothing any more",
        "sections 4.5, 7.25: the CSMS is kept updated",
    ),
    Fault(
        "diagnostics_uploading_flood",
        _V,
        "tells Uploading every 2 s for a minute",
        "section 4.4: a notification tells a status; section 5.9",
    ),
    Fault(
        "diagnostics_retries_ignored",
        _V,
        "tries an upload of diagnostics once, however many retries GetDiagnostics asks for",
        "section 6.25: how many times it must try before giving up",
    ),
    Fault(
        "diagnostics_zero_retries_never_tried",
        _V,
        "takes retries of 0 for no attempt at all, and tells UploadFailed",
        "section 6.25 with errata 3.50: retries come after the first attempt",
    ),
    Fault(
        "diagnostics_request_restarts",
        _V,
        "restarts when GetDiagnostics comes, and does not answer it",
        "section 5.9: GetDiagnostics.conf",
    ),
    Fault(
        "firmware_statuses_spurious",
        ("2.0.1",),
        "tells each status of an update three times, and InstallScheduled where the installation begins at once",
        "L02.FR.01, L02.FR.10, L02.FR.23: a status that was entered",
    ),
    Fault(
        "installed_told_for_idle",
        ("2.0.1",),
        "tells Installed, not Idle, when it is asked for its status after an update",
        "L02.FR.16, F06.FR.16",
    ),
)
