"""A headless Chromium that tells what a page asked for and complained of.

Speaks the DevTools protocol over a websocket; needs Debian's chromium and
nothing else. Tests that use it skip where it is absent.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import websocket

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Browser", "Page", "chromium_path"]

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-allow-origins=*",
    "--remote-debugging-port=0",
)


def chromium_path() -> str | None:
    """Return where Chromium is, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@dataclass
class Page:
    """What one page did while it was open."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Every address asked for, apart from the file itself and inline data."""
        inline = ("data:", "blob:", "about:")
        return [one for one in self.requests[1:] if not one.startswith(inline)]


class Browser:
    """One Chromium with one tab; a context manager."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._folder = tempfile.TemporaryDirectory(
            prefix="chromium-", ignore_cleanup_errors=True
        )
        command = [
            str(chromium_path()),
            *_FLAGS,
            f"--user-data-dir={self._folder.name}",
        ]
        self._process = subprocess.Popen(
            [*command, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LANG": "C.UTF-8"},
        )
        self._socket = websocket.create_connection(self._address(), timeout=30)
        self._page = Page()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = None
        self._session = self._call(
            "Target.attachToTarget", targetId=target, flatten=True
        )["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)
        self._folder.cleanup()

    def _address(self) -> str:
        """Wait for the port that Chromium writes into its folder."""
        file = Path(self._folder.name, "DevToolsActivePort")
        for _ in range(600):
            if file.is_file() and len(lines := file.read_text().splitlines()) > 1:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        message = "Chromium did not start"
        raise RuntimeError(message)

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and wait for its answer, noting events on the way."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if getattr(self, "_session", None):
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        """Keep what matters of an event."""
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self._page.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            detail = params["exceptionDetails"]
            text = detail.get("exception", {}).get("description", detail["text"])
            self._page.errors.append(text)
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self._page.errors.append(str([a.get("value") for a in params["args"]]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self._page.errors.append(params["entry"]["text"])
        elif method == "Page.javascriptDialogOpening":
            self._page.errors.append(f"dialog: {params['message']}")
            self._call("Page.handleJavaScriptDialog", accept=True)

    def open(
        self, path: str | Path, *, size: tuple[int, int] = (1400, 900), ready: str = ""
    ) -> Page:
        """Open a file and wait until it, or the script `ready`, says it is done."""
        self._page = Page()
        mobile = size[0] < 700
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=mobile,
        )
        self._call("Emulation.setTouchEmulationEnabled", enabled=mobile)
        self._call("Page.navigate", url=Path(path).resolve().as_uri())
        self.wait(ready or "document.readyState === 'complete'")
        self.settle()
        return self._page

    def wait(self, script: str, *, seconds: float = 20.0) -> None:
        """Wait until a script gives a true value."""
        end = time.monotonic() + seconds
        while not self._holds(script):
            if time.monotonic() > end:
                raise TimeoutError(f"{script}; page errors: {self._page.errors}")
            time.sleep(0.03)

    def _holds(self, script: str) -> bool:
        """Tell whether a script gives a true value; a page on its way has none."""
        try:
            return bool(self.run(f"Boolean({script})"))
        except RuntimeError:
            return False

    def settle(self) -> None:
        """Let the page draw twice, so that what it wants to ask for is asked."""
        self.run(
            "new Promise(r => requestAnimationFrame(() => requestAnimationFrame("
            "() => setTimeout(() => r(1), 80))))"
        )

    def run(self, script: str) -> Any:  # noqa: ANN401 (what a script gives)
        """Run a script in the page and return its value."""
        result = self._call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Click at a point of the window."""
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="left",
                clickCount=1,
            )
        self.settle()

    def type_text(self, text: str) -> None:
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path: str | Path) -> Path:
        """Save a picture of the window."""
        data = self._call("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))
        return Path(path)
