"""UpdateFirmware: fetch, check, install, restart, tell (sections 4.5, 5.19, 7.25; errata 3.47, 3.48)."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.file_client import FileClient, TransferError
from bench.virtual.stations.firmware_image import ImageError, version_in
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

INSTALL_S = 5.0
RETRY_S = 10.0
"""The station's own wait between attempts to download, where the CSMS gives none."""

PENDING = "firmware_report"
"""NVRAM: what is to be told of an installation once the station is registered again."""


@dataclass(frozen=True, slots=True)
class Order:
    """What UpdateFirmware.req asks for."""

    location: str
    retrieve_date: str
    retries: int = 0
    retry_interval: int | None = None


class Firmware:
    """One update at a time; a new order takes the place of the one before."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._files = FileClient()
        self._job: asyncio.Task[None] | None = None
        self.status = "Idle"
        """What a triggered FirmwareStatusNotification tells (section 7.25)."""

    @property
    def version(self) -> str:
        """The firmware that runs."""
        config = self._stack.board.config
        return str(self._stack.board.nvram.read("firmware_version", config.firmware_version))

    def update(self, order: Order) -> None:
        """UpdateFirmware.req; the work begins after the reply."""
        if not self._on("update_firmware_ignored"):
            self._stack.after_reply(lambda: self._begin(order))

    async def tell_outcome(self) -> None:
        """After a restart: tell what came of the installation."""
        pending = self._stack.board.nvram.read(PENDING)
        if pending is None:
            return
        self._stack.board.nvram.erase(PENDING)
        await self._tell(pending)
        self.status = "Idle"

    def _begin(self, order: Order) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._stack.spawn(self._run(order))

    async def _run(self, order: Order) -> None:
        await self._until(order.retrieve_date)
        await self._tell("Downloading")
        image = await self._download(order)
        if image is None:
            await self._tell("Downloaded" if self._on("download_failure_told_as_success") else "DownloadFailed")
        else:
            await self._tell("Downloaded")
            await self._install(image)
        self.status = "Idle"

    async def _until(self, date: str) -> None:
        wait_s = (moment(date) - self._stack.board.clock.now()).total_seconds()
        await asyncio.sleep(max(0.0, wait_s))

    async def _download(self, order: Order) -> bytes | None:
        if self._on("firmware_not_fetched"):
            return b""
        for attempt in range(order.retries + 1):
            if attempt:
                await asyncio.sleep(RETRY_S if order.retry_interval is None else order.retry_interval)
            with contextlib.suppress(TransferError):
                return await self._files.fetch(order.location)
        return None

    async def _install(self, image: bytes) -> None:
        """Waits for transactions to end, as is recommended (errata 3.49), and takes no new ones meanwhile."""
        while any(outlet.transaction is not None for outlet in self._stack.outlets.values()):  # noqa: ASYNC110 - rare
            await asyncio.sleep(1.0)
        await self._tell("Installing")
        await asyncio.sleep(INSTALL_S)
        try:
            version = version_in(image)
        except ImageError:
            if not (self._on("bad_firmware_installed") or self._on("firmware_not_fetched")):
                await self._tell("InstallationFailed")
                return
            version = "0.0.0"
        self._restart(version)

    def _restart(self, version: str) -> None:
        nvram = self._stack.board.nvram
        if not (self._on("firmware_not_activated") or self._on("firmware_not_fetched")):
            nvram.write("firmware_version", version)
        nvram.write(PENDING, "Installed")
        if self._on("unavailable_after_update"):
            outlets = {str(n): False for n in self._stack.outlets}
            nvram.write("availability", {"0": False, **outlets})
        if self._on("firmware_without_restart"):
            self._stack.spawn(self.tell_outcome())
        else:
            self._stack.board.reboot("FirmwareUpdate")

    async def _tell(self, status: str) -> None:
        self.status = status
        if self._on(f"firmware_status_{status.lower()}_missing"):
            return
        request: Any = call.FirmwareStatusNotification(status=status)
        with contextlib.suppress(UndeliveredError):
            await self._stack.csms.call(request)

    def _on(self, fault: str) -> bool:
        return self._stack.board.faults.on(fault)
