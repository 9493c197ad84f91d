"""Wrong behaviours of the OCPP 1.6 stack. Sections are those of OCPP 1.6 edition 2; errata of its errata sheet."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16: tuple[Fault, ...] = (
    Fault("boot_never_retried", _V, "sends no BootNotification after one was Rejected or Pending", "section 4.2"),
    Fault(
        "boot_retried_early",
        _V,
        "repeats a Rejected or Pending BootNotification after a quarter of the interval",
        "section 4.2: the interval is the minimum wait time",
    ),
    Fault(
        "status_before_boot",
        _V,
        "sends a StatusNotification before it registers",
        "section 4.2: nothing else between power-on and an accepted BootNotification",
    ),
    Fault("no_heartbeat", _V, "never sends a Heartbeat of its own accord", "section 4.6"),
    Fault(
        "heartbeat_too_often",
        _V,
        "beats at half the interval that BootNotification.conf gave",
        "section 4.2: the heartbeat interval is the one from the response",
    ),
    Fault(
        "preparing_not_reported", _V, "leaves out every Preparing", "section 4.9; errata 3.19: status changes are sent"
    ),
    Fault(
        "finishing_not_reported", _V, "leaves out every Finishing", "section 4.9; errata 3.19: status changes are sent"
    ),
    Fault(
        "starts_with_other_tag",
        _V,
        "puts another idTag into StartTransaction than the one that was authorised",
        "sections 4.8, 5.11: the transaction carries the identifier that started it",
    ),
    Fault("never_starts_on_token", _V, "authorises a presented tag and starts nothing", "section 4.8"),
    Fault(
        "authorization_lost_on_plug_in",
        _V,
        "forgets an authorisation when the cable is plugged in after it",
        "section 4.8; 4.9 B3",
    ),
    Fault(
        "connection_timeout_ignored",
        _V,
        "keeps an authorisation for ever when no cable is plugged in",
        "section 9.1.6 ConnectionTimeOut; 4.9 B1",
    ),
    Fault(
        "connection_timeout_halved",
        _V,
        "drops an authorisation after half of ConnectionTimeOut",
        "section 9.1.6 ConnectionTimeOut",
    ),
    Fault(
        "authorisation_outlives_timeout",
        _V,
        "reports Available after ConnectionTimeOut and charges whoever plugs in then",
        "section 4.1: energy is supplied after authorisation only; 9.1.6",
    ),
    Fault(
        "energy_after_ev_disconnect",
        _V,
        "stops the transaction when the cable is unplugged at the EV, and supplies energy when it is plugged in again",
        "section 4.10: energy transfer is not allowed until a new transaction is started",
    ),
    Fault(
        "ev_disconnect_keeps_transaction",
        _V,
        "keeps the transaction when the cable is unplugged at the EV although configured to stop it",
        "section 4.10, StopTransactionOnEVSideDisconnect",
    ),
    Fault("remote_start_ignored", _V, "accepts RemoteStartTransaction and does nothing", "section 5.11"),
    Fault(
        "remote_start_needs_cable",
        _V,
        "accepts RemoteStartTransaction without a cable plugged in and forgets it",
        "section 5.11; 4.9 A2",
    ),
    Fault("remote_stop_ignored", _V, "accepts RemoteStopTransaction and goes on charging", "section 5.12"),
    Fault("stop_reason_always_local", _V, "gives every StopTransaction the reason Local", "sections 4.10, 7.36"),
    Fault("reset_ignored", _V, "accepts Reset and does not restart", "section 5.14"),
    Fault("forgets_unavailable", _V, "is available again after a reboot", "sections 4.9, 5.2: persistent states"),
    Fault(
        "required_key_missing",
        _V,
        "never reports ConnectionTimeOut in GetConfiguration.conf",
        "sections 5.8, 9.1.6: a required key",
    ),
    Fault("unknown_key_missing", _V, "leaves out unknownKey in GetConfiguration.conf", "section 5.8"),
    Fault("configuration_not_stored", _V, "accepts ChangeConfiguration and keeps the old value", "section 5.3"),
    Fault("unknown_key_accepted", _V, "accepts ChangeConfiguration of a key it has not", "section 5.3: NotSupported"),
    Fault("invalid_value_accepted", _V, "accepts values that a key cannot take", "section 5.3: Rejected"),
    Fault(
        "starts_unauthorised",
        _V,
        "charges although the CSMS did not accept the identifier",
        "section 4.1: energy is supplied after authorisation only",
    ),
    Fault(
        "unknown_transaction_stop_accepted",
        _V,
        "accepts RemoteStopTransaction of a transaction it does not have",
        "section 5.12: a status that says whether the transaction is ongoing",
    ),
    Fault("trigger_ignored", _V, "accepts TriggerMessage and sends nothing", "section 5.17"),
    Fault("sampled_too_rarely", _V, "samples at twice the configured interval", "section 3.16.1; errata 3.15"),
    Fault(
        "sampled_measurand_missing",
        _V,
        "leaves out the last configured measurand",
        "sections 3.16.1, 9.1.17 MeterValuesSampledData",
    ),
    Fault("sampled_context_wrong", _V, "marks periodic samples as Sample.Clock", "section 7.35 ReadingContext"),
    Fault("meter_stop_wrong", _V, "reports a meterStop 50 Wh above its register", "section 6.49 meterStop"),
    Fault("meter_start_zero", _V, "reports meterStart 0 while its register is not", "section 6.45 meterStart"),
)
