"""Wrong behaviours of the OCPP 1.6 stack around tags, ends of sessions and refusals. Sections are those of OCPP 1.6 edition 2."""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_SESSIONS: tuple[Fault, ...] = (
    Fault("any_tag_stops", _V, "stops a transaction for whatever tag is presented", "section 4.10; 3.10"),
    Fault(
        "free_tag_in_hexadecimal",
        _V,
        "tells the tag that is set to let everybody in by the hexadecimal digits of its characters",
        "section 6.45: the identifier for which the transaction was started; 3.9",
    ),
    Fault(
        "asks_for_tags_that_cannot_stop",
        _V,
        "sends Authorize for a tag that can neither start nor stop anything",
        "OCTT 1.6 TC_068_CS: no Authorize.req",
    ),
    Fault(
        "own_tag_asked_for",
        _V,
        "sends Authorize for the tag that began when that ends the transaction",
        "section 4.1: Authorize only when the identifier differs",
    ),
    Fault(
        "other_tag_cuts_energy",
        _V,
        "ends the energy, not the transaction, for a tag that can end nothing",
        "sections 3.10, 4.10",
    ),
    Fault("own_tag_does_not_stop", _V, "goes on when the tag that began is presented again", "section 4.10"),
    Fault("stop_without_tag", _V, "leaves the idTag out of every StopTransaction", "sections 4.10, 6.49"),
    Fault("group_tag_does_not_stop", _V, "stops for the very tag only, not for one of its group", "section 3.10"),
    Fault("group_tag_not_asked", _V, "stops for a tag of the group without asking the CSMS", "sections 3.10, 4.10"),
    Fault(
        "group_stop_names_the_first_tag",
        _V,
        "puts the tag that began into the StopTransaction of another tag of its group",
        "section 6.49: the identifier that stopped",
    ),
    Fault(
        "unlocks_on_ev_side_disconnect",
        _V,
        "unlocks when the cable is unplugged at the EV although UnlockConnectorOnEVSideDisconnect is false",
        "section 9.1.33",
    ),
    Fault(
        "stops_on_every_ev_disconnect",
        _V,
        "stops the transaction when the cable is unplugged at the EV although StopTransactionOnEVSideDisconnect is false",
        "section 9.1.23; 4.10",
    ),
    Fault(
        "stops_some_time_after_ev_disconnect",
        _V,
        "reports the suspension by an unplugged EV, and stops the transaction some seconds later although not configured to",
        "section 4.10: the transaction SHALL not be stopped",
    ),
    Fault("unlock_said_to_fail", _V, "answers UnlockFailed to every UnlockConnector", "section 5.18; 7.46"),
    Fault("ev_side_info_missing", _V, "leaves out the info EV side disconnected", "section 4.10; OCTT 1.6 TC_005_3_CS"),
    Fault("suspension_not_reported", _V, "leaves out SuspendedEV and SuspendedEVSE", "section 4.9; errata 3.19"),
    Fault(
        "cached_tag_asked_for",
        _V,
        "asks the CSMS for a cached tag although LocalPreAuthorize is true",
        "section 9.1.13",
    ),
    Fault(
        "cached_tag_starts_nothing", _V, "starts nothing for a tag that it knows from its cache", "section 3.5.1, 4.8"
    ),
    Fault("clear_cache_ignored", _V, "accepts ClearCache and keeps its cache", "section 5.4"),
    Fault(
        "clear_cache_keeps_the_latest",
        _V,
        "clears all of its cache but the tag that came last",
        "section 5.4",
    ),
    Fault("clear_cache_answered_by_error", _V, "answers ClearCache with an InternalError", "section 5.4"),
    Fault("clear_cache_refused", _V, "rejects ClearCache although it has a cache", "section 5.4; errata 3.23"),
    Fault(
        "authorization_never_ends",
        _V,
        "stays Preparing for ever once somebody was authorized",
        "section 4.9 B1; 9.1.6",
    ),
    Fault(
        "second_remote_start_accepted",
        _V,
        "accepts a remote start on a connector where a transaction runs",
        "section 5.11: whether it will attempt to start",
    ),
    Fault(
        "second_remote_start_ends_the_first",
        _V,
        "rejects a remote start on a connector where a transaction runs, and stops that",
        "section 5.11",
    ),
    Fault(
        "second_remote_start_cuts_energy",
        _V,
        "rejects a remote start on a connector where a transaction runs, and supplies no more",
        "section 5.11",
    ),
    Fault("connector_0_start_accepted", _V, "accepts a remote start on connector 0", "section 5.11; 6.33"),
    Fault(
        "refused_remote_start_begins",
        _V,
        "answers Rejected to a remote start and begins it at a free connector",
        "section 5.11: the status says whether it will attempt to start",
    ),
    Fault(
        "refused_remote_start_supplies",
        _V,
        "answers Rejected to a remote start and supplies energy without a transaction",
        "section 4.1: energy is supplied after authorization only",
    ),
    Fault(
        "rejected_value_stored",
        _V,
        "answers Rejected to a number out of range and stores the nearest one",
        "section 5.3: the setting is not changed",
    ),
    Fault(
        "data_transfer_accepted",
        _V,
        "accepts DataTransfer of a vendor it does not know",
        "section 4.3: UnknownVendorId",
    ),
    Fault(
        "unknown_vendor_with_data",
        _V,
        "answers UnknownVendorId with data",
        "section 4.3: the data element SHALL not be present",
    ),
    Fault("data_transfer_refused_as_error", _V, "answers DataTransfer with an InternalError", "sections 5.6, 4.3"),
    Fault(
        "trigger_for_no_connector_accepted",
        _V,
        "accepts a trigger for a connector that it has not",
        "section 5.17",
    ),
    Fault(
        "rejected_trigger_obeyed",
        _V,
        "rejects a trigger for a connector that it has not, and sends that of its first connector",
        "section 5.17",
    ),
    Fault(
        "no_changes_while_pending",
        _V,
        "rejects ChangeConfiguration until its registration is accepted",
        "section 4.2: the CSMS can change settings while Pending",
    ),
    Fault(
        "no_answers_while_pending",
        _V,
        "answers GetConfiguration with an error until its registration is accepted",
        "section 4.2: the CSMS can retrieve information while Pending",
    ),
    Fault(
        "stop_button_setting_keeps_energy",
        _V,
        "while its stop button is enabled, answers a remote stop, tells the end, and keeps its contactor closed until the plug is out",
        "sections 5.12, 4.1: the transaction is stopped; energy after authorisation only",
    ),
)
