"""GetLog of the security extension: the security log or the diagnostics, as one file (OCA white paper edition 3, N01)."""

import contextlib
from typing import TYPE_CHECKING, Any

from bench.virtual.stations.ocpp16.csms import UndeliveredError
from bench.virtual.stations.ocpp16.package import call
from bench.virtual.stations.ocpp16.uploads import Upload, Uploader, asked_for

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.security import Security
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack


class Logs:
    """One upload at a time; a new request takes the place of the one before (N01.FR.11)."""

    def __init__(self, security: "Security", stack: "Ocpp16Stack") -> None:
        self._security = security
        self._stack = stack
        self._request_id: int | None = None
        self._uploader = Uploader(stack, "log", self._tell)

    def request(
        self,
        log: dict[str, Any],
        log_type: str,
        request_id: int,
        retries: int | None = None,
        retry_interval: int | None = None,
    ) -> tuple[str, str | None]:
        """GetLog.req; gives a LogStatusEnumType and the name of the file that will be brought."""
        if self._uploader.on("rejected"):
            return "Rejected", None
        status = "AcceptedCanceled" if self._uploader.busy else "Accepted"
        asked = asked_for(("from", log.get("oldest_timestamp")), ("until", log.get("latest_timestamp")))
        content = self._stack.diagnostics.report(asked) if log_type == "DiagnosticsLog" else self._events()
        name = f"{log_type}-{self._stack.board.config.serial}.txt"
        self._request_id = request_id
        self._uploader.start(Upload(str(log["remote_location"]), name, content, retries or 0, retry_interval))
        return status, None if self._uploader.on("name_missing") else name

    def _events(self) -> bytes:
        """The security log, oldest first (N01.FR.03, 05)."""
        head = f"security log of {self._stack.board.config.serial} at {self._stack.board.clock.text()}"
        rows = [f"{event['timestamp']} {event['type']} {event['info']}".rstrip() for event in self._security.log()]
        return ("\n".join([head, *rows]) + "\n").encode()

    async def _tell(self, status: str) -> None:
        request_id = None if self._uploader.on("request_id_missing") else self._request_id
        if request_id is not None and self._uploader.on("other_request_id"):
            request_id += 1
        request: Any = call.LogStatusNotification(status=status, request_id=request_id)
        with contextlib.suppress(UndeliveredError):
            await self._stack.csms.call(request)
