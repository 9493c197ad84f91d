"""A headless Chromium, driven over its DevTools protocol: no more of it than the tests of pages need."""

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from websockets.sync.client import connect

PATIENCE_S = 30
NAMES = ("chromium", "chromium-browser", "google-chrome")


def found():
    """The browser's program, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab. `complaints`: what the console said as an error or a warning, exceptions, requests that a policy refused, and requests
    to anything that `may_ask` does not begin."""

    def __init__(self, socket, domains=("Page", "Runtime", "Log", "Network")):
        self._socket = socket
        self.may_ask = ("file:", "data:")
        self._number = 0
        self.complaints = []
        self.dialogs = []
        for domain in domains:
            self.send(f"{domain}.enable")

    def send(self, method, **params):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._heard(message)

    def _heard(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning", "assert"}:
            self.complaints.append(str(params["args"]))
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(params["message"])
        elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(self.may_ask):
            self.complaints.append(f"asked the network for {params['request']['url']}")

    def js(self, expression):
        """The value of an expression; a promise is awaited."""
        told = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in told:
            raise RuntimeError(f"{expression}: {told['exceptionDetails']['exception'].get('description')}")
        return told["result"].get("value")

    def until(self, expression, patience_s=PATIENCE_S):
        """Wait until the expression is true; fails with its last value."""
        deadline = time.monotonic() + patience_s
        while not (value := self.js(expression)):
            assert time.monotonic() < deadline, f"{expression} is {value!r} after {patience_s} s"
            time.sleep(0.02)
        return value

    def open(self, path, fragment=""):
        self.send("Page.navigate", url=f"{path.resolve().as_uri()}{fragment}")
        self.until("document.readyState === 'complete' && document.documentElement.dataset.applied !== undefined")

    def visit(self, url):
        """Open a page over HTTP."""
        self.may_ask = (*self.may_ask, url[: url.index("/", 8) + 1])
        self.send("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def click(self, selector):
        """A click by the mouse, as a person makes it."""
        x, y = self.js(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}});"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def size(self, width, height, *, scheme="light"):
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            text = {"text": key} if kind == "keyDown" and len(key) == 1 else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, **text)

    def picture(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def printed(self):
        return base64.b64decode(self.send("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])


class Browser:
    """A process of its own with an empty profile in `folder`."""

    def __init__(self, folder):
        program = found()
        assert program is not None
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--mute-audio",
        ]
        self._process = subprocess.Popen(
            [program, *options, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._sockets = ExitStack()
        self._port = self._await_port(Path(folder) / "DevToolsActivePort")

    def _await_port(self, file):
        deadline = time.monotonic() + PATIENCE_S
        while not (file.exists() and file.read_text().strip()):
            assert self._process.poll() is None, "the browser ended at once"
            assert time.monotonic() < deadline, f"the browser opened no port within {PATIENCE_S} s"
            time.sleep(0.05)
        return int(file.read_text().split()[0])

    def page(self):
        asked = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        return self._connected(json.load(self._opened(asked))["webSocketDebuggerUrl"])

    def page_apart(self):
        """A tab with cookies and storage of its own, as of another browser."""
        version = json.load(self._opened(f"http://127.0.0.1:{self._port}/json/version"))
        with connect(version["webSocketDebuggerUrl"], max_size=None, compression=None) as socket:
            whole = Page(socket, domains=())
            context = whole.send("Target.createBrowserContext", disposeOnDetach=False)["browserContextId"]
            made = whole.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        return self._connected(f"ws://127.0.0.1:{self._port}/devtools/page/{made}")

    def _opened(self, asked):
        return self._sockets.enter_context(urllib.request.urlopen(asked, timeout=PATIENCE_S))

    def _connected(self, url):
        return Page(self._sockets.enter_context(connect(url, max_size=None, compression=None)))

    def close(self):
        self._sockets.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
