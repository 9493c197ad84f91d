"""GetDiagnostics: one file, brought to the location that the CSMS names (sections 4.4, 5.9, 7.24; errata 3.31)."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.clock import rfc3339
from bench.virtual.stations.file_client import FileClient, TransferError
from bench.virtual.stations.ocpp16.authorize import moment
from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

RETRY_S = 10.0


class Diagnostics:
    """One upload at a time; a new request takes the place of the one before."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._files = FileClient()
        self._job: asyncio.Task[None] | None = None
        self.status = "Idle"
        """What a triggered DiagnosticsStatusNotification tells (section 7.24)."""

    def request(
        self,
        location: str,
        retries: int | None = None,
        retry_interval: int | None = None,
        start_time: str | None = None,
        stop_time: str | None = None,
    ) -> str | None:
        """GetDiagnostics.req; gives the name of the file that will be brought."""
        name = f"diagnostics-{self._stack.board.config.serial}.txt"
        content = self._report(start_time, stop_time)
        wait_s = RETRY_S if retry_interval is None else float(retry_interval)
        job = self._upload(location, name, content, 1 + (retries or 0), wait_s)
        self._stack.after_reply(lambda: self._begin(job))
        return None if self._on("diagnostics_name_missing") else name

    def _begin(self, job: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        if self._on("diagnostics_ignored"):
            job.close()
            return
        self._job = self._stack.spawn(job)

    async def _upload(self, location: str, name: str, content: bytes, attempts: int, wait_s: float) -> None:
        await self._tell("Uploading")
        done = await self._brought(location, name, content, attempts, wait_s)
        if self._on("diagnostics_failure_told_as_success"):
            done = True
        await self._tell("Uploaded" if done else "UploadFailed")
        self.status = "Idle"

    async def _brought(self, location: str, name: str, content: bytes, attempts: int, wait_s: float) -> bool:
        if self._on("diagnostics_not_uploaded"):
            return True
        name = f"other-{name}" if self._on("diagnostics_other_name") else name
        content = b"" if self._on("diagnostics_empty") else content
        for attempt in range(attempts):
            if attempt:
                await asyncio.sleep(wait_s)
            with contextlib.suppress(TransferError):
                await self._files.bring(location, name, content)
                return True
        return False

    def _report(self, start_time: str | None, stop_time: str | None) -> bytes:
        """What a service engineer would want to see; the asked-for time is told with it."""
        stack, config = self._stack, self._stack.board.config
        asked = [f"{name} {rfc3339(moment(at))}" for name, at in (("from", start_time), ("until", stop_time)) if at]
        lines = [
            f"{config.vendor} {config.model} {config.serial}, firmware {stack.firmware.version}",
            f"diagnostics of {stack.board.clock.text()} {' '.join(asked)}".rstrip(),
            *(f"connector {n}: {outlet.status()}" for n, outlet in stack.outlets.items()),
            *(f"{row['key']} = {row['value']}" for row in stack.configuration.report(None)[0]),
        ]
        return ("\n".join(lines) + "\n").encode()

    async def _tell(self, status: str) -> None:
        self.status = status
        if self._on(f"diagnostics_{status.lower()}_missing"):
            return
        request: Any = call.DiagnosticsStatusNotification(status=status)
        with contextlib.suppress(UndeliveredError):
            await self._stack.csms.call(request)

    def _on(self, fault: str) -> bool:
        return self._stack.board.faults.on(fault)
