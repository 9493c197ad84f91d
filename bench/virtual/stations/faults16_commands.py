"""Wrong behaviours of the OCPP 1.6 stack where the CSMS commands or asks: configuration, reset, refusals, triggers, samples."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_COMMANDS: tuple[Fault, ...] = (
    Fault(
        "boots_every_ten_seconds",
        _V,
        "sends BootNotification every 10 s although it was accepted",
        "section 4.2: it registers each time it boots or reboots",
    ),
    Fault(
        "boots_twice_and_is_deaf",
        _V,
        "sends another BootNotification 1.6 s after one that was accepted, and answers no GetConfiguration and ChangeAvailability from then on",
        "section 4.2; OCPP-J 1.6 sections 4.1.1, 4.2.2: a request is answered",
    ),
    Fault(
        "statuses_while_not_accepted",
        _V,
        "reports all its statuses although its BootNotification was answered Pending or Rejected",
        "section 4.2: no request before it is accepted",
    ),
    Fault(
        "any_message_type_is_a_request",
        _V,
        "takes whatever has four elements for a request, whatever its message type",
        "OCPP-J 1.6 section 4.1.3: of an unknown message type the payload is ignored",
    ),
    Fault(
        "tag_of_20_characters_too_long",
        _V,
        "answers a RemoteStartTransaction whose tag has 20 characters with a CALLERROR whose details are a text",
        "section 7.28: a tag has up to 20 characters; OCPP-J 1.6 section 4.2.3: the details are an object",
    ),
    Fault(
        "required_key_readonly",
        _V,
        "offers HeartbeatInterval for reading only",
        "section 9.1.10: a required key that can be written",
    ),
    Fault(
        "named_keys_left_out",
        _V,
        "answers only the first half of the keys that a GetConfiguration names",
        "section 5.8: all recognized keys are returned",
    ),
    Fault("availability_ignored", _V, "accepts ChangeAvailability and changes nothing", "section 5.2"),
    Fault("stays_inoperative", _V, "accepts a change to Operative and stays Unavailable", "section 5.2"),
    Fault(
        "reset_without_restart",
        _V,
        "answers a hard reset with a BootNotification on the old connection and restarts nothing",
        "section 5.14; errata 3.36: a hard reset restarts the hardware",
    ),
    Fault(
        "no_boot_after_reset",
        _V,
        "comes back from a reset without a BootNotification",
        "section 4.2: BootNotification each time it boots or reboots",
    ),
    Fault(
        "station_status_not_reported",
        _V,
        "never reports the status of connector 0",
        "section 4.9; errata 3.22: connector 0 and all connectors",
    ),
    Fault(
        "authorize_not_sent",
        _V,
        "refuses a tag that it does not know without asking the CSMS",
        "section 4.1: a tag that is not known is asked for",
    ),
    Fault(
        "remote_tag_not_authorised",
        _V,
        "starts remotely without Authorize although AuthorizeRemoteTxRequests is true",
        "sections 5.11, 9.1.3",
    ),
    Fault(
        "energy_unauthorised",
        _V,
        "supplies energy without a transaction to a tag that the CSMS did not accept",
        "section 4.1: energy is supplied after authorisation only",
    ),
    Fault(
        "unknown_stop_stops_another",
        _V,
        "rejects RemoteStopTransaction of an unknown transaction and stops the one that runs",
        "section 5.12: the transaction with the given id",
    ),
    Fault(
        "unknown_stop_cuts_energy",
        _V,
        "rejects RemoteStopTransaction of an unknown transaction and withdraws the energy of the one that runs",
        "section 5.12: the transaction with the given id",
    ),
    Fault("triggered_heartbeat_missing", _V, "accepts a trigger of Heartbeat and sends none", "section 5.17"),
    Fault(
        "triggered_connector_ignored",
        _V,
        "answers a trigger for one connector with the status of connector 0",
        "section 5.17: a trigger for one connector is about that connector",
    ),
    Fault(
        "triggered_diagnostics_not_idle",
        _V,
        "reports diagnostics as Uploaded although nothing was uploaded",
        "section 4.4: Idle when it is not busy uploading",
    ),
    Fault(
        "triggered_firmware_not_idle",
        _V,
        "reports firmware as Installed although nothing was installed",
        "section 4.5: Idle when it is not busy downloading or installing",
    ),
    Fault(
        "sample_interval_not_applied",
        _V,
        "stores a new MeterValueSampleInterval and goes on with the one it had when it started",
        "sections 5.3, 9.1.19: Accepted means effective at once",
    ),
    Fault(
        "sample_timestamps_frozen",
        _V,
        "stamps every periodic sample with the time at which the transaction started",
        "section 7.33: the timestamp of the measured value",
    ),
    Fault(
        "sampled_register_frozen",
        _V,
        "repeats the register of the transaction's start in every periodic sample",
        "sections 4.7, 7.31: the register at the time of the sample",
    ),
)
