"""A real Chromium without a window, driven through its DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import requests
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """Return where a Chromium is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class BetweenPages(AssertionError):
    """The page is gone and the next one is not there yet."""


class Tab:
    """One page of the browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    def ask(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(timeout=60))
            if told.get("id") == number:
                if "context" in told.get("error", {}).get("message", ""):
                    raise BetweenPages(told["error"]["message"])
                assert "error" not in told, told["error"]
                return told["result"]

    def run(self, script: str) -> Any:
        """Run a script in the page, as a person's click would be, and return its value."""
        options = {"returnByValue": True, "awaitPromise": True, "userGesture": True}
        told = self.ask("Runtime.evaluate", expression=script, **options)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script: str, within_s: float = 30.0) -> Any:
        """Wait until a script's value is true, and return it."""
        deadline = time.monotonic() + within_s
        while not (value := self._run_if_there(script)):
            assert time.monotonic() < deadline, f"still not so: {script}; the page says {self.text('body')}"
            time.sleep(0.02)
        return value

    def _run_if_there(self, script: str) -> Any:
        try:
            return self.run(script)
        except BetweenPages:
            return None

    def text(self, selector: str) -> str:
        return str(self.run(f"document.querySelector({json.dumps(selector)}).innerText"))

    def click(self, selector: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def choose_file(self, selector: str, path: Path) -> None:
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def resize(self, width: int, height: int) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)

    def photograph(self, path: Path) -> None:
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def opened_browser(binary: str, profile: Path) -> Iterator[Callable[[str], AbstractContextManager[Tab]]]:
    """Start a browser whose microphone hears a test tone, and give what opens a page in it."""
    argv = [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    argv += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--mute-audio"]
    argv += ["--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _port(profile / "DevToolsActivePort", process)

        @contextmanager
        def opening(url: str) -> Iterator[Tab]:
            target = requests.put(f"http://127.0.0.1:{port}/json/new?{url}", timeout=20).json()
            with connect(target["webSocketDebuggerUrl"], max_size=None) as socket:
                tab = Tab(socket)
                tab.until("location.protocol === 'http:' && document.readyState === 'complete'")
                yield tab
            requests.get(f"http://127.0.0.1:{port}/json/close/{target['id']}", timeout=20)

        yield opening
    finally:
        process.terminate()
        process.wait(10)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 30
    while not (file.exists() and file.read_text().strip()):
        assert process.poll() is None, "the browser ended at once"
        assert time.monotonic() < deadline, "the browser did not open its port"
        time.sleep(0.02)
    return int(file.read_text().split()[0])
