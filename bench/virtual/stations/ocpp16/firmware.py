"""UpdateFirmware and its signed form: fetch, check, install, restart, tell.

Sections 4.5, 5.19, 7.25 of OCPP 1.6 and errata 3.47, 3.48; L01 of the OCA white paper on security, edition 3.
"""

import asyncio
import contextlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.file_client import FileClient, TransferError, trusting
from bench.virtual.stations.firmware_image import ImageError, version_in
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call
from bench.virtual.stations.signatures import is_signed_by

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

INSTALL_S = 5.0
SLOW_CHECK_S, SLOW_INSTALL_S = 120.0, 300.0
"""Of the station that is in no hurry."""
RETRY_S = 10.0
"""The station's own wait between attempts to download, where the CSMS gives none."""

PENDING = "firmware_report"
"""NVRAM: what is to be told of an installation once the station is registered again."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a signed order holds beside the plain one: `certificate` in PEM, `signature` in Base64."""

    request_id: int
    certificate: str
    signature: str
    install_date: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What UpdateFirmware.req asks for, or SignedUpdateFirmware.req with a `seal`."""

    location: str
    retrieve_date: str
    retries: int | None = None
    retry_interval: int | None = None
    seal: Seal | None = None


class Firmware:
    """One update at a time; a new order takes the place of the one before."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._files = FileClient(lambda: trusting(stack.trusted_roots()))
        self._job: asyncio.Task[None] | None = None
        self.status = "Idle"
        """What a triggered FirmwareStatusNotification tells (section 7.25)."""

    @property
    def version(self) -> str:
        """The firmware that runs."""
        config = self._stack.board.config
        return str(self._stack.board.nvram.read("firmware_version", config.firmware_version))

    @property
    def busy(self) -> bool:
        """Whether an update is under way (L01.FR.26)."""
        return self._job is not None and not self._job.done()

    def update(self, order: Order) -> None:
        """UpdateFirmware.req, or a signed one that was accepted; the work begins after the reply."""
        if not self._on("update_firmware_ignored"):
            self._stack.after_reply(lambda: self._begin(order))

    async def tell_outcome(self) -> None:
        """After a restart: tell what came of the installation."""
        pending = self._stack.board.nvram.read(PENDING)
        if pending is None:
            return
        self._stack.board.nvram.erase(PENDING)
        await self._tell(pending["status"], None if pending["seal"] is None else Seal(**pending["seal"]))
        self.status = "Idle"

    def _begin(self, order: Order) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._stack.spawn(self._run(order))

    async def _run(self, order: Order) -> None:
        await self._until(order.retrieve_date)
        await self._tell("Downloading", order.seal)
        if order.seal is not None and self._on("pauses_its_download"):
            await self._send("DownloadPaused", order.seal)
            await self._send("Downloading", order.seal)
        if self._on("update_given_up_silently"):
            return
        image = await self._download(order)
        if image is None:
            hushed = self._on("download_failure_told_as_success")
            await self._tell("Downloaded" if hushed else "DownloadFailed", order.seal)
        else:
            await self._tell("Downloaded", order.seal)
            if await self._is_genuine(image, order.seal):
                await self._install(image, order.seal)
        self.status = "Idle"

    async def _until(self, date: str) -> None:
        wait_s = (moment(date) - self._stack.board.clock.now()).total_seconds()
        await asyncio.sleep(max(0.0, wait_s))

    async def _download(self, order: Order) -> bytes | None:
        if self._on("firmware_not_fetched"):
            return b""
        for attempt in range(1 + (order.retries or 0)):
            if attempt:
                await asyncio.sleep(RETRY_S if order.retry_interval is None else order.retry_interval)
            with contextlib.suppress(TransferError):
                return await self._files.fetch(order.location)
        return None

    async def _is_genuine(self, image: bytes, seal: Seal | None) -> bool:
        """L01.FR.03, 04."""
        if seal is None:
            return True
        if self._on("checks_firmware_slowly"):
            await asyncio.sleep(SLOW_CHECK_S)
        checked = not (self._on("firmware_signature_not_checked") or self._on("firmware_not_fetched"))
        if checked and not is_signed_by(seal.certificate, seal.signature, image):
            await self._tell("InvalidSignature", seal)
            if self._stack.security is not None and not self._on("no_event_for_bad_signature"):
                self._stack.security.happened("InvalidFirmwareSignature")
            return False
        await self._tell("SignatureVerified", seal)
        if seal.install_date is not None and moment(seal.install_date) > self._stack.board.clock.now():
            await self._tell("InstallScheduled", seal)
            await self._until(seal.install_date)
        return True

    async def _install(self, image: bytes, seal: Seal | None) -> None:
        """Waits for transactions to end, as is recommended (errata 3.49; L01.FR.06), and takes no new ones meanwhile."""
        while any(outlet.transaction is not None for outlet in self._stack.outlets.values()):  # noqa: ASYNC110 - rare
            await asyncio.sleep(1.0)
        await self._tell("Installing", seal)
        await asyncio.sleep(SLOW_INSTALL_S if self._on("checks_firmware_slowly") else INSTALL_S)
        try:
            version = version_in(image)
        except ImageError:
            if not (self._on("bad_firmware_installed") or self._on("firmware_not_fetched")):
                await self._tell("InstallationFailed", seal)
                if self._on("restarts_after_a_failed_installation"):
                    self._stack.board.reboot("FirmwareUpdate")
                return
            version = "0.0.0"
        self._restart(version, seal)

    def _restart(self, version: str, seal: Seal | None) -> None:
        nvram = self._stack.board.nvram
        if not (self._on("firmware_not_activated") or self._on("firmware_not_fetched")):
            nvram.write("firmware_version", version)
        nvram.write(PENDING, {"status": "Installed", "seal": None if seal is None else asdict(seal)})
        if self._on("unavailable_after_update"):
            outlets = {str(n): False for n in self._stack.outlets}
            nvram.write("availability", {"0": False, **outlets})
        if self._on("firmware_without_restart"):
            self._stack.spawn(self.tell_outcome())
        else:
            self._stack.board.reboot("FirmwareUpdate")

    async def _tell(self, status: str, seal: Seal | None) -> None:
        self.status = status
        if not self._on(f"firmware_status_{status.lower()}_missing"):
            await self._send(status, seal)

    async def _send(self, status: str, seal: Seal | None) -> None:
        request: Any = call.FirmwareStatusNotification(status=status)
        if seal is not None:
            request_id = seal.request_id + 1 if self._on("firmware_other_request_id") else seal.request_id
            request = call.SignedFirmwareStatusNotification(status=status, request_id=request_id)
        with contextlib.suppress(UndeliveredError):
            await self._stack.csms.call(request)

    def _on(self, fault: str) -> bool:
        return self._stack.board.faults.on(fault)
