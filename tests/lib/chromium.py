# SPDX-License-Identifier: MIT
"""A headless Chromium, by the DevTools protocol on two pipes."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from typing import Any

PROGRAM = shutil.which("chromium")
TIMEOUT = 60


class Browser:
    """One page.  errors: what the page wrote to its console as an error, or threw."""

    def __init__(self) -> None:
        assert PROGRAM
        self.directory = tempfile.TemporaryDirectory()
        theirs_in, self.out = os.pipe()
        self.input, theirs_out = os.pipe()
        os.set_inheritable(theirs_in, True)
        os.set_inheritable(theirs_out, True)
        # The protocol is on the descriptors 3 and 4.
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "sh", PROGRAM, "--headless=new", "--no-sandbox",
             "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={self.directory.name}", "about:blank"],
            close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer = b""
        self.number = 0
        self.session = ""
        self.errors: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.input)
        self.directory.cleanup()

    def message(self) -> dict[str, Any]:
        deadline = time.monotonic() + TIMEOUT
        while b"\0" not in self.buffer:
            ready = select.select([self.input], [], [], max(0, deadline - time.monotonic()))[0]
            data = os.read(self.input, 1 << 20) if ready else b""
            assert data, "chromium does not answer"
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        self.number += 1
        request = {"id": self.number, "method": method, "params": params, **({"sessionId": self.session} if self.session else {})}
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            params_of = message.get("params", {})
            if message.get("method") == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(params_of["exceptionDetails"])[:400])
            if message.get("method") == "Log.entryAdded" and params_of["entry"]["level"] == "error":
                self.errors.append(params_of["entry"]["text"])
            if message.get("method") == "Runtime.consoleAPICalled" and params_of["type"] == "error":
                self.errors.append(json.dumps(params_of["args"])[:400])

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        deadline = time.monotonic() + TIMEOUT
        while self.run("document.readyState") != "complete" or self.run("location.href").split("#")[0] != url.split("#")[0]:
            assert time.monotonic() < deadline, f"{url} does not load"
            time.sleep(0.05)

    def size(self, width: int, height: int, dark: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def screenshot(self, path: str) -> None:
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
