"""Wrong behaviours of the station's end of the connection, and of its life around it. Every protocol stack has them."""

from bench.virtual.stations.fault import Fault

BOTH = ("1.6", "2.0.1")

FAULTS_LINK: tuple[Fault, ...] = (
    # -- the opening handshake
    Fault(
        "handshake_without_connection",
        BOTH,
        "asks for a WebSocket without the header field Connection",
        "RFC 6455 section 4.1 item 6; OCPP-J 1.6 section 3.1; OCPP 2.0.1 Part 4 section 3.1",
    ),
    Fault(
        "no_identity_in_url",
        BOTH,
        "asks for the path / instead of one that ends with its identity",
        "OCPP-J 1.6 section 3.1.1; OCPP 2.0.1 Part 4 section 3.1.1",
    ),
    # -- pings
    Fault("no_pong", BOTH, "answers no ping of the CSMS", "RFC 6455 section 5.5.2; OCPP-J 1.6 sections 5.3, 7"),
    Fault(
        "no_pings",
        BOTH,
        "sends no pings whatever WebSocketPingInterval says, and does not notice that a connection is dead",
        "OCPP-J 1.6 sections 5.3, 7 WebSocketPingInterval; errata 3.11",
    ),
    Fault(
        "fragments_not_read",
        BOTH,
        "does not read a message that comes in fragments",
        "RFC 6455 section 5.4: a message may be sent in fragments, and either end has to take them",
    ),
    # -- how long a connection lasts
    Fault(
        "drops_socket_every_24_s",
        BOTH,
        "lets every connection go 24 s after it was opened, without a close frame, and connects again a second later",
        "OCPP-J 1.6 section 5.5; OCPP 2.0.1 Part 4 section 3.1: the connection is kept open",
    ),
    Fault(
        "closes_socket_every_25_s",
        BOTH,
        "closes every connection 25 s after it was opened with code 1000, and connects again a second later",
        "OCPP-J 1.6 section 5.5; OCPP 2.0.1 Part 4 section 3.1: the connection is kept open",
    ),
    Fault(
        "closes_socket_every_two_minutes",
        BOTH,
        "closes every connection two minutes after it was opened, and connects again a second later",
        "OCPP-J 1.6 section 5.5; OCPP 2.0.1 Part 4 section 3.1: the connection is kept open",
    ),
    Fault(
        "connects_in_a_loop_after_csms_close",
        BOTH,
        "after the CSMS closed a connection, closes each new one 1 s after it was opened, until its supply is taken away",
        "OCPP-J 1.6 sections 5.4, 5.5; OCPP 2.0.1 Part 4 section 3.1: the connection is kept open",
    ),
    Fault(
        "closes_socket_on_errors",
        BOTH,
        "closes the connection with code 1000 at every fourth CALLERROR that it gets",
        "OCPP-J 1.6 section 4.2.3: an error is an answer",
    ),
    Fault(
        "closes_socket_on_key_list",
        ("1.6",),
        "closes the connection with code 1002 where a GetConfiguration names keys, and does not answer it",
        "OCPP-J 1.6 section 4.2.3: what cannot be handled is answered with a CALLERROR",
    ),
    Fault(
        "deaf_while_charging",
        BOTH,
        "20 s after it told of a transaction, neither reads nor sends anything any more, and keeps the connection",
        "OCPP-J 1.6 sections 4.1.1, 5.3; OCPP 2.0.1 Part 4 sections 4.1.1, 5.2",
    ),
    Fault(
        "deaf_after_ten_minutes",
        BOTH,
        "neither reads nor sends anything on a connection that is ten minutes old, and keeps it",
        "OCPP-J 1.6 sections 4.1.1, 5.3; OCPP 2.0.1 Part 4 sections 4.1.1, 5.2",
    ),
    # -- what it does when the connection is gone, and when it is back
    Fault(
        "stays_away",
        BOTH,
        "never connects again when its connection has ended",
        "OCPP 1.6 sections 3.5, 3.7; OCPP-J 1.6 section 5.4; OCPP 2.0.1 Part 4 section 5.3: it connects again",
    ),
    Fault(
        "gives_up_when_turned_away",
        BOTH,
        "never connects again once the CSMS has answered an attempt with HTTP 401 or 404",
        "OCPP-J 1.6 errata 3.4; OCPP 2.0.1 Part 4 section 5.3: it goes on trying",
    ),
    Fault(
        "stays_away_once_closed",
        BOTH,
        "connects no more when the CSMS has closed a connection with a close frame, until its supply is taken away",
        "OCPP-J 1.6 section 5.4; OCPP 2.0.1 Part 4 section 5.3: it connects again",
    ),
    Fault(
        "stays_away_with_a_new_password",
        ("2.0.1",),
        "takes a new BasicAuthPassword, ends its connection and opens no other",
        "OCPP 2.0.1 A01.FR.03, Part 4 section 5.3: it connects again, with the new password",
    ),
    Fault(
        "reboots_when_link_lost",
        BOTH,
        "restarts 20 s after its connection ended, whoever ended it",
        "OCPP 1.6 section 3.5; OCPP-J 1.6 section 5.4; OCPP 2.0.1 Part 4 section 5.3",
    ),
    Fault(
        "restarts_on_slow_answers",
        BOTH,
        "restarts where an answer of the CSMS takes more than 5 s",
        "OCPP-J 1.6 section 4.1.1, OCPP 2.0.1 Part 4 section 4.1.1: a request that is not answered has timed out, no more",
    ),
    Fault(
        "reconnects_every_second",
        BOTH,
        "tries to connect every second for as long as it fails",
        "OCPP-J 1.6 errata 3.4; OCPP 2.0.1 Part 4 sections 5.3, 8.1 to 8.3: an increasing back-off time",
    ),
    Fault(
        "reset_carried_out_twice",
        BOTH,
        "carries out a Reset again, and answers it again, 8 s after the connection that follows it",
        "OCPP-J 1.6 sections 4.1.1, 4.1.4: one answer to a CALL",
    ),
    Fault(
        "reset_repeated_in_silence",
        BOTH,
        "carries out a Reset again, and answers nothing, 8 s after the connection that follows it",
        "OCPP 1.6 section 5.14; OCPP 2.0.1 B11.FR.03: one request, one reset",
    ),
    Fault(
        "heartbeats_without_supply",
        ("1.6",),
        "a proxy keeps the connection and sends a Heartbeat every 15 s while the station has no supply",
        "OCPP 1.6 section 4.6: a Heartbeat tells that the station is alive",
    ),
    Fault(
        "restarts_on_every_tls_connection",
        ("1.6",),
        "restarts as soon as a TLS handshake is done",
        "OCPP-J 1.6 section 6.2; white paper A05.FR.07: it connects with the new profile",
    ),
)
"""All of them need the station's socket or its supply; what a single frame shows is a WireFault."""
