"""A virtual charging station: supply, network and life cycle around one protocol stack."""

import asyncio
import base64
import contextlib
import logging
import random
import ssl
from dataclasses import dataclass
from functools import partial

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from bench.virtual.hardware import StationHardware
from bench.virtual.stations.board import Board, BootReason, Stack, StackFactory
from bench.virtual.stations.clock import StationClock
from bench.virtual.stations.config import StationConfig
from bench.virtual.stations.faults import ActiveFaults
from bench.virtual.stations.faults_aligned import AHEAD_S
from bench.virtual.stations.keystore import Keystore
from bench.virtual.stations.link import Link
from bench.virtual.stations.nvram import Nvram
from bench.virtual.stations.stacks import STACKS
from bench.virtual.stations.tls_client import StationContext, context_for, event_for
from bench.virtual.stations.wire.frame import Wire
from bench.virtual.stations.wrong_link import ENDED, HASTY, NEW_PASSWORD, RETRY_S, WrongLink, opened_by, outlive
from bench.virtual.stations.wrong_register import LOST_LINKS

_AWAY = frozenset((401, 404))

LOGGER = logging.getLogger("plugproof.virtual.station")

SLOW_BOOT_S = 115.0
"""How long a station boots that takes its time."""

REBOOT_WITHOUT_LINK_S = 20.0
"""When a station restarts that cannot do without its connection."""

BEAT_S = 15.0
"""How often a proxy sends a Heartbeat for a station that is off."""

