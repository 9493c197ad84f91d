"""Wrong behaviours of the OCPP 1.6 stations around the security extension.

Requirement ids are those of the OCA white paper "Improved security for OCPP 1.6-J", edition 3.
"""

from bench.virtual.stations.fault import Fault

_V = ("1.6",)

FAULTS16_SECURITY: tuple[Fault, ...] = (
    # -- HTTP Basic
    Fault("no_credentials_after_reset", _V, "connects without credentials after a reset", "A00.FR.203, 302"),
    Fault(
        "user_name_is_not_the_identity",
        _V,
        "after a reset, gives its serial number as the user name of its credentials",
        "A00.FR.204, 303",
    ),
    Fault("password_refused", _V, "rejects a new AuthorizationKey", "A01; OCPP-J 6.2.2"),
    Fault(
        "password_not_used",
        _V,
        "accepts a new AuthorizationKey and goes on with the old one",
        "A01.FR.01; OCPP-J 6.2.2",
    ),
    Fault(
        "password_waits_for_reset",
        _V,
        "accepts a new AuthorizationKey and keeps its connection",
        "A01: it disconnects and connects with the new password",
    ),
    Fault(
        "password_as_hexadecimal", _V, "uses the hexadecimal text of a new AuthorizationKey as password", "A00.FR.205"
    ),
    Fault("password_read_back", _V, "gives the AuthorizationKey to whoever asks for it", "7.2: write-only"),
    # -- TLS
    Fault("half_a_pair_of_suites", _V, "offers only half of each pair of cipher suites", "A00.FR.318, 422"),
    Fault(
        "suite_offered_in_vain", _V, "offers AES-256 suites of TLS 1.2 and breaks off when one is agreed", "A00.FR.318"
    ),
    Fault("old_tls_after_reset", _V, "offers TLS 1.1 at most after a reset", "A00.FR.312, 416"),
    Fault("old_tls_accepted", _V, "connects to a CSMS that speaks TLS 1.1 at most", "A00.FR.315, 419"),
    Fault("server_refused_after_reset", _V, "trusts no CSMS at all after a reset", "A00.FR.307, 411"),
    Fault(
        "password_sent_with_certificate",
        _V,
        "sends user name and password although profile 3 is in force",
        "A00.FR.001",
    ),
    Fault("client_certificate_untrusted", _V, "has a certificate that no CA of its operator signed", "A00.FR.401, 403"),
    Fault("client_certificate_of_another", _V, "has a certificate with another station's serial number", "A00.FR.511"),
    Fault("client_certificate_weak", _V, "has a certificate for an RSA key of 1024 bits", "A00.FR.502"),
    Fault("server_certificate_not_verified", _V, "takes any certificate of the CSMS", "A00.FR.307, 310, 411, 414"),
    Fault("server_name_not_verified", _V, "takes a certificate that was made for another host", "A00.FR.308, 412"),
    Fault(
        "no_event_for_bad_server",
        _V,
        "tells nothing of a CSMS certificate that it refused",
        "A00.FR.309, 315, 413, 419",
    ),
    Fault("client_certificate_missing_after_reset", _V, "sends no certificate after a reset", "A00.FR.401, 402"),
    # -- its own certificate
    Fault("signing_not_triggered", _V, "rejects the trigger for SignCertificate", "A02; 6.16"),
    Fault("signing_never_asked_for", _V, "accepts the trigger for SignCertificate and sends none", "A02.FR.02, 03"),
    Fault("request_not_pem", _V, "sends its certificate request without PEM encoding", "A02.FR.03"),
    Fault("request_with_old_key", _V, "asks for a new certificate for the key that it has already", "A02.FR.02"),
    Fault("request_without_cpo_name", _V, "leaves its operator's name out of the certificate request", "A02.FR.13"),
    Fault("request_without_serial", _V, "puts its identity, a URL, in place of its serial number", "A00.FR.511"),
    Fault("request_with_weak_key", _V, "makes an RSA key of 1024 bits", "A00.FR.502"),
    Fault("good_certificate_rejected", _V, "rejects the certificate that it asked for", "A02.FR.06"),
    Fault("new_certificate_not_used", _V, "accepts a new certificate and goes on with the old one", "A02.FR.08"),
    Fault("certificate_period_not_checked", _V, "accepts a certificate whose time is over", "A02.FR.06, 07"),
    Fault("no_event_for_bad_certificate", _V, "tells nothing of a certificate that it rejected", "A02.FR.07"),
    # -- roots
    Fault("root_rejected", _V, "rejects every root certificate", "M05.FR.02"),
    Fault("root_not_stored", _V, "accepts a root certificate and does not install it", "M05.FR.01, 02"),
    Fault("root_hash_of_whole_key", _V, "hashes the issuer's key with its tag and length", "6.1 issuerKeyHash"),
    Fault("root_serial_padded", _V, "writes serial numbers with leading zeros", "6.1 serialNumber"),
    Fault("expired_root_installed", _V, "installs a root certificate whose time is over", "M05.FR.06"),
    Fault("no_event_for_bad_root", _V, "tells nothing of a root certificate that it rejected", "A04; chapter 8"),
    Fault("expired_root_kept", _V, "rejects a root certificate whose time is over, and installs it", "M05.FR.06"),
    Fault("deletion_refused", _V, "rejects every DeleteCertificate", "M04.FR.02"),
    Fault("deletion_not_done", _V, "accepts DeleteCertificate and keeps the certificate", "M04.FR.02"),
    # -- the profile
    Fault("profile_upgrade_refused", _V, "rejects a higher SecurityProfile", "A05.FR.05"),
    Fault("profile_upgrade_ignored", _V, "accepts a higher SecurityProfile and goes on as before", "A05.FR.06, 07"),
    Fault(
        "reset_for_profile_rejected",
        _V,
        "takes a higher SecurityProfile at its next reset, and rejects every Reset",
        "section 5.14; A05: it is reset when it asks for it",
    ),
    Fault(
        "no_boot_after_reset_for_profile",
        _V,
        "takes a higher SecurityProfile at its next reset, after which it sends no BootNotification",
        "section 4.2: BootNotification each time it boots or reboots",
    ),
    Fault(
        "no_station_status_after_reset_for_profile",
        _V,
        "takes a higher SecurityProfile at its next reset, and never reports the status of connector 0",
        "section 4.9; errata 3.22: connector 0 and all connectors",
    ),
    Fault("profile_not_reported", _V, "uses a higher SecurityProfile and reports the old one", "A05; 5.8"),
    Fault("profile_downgrade_accepted", _V, "accepts a lower SecurityProfile", "A05.FR.01; A00.FR.005"),
    Fault(
        "profile_downgrade_reconnects",
        _V,
        "rejects a lower SecurityProfile and connects anew all the same",
        "A05.FR.01: it shall not reconnect",
    ),
    Fault(
        "profile_downgrade_kept",
        _V,
        "rejects a lower SecurityProfile and takes it over",
        "A05.FR.01: it shall not change the value",
    ),
)
