"""Bringing one file to a location that the CSMS names: diagnostics (5.9), and logs of the security extension (N01)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.virtual.stations.clock import rfc3339
from bench.virtual.stations.file_client import FileClient, TransferError, trusting
from bench.virtual.stations.ocpp16.authorize import moment

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

RETRY_S = 10.0
"""The station's own wait between attempts, where the CSMS gives none."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is to be brought where; `retries` after a first attempt, `retry_interval` in seconds (None: the station's own)."""

    location: str
    name: str
    content: bytes
    retries: int = 0
    retry_interval: int | None = None


class Uploader:
    """One upload at a time; a new one takes the place of the one before.

    `kind` (`diagnostics`, `log`) begins the names of the switches that make it wrong. `tell` sends a status.
    """

    def __init__(self, stack: "Ocpp16Stack", kind: str, tell: Callable[[str], Awaitable[None]]) -> None:
        self._stack = stack
        self._kind = kind
        self._tell = tell
        self._files = FileClient(lambda: trusting(stack.trusted_roots()))
        self._job: asyncio.Task[None] | None = None
        self.status = "Idle"
        """What a triggered notification tells."""

    @property
    def busy(self) -> bool:
        """Whether an upload is under way."""
        return self._job is not None and not self._job.done()

    def start(self, upload: Upload) -> None:
        """Begin once the reply was sent."""
        if not self.on("ignored"):
            self._stack.after_reply(lambda: self._begin(upload))

    def on(self, fault: str) -> bool:
        """Whether the switch of this name, for this kind of upload, is on."""
        return self._stack.board.faults.on(f"{self._kind}_{fault}")

    def _begin(self, upload: Upload) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._stack.spawn(self._run(upload))

    async def _run(self, upload: Upload) -> None:
        await self._say("Uploading")
        done = self.on("not_uploaded") or await self._brought(upload) or self.on("failure_told_as_success")
        await self._say("Uploaded" if done else "UploadFailed")
        self.status = "Idle"

    async def _say(self, status: str) -> None:
        self.status = status
        if not self.on(f"{status.lower()}_missing"):
            await self._tell(status)

    async def _between_attempts(self, wait_s: float) -> None:
        each = self._stack.board.faults.on("each_failed_upload_told")
        if each:
            await self._say("UploadFailed")
        await asyncio.sleep(wait_s)
        if each:
            await self._say("Uploading")

    async def _brought(self, upload: Upload) -> bool:
        content = b"" if self.on("empty") else upload.content
        name = f"other-{upload.name}" if self.on("other_name") else upload.name
        wait_s = RETRY_S if upload.retry_interval is None else float(upload.retry_interval)
        for attempt in range(1 + upload.retries):
            if attempt:
                await self._between_attempts(wait_s)
            with contextlib.suppress(TransferError):
                await self._files.bring(upload.location, name, content)
                return True
        return False


def asked_for(*limits: tuple[str, str | None]) -> str:
    """The time that the CSMS asked for, in words: (`from` or `until`, date and time or None)."""
    return " ".join(f"{word} {rfc3339(moment(at))}" for word, at in limits if at is not None)
