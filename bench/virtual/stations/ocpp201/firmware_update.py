"""UpdateFirmware without signatures, and the statuses that tell of it (use case L02, F06.FR.16)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from bench.virtual.stations.file_client import FileClient, TransferError
from bench.virtual.stations.firmware_image import ImageError, version_in
from bench.virtual.stations.ocpp201.endpoint import CALL, RESULT, Handler, Reply
from bench.virtual.stations.ocpp201.firmware import Firmware

INSTALL_S = 5.0
RETRY_S = 10.0
TIMES_REPEATED = 3


class FirmwareUpdate:
    """One update at a time; it is activated without a restart (L02.FR.20), and told for the first time by the next boot."""

    def __init__(self, firmware: Firmware) -> None:
        self._firmware = firmware
        self._files = FileClient()
        self._last: tuple[str, int] | None = None
        self._busy = False

    def handlers(self) -> dict[str, Handler]:
        """By action."""
        return {"UpdateFirmware": self.update_firmware}

    def update_firmware(
        self,
        request_id: int,
        firmware: dict[str, Any],
        retries: int | None = None,
        retry_interval: int | None = None,
        **_: Any,
    ) -> Reply:
        """L02; what is signed, or asked for while another update runs, is refused (L02.FR.18)."""
        if self._busy or "signing_certificate" in firmware:
            return Reply(RESULT.UpdateFirmware("Rejected"))
        self._busy = True
        wait_s = RETRY_S if retry_interval is None else float(retry_interval)

        def begin() -> None:
            self._firmware.spawn(self._run(request_id, firmware, retries or 0, wait_s))

        return Reply(RESULT.UpdateFirmware("Accepted"), then=begin)

    def tell_again(self) -> None:
        """As TriggerMessage asked: the last status, or Idle once an update is over (L02.FR.16, L02.FR.17)."""
        done = self._last is None or self._last[0] == "Installed"
        if self._last is not None and done and self._firmware.board.faults.on("installed_told_for_idle"):
            done = False
        status, request_id = ("Idle", None) if done or self._last is None else self._last
        self._firmware.say(CALL.FirmwareStatusNotification(status=status, request_id=request_id), triggered=True)

    async def _run(self, request_id: int, firmware: dict[str, Any], retries: int, wait_s: float) -> None:
        try:
            await self._until(firmware["retrieve_date_time"])
            await self._tell("Downloading", request_id)
            image = await self._fetched(str(firmware["location"]), retries, wait_s)
            if image is None:
                await self._tell("DownloadFailed", request_id)
                return
            await self._tell("Downloaded", request_id)
            await self._install(image, firmware.get("install_date_time"), request_id)
        finally:
            self._busy = False

    async def _install(self, image: bytes, date: str | None, request_id: int) -> None:
        running = any(session.transaction is not None for session in self._firmware.sessions.values())
        if date is not None and self._left_s(date) > 0:
            await self._tell("InstallScheduled", request_id)
            await self._until(date)
        elif running or self._firmware.board.faults.on("firmware_statuses_spurious"):
            await self._tell("InstallScheduled", request_id)
        while any(session.transaction is not None for session in self._firmware.sessions.values()):  # noqa: ASYNC110 - rare
            await asyncio.sleep(1.0)
        await self._tell("Installing", request_id)
        await asyncio.sleep(INSTALL_S)
        try:
            self._firmware.board.nvram.write("firmware_version", version_in(image))
        except ImageError:
            await self._tell("InstallationFailed", request_id)
        else:
            await self._tell("Installed", request_id)

    async def _fetched(self, location: str, retries: int, wait_s: float) -> bytes | None:
        for attempt in range(1 + retries):
            if attempt:
                await asyncio.sleep(wait_s)
            try:
                return await self._files.fetch(location)
            except TransferError:
                continue
        return None

    async def _until(self, date: str) -> None:
        await asyncio.sleep(max(0.0, self._left_s(date)))

    def _left_s(self, date: str) -> float:
        """Seconds until a dateTime of a message; without zone it is UTC."""
        then = datetime.fromisoformat(date)
        then = then if then.tzinfo is not None else then.replace(tzinfo=UTC)
        return (then - self._firmware.board.clock.now()).total_seconds()

    async def _tell(self, status: str, request_id: int) -> None:
        self._last = (status, request_id)
        times = TIMES_REPEATED if self._firmware.board.faults.on("firmware_statuses_spurious") else 1
        for _ in range(times):
            endpoint = self._firmware.endpoint
            if endpoint is not None:
                await endpoint.ask(CALL.FirmwareStatusNotification(status=status, request_id=request_id))
