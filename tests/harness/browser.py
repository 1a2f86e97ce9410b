"""One Chromium for many tests: each connects, opens windows that share nothing with others', and leaves."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@contextmanager
def running_chromium() -> Generator[str]:
    """Chromium without a window, as Playwright starts it, for as long as the block; the address to connect to."""
    with tempfile.TemporaryDirectory(prefix="tocsin-browser-") as folder:
        config = Path(folder) / "launch.json"
        config.write_text(json.dumps({"executablePath": CHROMIUM, "args": ["--no-sandbox"]}))
        command = [sys.executable, "-m", "playwright", "launch-server", "--browser", "chromium", "--config", str(config)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            if not address.startswith("ws://"):
                raise RuntimeError(f"no browser was started from {CHROMIUM}; what it said is on standard error")
            try:
                yield address
            finally:
                for child in psutil.Process(server.pid).children():
                    child.terminate()  # it closes the browser, ends, and the command with it
