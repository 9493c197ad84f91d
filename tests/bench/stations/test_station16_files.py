"""Firmware, diagnostics and logs of the virtual 1.6 station: what goes over the wire, and when."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bench.virtual.stations.firmware_image import ImageError, make_image, version_in

FIRMWARE, DIAGNOSTICS = "FirmwareStatusNotification", "DiagnosticsStatusNotification"
FILES = Path("fixtures/stations/firmware")
IMAGE = (FILES / "virtual-1.1.0.fw").read_bytes()
SECURITY = {"profile": 0, "manufacturer_roots": [(FILES / "maker-root.pem").read_text()]}


class WebServer:
    """Answers GET with `content` (None: 404) and keeps what PUT brings; the first `failures` requests get a 500."""

    def __init__(self, content=None, failures=0):
        self.content = content
        self.failures = failures
        self.brought = {}
        self.asked = []

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split(" ", 2)
        self.asked.append((asyncio.get_running_loop().time(), method, path))
        length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length" in line), 0)
        body = await reader.readexactly(length)
        status, answer = "200 OK", self.content or b""
        if self.failures:
            self.failures, status, answer = self.failures - 1, "500 Sorry", b""
        elif method == "PUT":
            self.brought[path] = body
        elif self.content is None:
            status = "404 Not Found"
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n".encode() + answer
        )
        await writer.drain()
        writer.close()


def told(rig, action, after=0):
    return [payload["status"] for _, name, payload in rig.csms.messages[after:] if name == action]


async def updated(rig, server, delay_s=0.0, **fields):
    moment = datetime.fromisoformat(rig.now()) + timedelta(seconds=delay_s)
    order = {"location": f"{server.url}/fw", "retrieveDate": moment.isoformat(), **fields}
    return await rig.csms.call("UpdateFirmware", **order)


def test_an_update_waits_for_its_date_and_runs_after_a_restart(rig16):
    async def body(rig):
        server = await WebServer(IMAGE).start()
        began = asyncio.get_running_loop().time()
        assert await updated(rig, server, delay_s=100) == [{}]
        await rig.csms.wait(FIRMWARE, within_s=200, status="Installed")
        assert server.asked[0][0] - began == pytest.approx(100, abs=2)
        assert told(rig, FIRMWARE) == ["Downloading", "Downloaded", "Installing", "Installed"]
        assert rig.csms.seen("BootNotification")[-1]["firmwareVersion"] == "1.1.0"
        await server.stop()

    rig16(body)


def test_a_download_is_tried_again_as_often_as_was_asked(rig16):
    async def body(rig):
        server = await WebServer(IMAGE, failures=2).start()
        await updated(rig, server, retries=2, retryInterval=20)
        await rig.csms.wait(FIRMWARE, within_s=120, status="Downloaded")
        times = [at for at, _, _ in server.asked]
        assert [later - one for one, later in pairwise(times)] == pytest.approx([20, 20], abs=1)
        await server.stop()

    rig16(body)


def test_a_missing_file_ends_in_download_failed(rig16):
    async def body(rig):
        server = await WebServer().start()
        await updated(rig, server, retries=0)
        await rig.csms.wait(FIRMWARE, status="DownloadFailed")
        assert len(server.asked) == 1
        await server.stop()

    rig16(body)


def test_a_running_transaction_is_not_cut_short(rig16):
    async def body(rig):
        server = await WebServer(IMAGE).start()
        after, number = await rig.charge()
        await updated(rig, server)
        await asyncio.sleep(100)
        assert told(rig, FIRMWARE) == ["Downloading", "Downloaded"]
        await rig.csms.call("RemoteStopTransaction", transactionId=number)
        await rig.csms.wait(FIRMWARE, after=after, status="Installed")
        await server.stop()

    rig16(body)


def test_diagnostics_are_brought_once_under_the_name_that_was_told(rig16):
    async def body(rig):
        server = await WebServer(b"").start()
        (answer,) = await rig.csms.call(
            "GetDiagnostics", location=f"{server.url}/in/", startTime="2026-05-01T00:00:00Z"
        )
        await rig.csms.wait(DIAGNOSTICS, status="Uploaded")
        assert told(rig, DIAGNOSTICS) == ["Uploading", "Uploaded"]
        ((path, content),) = server.brought.items()
        assert path == f"/in/{answer['fileName']}"
        assert b"from 2026-05-01T00:00:00.000Z" in content
        await server.stop()

    rig16(body)


def test_diagnostics_of_a_station_with_a_password_do_not_tell_it(rig16):
    async def body(rig):
        server = await WebServer(b"").start()
        await rig.csms.call("GetDiagnostics", location=f"{server.url}/in/")
        await rig.csms.wait(DIAGNOSTICS, status="Uploaded")
        (content,) = server.brought.values()
        assert b"\nAuthorizationKey =\n" in content
        await server.stop()

    rig16(body, password="sixteen-or-more-16", security={"profile": 1})


def test_a_station_with_the_security_extension_takes_signed_firmware_only(rig16):
    async def body(rig):
        server = await WebServer(IMAGE).start()
        assert (await updated(rig, server))[0] == "NotSupported"
        firmware = {
            "location": f"{server.url}/fw",
            "retrieveDateTime": rig.now(),
            "signingCertificate": (FILES / "signing.pem").read_text(),
            "signature": (FILES / "virtual-1.1.0.sig").read_text().strip(),
        }
        stranger = {**firmware, "signingCertificate": (FILES / "maker-root.pem").read_text()[:-40]}
        refused = await rig.csms.call("SignedUpdateFirmware", requestId=1, firmware=stranger)
        assert refused == [{"status": "InvalidCertificate"}]
        await rig.csms.wait("SecurityEventNotification", type="InvalidFirmwareSigningCertificate")
        assert await rig.csms.call("SignedUpdateFirmware", requestId=2, firmware=firmware) == [{"status": "Accepted"}]
        again = await rig.csms.call("SignedUpdateFirmware", requestId=3, firmware=firmware)
        assert again == [{"status": "AcceptedCanceled"}]
        await rig.csms.wait("SignedFirmwareStatusNotification", status="Installed", requestId=3)
        statuses = [one["status"] for one in rig.csms.seen("SignedFirmwareStatusNotification", requestId=3)]
        assert statuses == ["Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"]
        await server.stop()

    rig16(body, security=SECURITY)


def test_the_security_log_is_brought_with_the_events_in_it(rig16):
    async def body(rig):
        server = await WebServer(b"").start()
        log = {"remoteLocation": f"{server.url}/in/"}
        (answer,) = await rig.csms.call("GetLog", logType="SecurityLog", requestId=7, log=log)
        assert answer["status"] == "Accepted"
        await rig.csms.wait("LogStatusNotification", status="Uploaded", requestId=7)
        assert b"StartupOfTheDevice" in server.brought[f"/in/{answer['filename']}"]
        await server.stop()

    rig16(body, security=SECURITY)


@pytest.mark.parametrize("bad", [b"", b"nonsense", IMAGE[:-1], IMAGE + b"x", b"\xff" * 100])
def test_what_is_no_image_has_no_version(bad):
    assert version_in(IMAGE) == "1.1.0"
    assert version_in(make_image("2.0")) == "2.0"
    with pytest.raises(ImageError):
        version_in(bad)
