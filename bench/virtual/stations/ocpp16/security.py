"""The security extension: security events, AuthorizationKey and SecurityProfile (OCA white paper edition 3, A01, A04, A05)."""

import contextlib
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.keystore import CENTRAL, Keystore
from bench.virtual.stations.ocpp16.certificates import Certificates
from bench.virtual.stations.ocpp16.configuration import Outcome
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.logs import Logs
from bench.virtual.stations.ocpp16.package import call
from bench.virtual.stations.ocpp16.signed_firmware import SignedFirmware
from bench.virtual.stations.ocpp16.signing import Signing

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

LOG_LENGTH = 200
"""Entries that the security log keeps; older ones go (A04.FR.04, rolling)."""
KEY_OCTETS = range(16, 21)
"""Length of a password: 16 to 20 bytes (A00.FR.205)."""
PROFILE_WAITS_FOR_RESET = (
    "reset_for_profile_rejected", "no_boot_after_reset_for_profile", "no_station_status_after_reset_for_profile",
)  # fmt: skip
"""Wrong stations that ask for a reset, as they may, and go wrong at it."""


class Security:
    """Present in stations with the security extension only."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._board = stack.board
        self.keystore = Keystore(stack.board.nvram, stack.board.config)
        self.certificates = Certificates(self, stack.board)
        self.signing = Signing(self, stack)
        self.logs = Logs(self, stack)
        self.signed_firmware = SignedFirmware(self, stack)
        stack.configuration.guard("AuthorizationKey", self._change_password)
        stack.configuration.guard("SecurityProfile", self._change_profile)
        stack.configuration.show("SecurityProfile", str(self.keystore.profile))

    # -- events

    def happened(self, kind: str, info: str = "") -> None:
        """A security event: into the log, and to the CSMS as soon as there is a way to it (A04)."""
        told = {"type": kind, "info": info, "timestamp": self._board.clock.text()}
        nvram = self._board.nvram
        nvram.write("security_log", [*nvram.read("security_log", []), told][-LOG_LENGTH:])
        nvram.write("security_events", [*nvram.read("security_events", []), told])
        if self._stack.csms.ready.is_set():
            self._stack.spawn(self.deliver())

    def log(self) -> list[dict[str, str]]:
        """The security log, oldest first: `type`, `info`, `timestamp`."""
        found: list[dict[str, str]] = self._board.nvram.read("security_log", [])
        return found

    def greeted(self, reason: str) -> None:
        """The station was accepted after a boot: that is an event of its own, and others may have waited."""
        self.happened("StartupOfTheDevice")
        if reason == "RemoteReset":
            self.happened("ResetOrReboot")

    async def connected(self) -> None:
        """There is a connection, and the station is accepted: the profile is the one that it came about with (A05.FR.08)."""
        if not self._board.faults.on("profile_not_reported"):
            self._stack.configuration.show("SecurityProfile", str(self.keystore.profile))
        await self.deliver()

    async def deliver(self) -> None:
        """Send what waits, in order; what is not taken waits on (A04.FR.02)."""
        nvram = self._board.nvram
        while waiting := nvram.read("security_events", []):
            nvram.write("security_events", waiting[1:])
            event = waiting[0]
            request: Any = call.SecurityEventNotification(
                type=event["type"], timestamp=event["timestamp"], tech_info=event["info"][:255] or None
            )
            try:
                await self._stack.csms.call(request)
            except UndeliveredError:
                nvram.write("security_events", [waiting[0], *nvram.read("security_events", [])])
                return

    # -- keys

    def _change_password(self, value: str) -> Outcome:
        """A01; a key is hexadecimal (OCPP-J 6.2.2). It is in no log (A01.FR.12)."""
        faults = self._board.faults
        try:
            key = bytes.fromhex(value)
        except ValueError:
            return "Rejected"
        if len(key) not in KEY_OCTETS or faults.on("password_refused"):
            return "Rejected"
        if not faults.on("password_not_used"):
            self.keystore.store_password(value.encode() if faults.on("password_as_hexadecimal") else key)
        self.happened("ReconfigurationOfSecurityParameters", "AuthorizationKey was changed")
        if not faults.on("password_waits_for_reset"):
            self.reconnect()
        return "Accepted"

    def _change_profile(self, value: str) -> Outcome:
        """A05.FR.01 to 07."""
        if value not in {"0", "1", "2", "3"}:
            return "Rejected"
        wanted, faults = int(value), self._board.faults
        if wanted <= self.keystore.profile:
            return self._downgrade(wanted)
        if not self._prepared_for(wanted) or faults.on("profile_upgrade_refused"):
            return "Rejected"
        if faults.on("profile_upgrade_ignored"):
            return "Accepted"
        self.keystore.raise_profile(wanted)
        if not faults.on("profile_not_reported"):
            self._stack.configuration.show("SecurityProfile", value)
        self.happened("ReconfigurationOfSecurityParameters", f"SecurityProfile is {value}")
        if any(faults.on(name) for name in PROFILE_WAITS_FOR_RESET):
            return "RebootRequired"
        self.reconnect()
        return "Accepted"

    def _downgrade(self, wanted: int) -> Outcome:
        faults = self._board.faults
        if faults.on("profile_downgrade_reconnects"):
            self.reconnect()
        if faults.on("profile_downgrade_kept"):  # until the next connection
            self._stack.configuration.show("SecurityProfile", str(wanted))
        return "Accepted" if faults.on("profile_downgrade_accepted") else "Rejected"

    def _prepared_for(self, profile: int) -> bool:
        """A05.FR.02 to 04."""
        password, store = self.keystore.password, self.keystore
        if profile in {1, 2} and (password is None or len(password) not in KEY_OCTETS):
            return False
        if profile in {2, 3} and not any(self.certificates.is_valid(root.pem) for root in store.roots(CENTRAL)):
            return False
        return profile != 3 or (store.own is not None and self.certificates.is_valid(store.own[0]))

    def reconnect(self) -> None:
        """Leave the connection once the reply was sent; the next one uses what is stored then."""
        self._stack.after_reply(lambda: self._stack.spawn(self._leave()))

    async def _leave(self) -> None:
        with contextlib.suppress(UndeliveredError):
            await self.deliver()
        await self._stack.csms.hang_up()