FALL_BACK_AFTER = 3
"""Failed attempts with a new security profile after which the one before is used again."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """Waits between attempts to connect: the minimum plus a random part, doubled `repeat_times` times at most.

    OCPP-J 2.0.1 section 5.3 (RetryBackOffWaitMinimum, -RandomRange, -RepeatTimes); OCPP-J 1.6 leaves it to the station.
    """

    wait_minimum_s: float = 2.0
    random_range_s: float = 1.0
    repeat_times: int = 4

    def wait_s(self, attempt: int, rng: random.Random) -> float:
        """Seconds before the attempt of this number (0 = the first after a loss)."""
        doubled = self.wait_minimum_s * 2.0 ** min(attempt, self.repeat_times)
        return doubled + rng.uniform(0.0, self.random_range_s)


class VirtualStation:
    """One virtual station on its hardware. `start` once, `stop` at the end; supply comes and goes with the mains.

    `ids_seed` seeds message ids, latencies and back-off: the same seed on simulated time gives the same run.
    """

    def __init__(
        self,
        hardware: StationHardware,
        config: StationConfig,
        faults: ActiveFaults,
        ids_seed: int = 1,
        stacks: dict[str, StackFactory] | None = None,
    ) -> None:
        self.config = config
        self.nvram = Nvram()
        self._keystore = Keystore(self.nvram, config)
        self._wire = Wire()
        self._hardware = hardware
        self._faults = faults
        self._stacks = STACKS if stacks is None else stacks
        self._rng = random.Random(ids_seed)  # noqa: S311 - reproducibility is the point
        self._url = ""
        self._started = False
        self._life: asyncio.Task[None] | None = None
        self._board: Board | None = None
        self._proxy: asyncio.Task[None] | None = None
        self._dropped = False
        self._reached = False
        self._failures = 0
        self._turned_away = False
        self._stack: Stack | None = None
        self._link: Link | None = None
        hardware.on_mains(self._on_mains)
        hardware.on_id_token(self._on_id_token)
        hardware.on_button(self._on_button)

    async def start(self, url_base: str) -> None:
        """Install the station: it powers up when mains is present and connects to `<url_base>/<identity>`."""
        self._url = f"{url_base.rstrip('/')}/{self.config.identity}"
        ahead_s = AHEAD_S if self._faults.on("clock_ahead") else 0.0
        self._clock = StationClock(asyncio.get_running_loop(), self._faults, ahead_s)
        self._started = True
        if self._hardware.mains_present():
            self._power_up("PowerUp")

    async def stop(self) -> None:
        """Take the station away: it drops its connection and releases all outputs. Safe to repeat."""
        self._started = False
        life = self._life
        self._power_down()
        if self._proxy is not None:
            self._proxy.cancel()
        if life is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await life

    @property
    def connected(self) -> bool:
        """Whether a WebSocket connection is open and served."""
        return self._link is not None

    def _on_mains(self, present: bool) -> None:
        if not self._started:
            return
        if present and self._life is None:
            self._power_up("PowerUp")
        elif not present:
            self._power_down()

    def _on_id_token(self, reader: int, token: str) -> None:
        if self._stack is not None:
            self._stack.on_id_token(reader, token)

    def _on_button(self, evse_id: int, button: str) -> None:
        if self._board is not None and button in {"emergency_stop", "emergency_release"}:
            self._board.evses[evse_id].emergency_stop(pressed=button == "emergency_stop")
        elif self._stack is not None:
            self._stack.on_button(evse_id, button)

    def _power_up(self, reason: BootReason, left_behind: Link | None = None) -> None:
        if self._proxy is not None:
            self._proxy.cancel()
        life = self._live(reason, left_behind)
        self._life = asyncio.get_running_loop().create_task(life, name=self.config.identity)

    def _power_down(self) -> None:
        board, link = self._board, self._die()
        if link is None or board is None:
            return
        if self._started and self._faults.on("heartbeats_without_supply"):
            self._proxy = asyncio.get_running_loop().create_task(outlive(link, board.message_id, BEAT_S))
            self._proxy.add_done_callback(lambda _: link.abort())
        else:
            link.abort()

    def _die(self) -> Link | None:
        """End the firmware's life; gives the connection that it leaves behind."""
        if self._life is not None:
            self._life.cancel()
            self._life = None
        if self._stack is not None:
            self._stack.power_down()
        if self._board is not None:
            self._board.shut_down()
        link = self._link
        self._stack = self._board = self._link = None
        return link

    def _reboot(self, reason: BootReason) -> None:
        if self._life is not None:
            self._power_up(reason, self._die())

    async def _live(self, reason: BootReason, left_behind: Link | None) -> None:
        """One power-up: boot, then connect, serve and reconnect until the supply goes or the firmware restarts."""
        if left_behind is not None:
            await left_behind.close(1001, "restarting")
        await asyncio.sleep(SLOW_BOOT_S if self._faults.on("boots_slowly") else self.config.reboot_s)
        self._dropped = self._reached = False
        self._board = Board(
            config=self.config,
            hardware=self._hardware,
            nvram=self.nvram,
            clock=self._clock,
            faults=self._faults,
            rng=self._rng,
            reboot=self._reboot,
        )
        remembered = self.nvram.read("subprotocol")
        if remembered is not None:
            self._make_stack(self._board, remembered, reason)
        attempt = 0
        while True:
            if await self._connect_and_serve(self._board, reason):
                attempt = 0
                if self._stays_away():
                    await asyncio.Event().wait()
                if self._faults.on("reboots_when_link_lost"):
                    await asyncio.sleep(REBOOT_WITHOUT_LINK_S)
                    self._reboot("Watchdog")
            elif self._turned_away and self._faults.on("gives_up_when_turned_away"):
                await asyncio.Event().wait()
            await asyncio.sleep(self._pause_s(attempt))
            attempt += 1

    def _stays_away(self) -> bool:
        """The wrong stations whose connection has ended, and that open no other."""
        closed, changed = bool(self._wire.kept.get(ENDED)), bool(self.nvram.read(NEW_PASSWORD, False))
        return (
            self._faults.on("stays_away")
            or (closed and self._faults.on("stays_away_once_closed"))
            or (changed and self._faults.on("stays_away_with_a_new_password"))
        )

    def _pause_s(self, attempt: int) -> float:
        """Seconds before the attempt to connect of this number (0 = the first after a loss)."""
        if self._faults.among(*HASTY):
            return RETRY_S
        return BackOff(**self.nvram.read("backoff", {})).wait_s(attempt, self._rng)

    def _make_stack(self, board: Board, subprotocol: str, reason: BootReason) -> Stack:
        if self._stack is not None and self._stack.subprotocol == subprotocol:
            return self._stack
        if self._stack is not None:
            self._stack.power_down()
        self.nvram.write("subprotocol", subprotocol)
        self._stack = self._stacks[subprotocol](board)
        self._stack.power_up(reason)
        return self._stack

    async def _connect_and_serve(self, board: Board, reason: BootReason) -> bool:
        """One attempt; True when a connection came about (and has ended since)."""
        try:
            connection = await self._reach(restarted=reason == "RemoteReset" and not self._reached)
        except (OSError, TimeoutError, WebSocketException) as error:
            LOGGER.info("%s: no connection: %r", self.config.identity, error)
            self._note_failure(error)
            return False
        self._reached, self._failures = True, 0
        self._remember_csms(connection)
        if connection.subprotocol not in self.config.subprotocols:
            # OCPP-J 1.6 section 3.3: without an agreed subprotocol the client closes the connection.
            await connection.close(1002, "no common subprotocol")
            return False
        try:
            await self._serve(connection, board, reason)
        except WebSocketException as error:
            LOGGER.info("%s: connection ended: %r", self.config.identity, error)
        finally:
            self._link = None
            self.nvram.write(LOST_LINKS, int(self.nvram.read(LOST_LINKS, 0)) + 1)
            board.connection_is(up=False)
        return True

    async def _serve(self, connection: ClientConnection, board: Board, reason: BootReason) -> None:
        if self._faults.on("dead"):
            await connection.wait_closed()
            return
        if self._faults.on("first_connection_dropped") and not self._dropped:
            self._dropped = True
            await connection.close(1001, "connecting again")
            return
        self._wire.connections += 1
        link = self._link = WrongLink(connection, board.latency, self._faults, self._wire)
        board.connection_is(up=True)
        stack = self._make_stack(board, str(connection.subprotocol), reason)
        if connection.transport.get_extra_info("ssl_object") and self._faults.on("restarts_on_every_tls_connection"):
            self._reboot("Watchdog")
        link.restart = partial(self._reboot, "Watchdog")
        link.begin()
        try:
            await stack.run(link)
        finally:
            link.end()

    async def _reach(self, *, restarted: bool) -> ClientConnection:
        """Connect; with the root that was replaced, where the new one does not do (M05.FR.13)."""
        try:
            return await self._connect(restarted=restarted, fallback=False)
        except ssl.SSLCertVerificationError:
            if not any(root.fallback for root in self._keystore.roots()):
                raise
            return await self._connect(restarted=restarted, fallback=True)

    def _remember_csms(self, connection: ClientConnection) -> None:
        tls = connection.transport.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
        self._keystore.connected(ssl.DER_cert_to_PEM_cert(der) if der else "")

    def _note_failure(self, error: BaseException) -> None:
        """A security event where there is cause for one; after some failures with a new profile, the one before (A05.FR.08)."""
        event = event_for(error)
        if event is not None and not self._faults.on("no_event_for_bad_server"):
            waiting = self.nvram.read("security_events", [])
            told = {"type": event[0], "info": event[1], "timestamp": self._clock.text()}
            if all(one["type"] != event[0] for one in waiting):
                self.nvram.write("security_events", [*waiting, told])
        self._failures += 1
        self._turned_away = isinstance(error, InvalidStatus) and error.response.status_code in _AWAY
        if self._failures >= FALL_BACK_AFTER and self._keystore.fall_back():
            self._failures = 0

    async def _connect(self, *, restarted: bool, fallback: bool) -> ClientConnection:
        store, url = self._keystore, self._url
        headers = {}
        if store.password is not None and store.profile != 3 and not self._forgets(restarted=restarted):
            user = self._user(restarted=restarted)
            headers["Authorization"] = f"Basic {base64.b64encode(user.encode() + b':' + self._password()).decode()}"
        if store.profile == 3 and self._faults.on("password_sent_with_certificate"):
            told = f"{self.config.identity}:{self.config.serial}"
            headers["Authorization"] = f"Basic {base64.b64encode(told.encode()).decode()}"
        context: StationContext | None = None
        if store.profile >= 2:
            url = url.replace("ws://", "wss://", 1)
            kind = self.config.security.key_kind if self.config.security is not None else "ec"
            context = context_for(store, kind, self._faults, restarted=restarted, fallback=fallback)
        try:
            return await self._open(url, headers, context)
        except (OSError, TimeoutError) as error:
            if context is not None and context.failure is not None:
                raise context.failure from error
            raise

    async def _open(self, url: str, headers: dict[str, str], context: StationContext | None) -> ClientConnection:
        ping_interval_s = self.nvram.read("ping_interval_s", 60)
        if ping_interval_s and self._faults.on("no_pings"):
            ping_interval_s = 0
        if self._faults.on("no_identity_in_url"):
            url = url.removesuffix(self.config.identity)
        return await connect(
            url,
            ssl=context,
            create_connection=opened_by(self._faults),
            subprotocols=list(self.config.subprotocols),  # type: ignore[arg-type] # a NewType over str
            additional_headers=headers,
            compression="deflate",
            proxy=None,
            ping_interval=ping_interval_s or None,
            ping_timeout=20,
            open_timeout=20,
            close_timeout=5,
        )

    def _forgets(self, *, restarted: bool) -> bool:
        return restarted and self._faults.on("no_credentials_after_reset")

    def _user(self, *, restarted: bool) -> str:
        wrong = restarted and self._faults.on("user_name_is_not_the_identity")
        return self.config.serial if wrong else self.config.identity

    def _password(self) -> bytes:
        return self._keystore.password or b""
