"""Headless Chromium over the WebDriver protocol: a page, its frames, a picture of it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any


class Browser:
    """One window on a loopback driver."""

    def __enter__(self) -> Browser:
        self._folder = tempfile.TemporaryDirectory()
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            if "started successfully on port" in line:
                self._url = f"http://127.0.0.1:{line.split()[-1].rstrip('.')}"
                break
        chromium = shutil.which("chromium")
        options = {
            "binary": chromium,
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1400,900",
                f"--user-data-dir={self._folder.name}",
            ],
        }
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self._session = self._send("POST", "/session", wanted)["sessionId"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._send("DELETE", f"/session/{self._session}")
        finally:
            self._driver.terminate()
            self._driver.wait()
            self._folder.cleanup()

    def open(self, page: Path) -> None:
        self._send("POST", f"/session/{self._session}/url", {"url": page.resolve().as_uri()})

    def run(self, script: str) -> Any:
        """The value that a script returns, or that it resolves to."""
        body = {
            "script": f"const end = arguments[0]; (async () => {{ {script} }})().then(end, e => end('' + e))"
        }
        return self._send("POST", f"/session/{self._session}/execute/async", {**body, "args": []})

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._send("GET", f"/session/{self._session}/screenshot")))

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(
            self._url + path, data, {"Content-Type": "application/json"}, method=method
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)["value"]
            except urllib.error.HTTPError as error:
                raise RuntimeError(error.read().decode()) from None
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise


# Frames while the timeline is zoomed and moved and the lists are scrolled, milliseconds each.
FRAMES = """
const frame = () => new Promise(requestAnimationFrame);
const canvas = document.getElementById("time"), list = document.getElementById("list");
const times = [];
const wheel = more => canvas.dispatchEvent(new WheelEvent("wheel", { cancelable: true, ...more }));
document.querySelector("[data-tab=records]").click();
await frame(); await frame();
let last = performance.now();
for (let i = 0; i < 240; i++) {
  if (i < 80) wheel({ deltaY: i % 40 < 20 ? -60 : 60, ctrlKey: true });
  else if (i < 160) wheel({ deltaX: i % 40 < 20 ? 90 : -90, deltaY: i % 50 < 25 ? 60 : -60 });
  else list.scrollTop += 900;
  for (let step = 0; step < 2; step++) {
    await frame();
    const now = performance.now(); times.push(now - last); last = now;
  }
}
return times;
"""
