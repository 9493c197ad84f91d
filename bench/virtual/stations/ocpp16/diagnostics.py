"""GetDiagnostics: one file, brought to the location that the CSMS names (sections 4.4, 5.9, 7.24; errata 3.31)."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call
from bench.virtual.stations.ocpp16.uploads import Upload, Uploader, asked_for

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

FLOOD, FLOOD_S = 30, 2.0
"""How often, and how far apart, the station tells Uploading that tells it far too often."""


class Diagnostics:
    """What a service engineer would want to see, as a text file."""

    def __init__(self, stack: "Ocpp16Stack") -> None:
        self._stack = stack
        self._uploader = Uploader(stack, "diagnostics", self._tell)

    @property
    def status(self) -> str:
        """What a triggered DiagnosticsStatusNotification tells (section 7.24)."""
        return self._uploader.status

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
        content = self.report(asked_for(("from", start_time), ("until", stop_time)))
        if retries == 0 and self._stack.board.faults.on("diagnostics_zero_retries_never_tried"):
            self._stack.after_reply(lambda: self._stack.spawn(self._send("UploadFailed")))
            return name
        if retries and self._stack.board.faults.on("diagnostics_retries_ignored"):
            retries = 0
        self._uploader.start(Upload(location, name, content, retries or 0, retry_interval))
        return None if self._uploader.on("name_missing") else name

    def report(self, asked: str) -> bytes:
        """The file's content; the asked-for time is told in it."""
        stack, config = self._stack, self._stack.board.config
        lines = [
            f"{config.vendor} {config.model} {config.serial}, firmware {stack.firmware.version}",
            f"diagnostics of {stack.board.clock.text()} {asked}".rstrip(),
            *(f"connector {n}: {outlet.status()}" for n, outlet in stack.outlets.items()),
            *(f"{row['key']} = {row.get('value', '')}".rstrip() for row in stack.configuration.report(None)[0]),
        ]
        return ("\n".join(lines) + "\n").encode()

    async def _tell(self, status: str) -> None:
        await self._send(status)
        flood = status == "Uploading" and self._stack.board.faults.on("diagnostics_uploading_flood")
        for _ in range(FLOOD if flood else 0):
            await asyncio.sleep(FLOOD_S)
            await self._send(status)

    async def _send(self, status: str) -> None:
        request: Any = call.DiagnosticsStatusNotification(status=status)
        with contextlib.suppress(UndeliveredError):
            await self._stack.csms.call(request)
