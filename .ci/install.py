"""Makes .venv and fills it from one hashed lock file; a second run with the same lock does nothing.

Usage: python .ci/install.py LOCK. Standard library only: it runs before anything is installed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "install.log"


def fingerprint(lock: Path) -> str:
    """The lock's own hash, and the Python that its packages were chosen for."""
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {sys.version_info.major}.{sys.version_info.minor}\n"


def stamp(lock: Path) -> Path:
    return VENV / f"installed-{lock.name}"


def is_installed(lock: Path) -> bool:
    return stamp(lock).is_file() and stamp(lock).read_text() == fingerprint(lock) and venv_runs()


def venv_runs() -> bool:
    """False for a folder half made, and for one whose Python was removed or replaced by another version."""
    if not VENV_PYTHON.exists():
        return False
    answer = subprocess.run([VENV_PYTHON, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def make_venv() -> None:
    if venv_runs():
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    print(f"making .venv with Python {sys.version.split()[0]} ({sys.executable})", flush=True)
    venv.create(VENV, with_pip=find_spec("ensurepip") is not None)


def pip_command() -> list[str]:
    if find_spec("ensurepip") is not None:
        return [str(VENV_PYTHON), "-m", "pip"]
    # Debian packages ensurepip apart; pip 22.3 and later can fill another Python's environment instead.
    return [sys.executable, "-m", "pip", "--python", str(VENV_PYTHON)]


def install(lock: Path) -> int:
    total = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
    command = [*pip_command(), "install", "--require-hashes", "--no-input", "--disable-pip-version-check"]
    process = subprocess.Popen(
        [*command, "--progress-bar=off", "-r", str(lock)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    with LOG.open("w") as log:
        for line in show_progress(process.stdout, total, lock.name):
            log.write(line)
    return process.wait()


def show_progress(lines: Iterator[str], total: int, name: str) -> Iterator[str]:
    """Passes pip's lines on, and shows how far it is: one moving line on a terminal, now and then a line elsewhere."""
    started, seen = time.monotonic(), 0
    terminal = sys.stdout.isatty()
    for line in lines:
        yield line
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            text = f"{name}: {min(seen, total)} of {total} packages"
            remarkable = seen % 20 == 0
        elif line.startswith("Installing collected packages"):
            text, remarkable = f"{name}: unpacking", True
        else:
            continue
        elapsed = f"{text}, {time.monotonic() - started:.0f} s"
        if terminal:
            print(f"\r{elapsed:<60}", end="", flush=True)
        elif remarkable:
            print(elapsed, flush=True)
    finished = f"{name}: done, {time.monotonic() - started:.0f} s"
    print(f"\r{finished:<60}" if terminal else finished, flush=True)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python .ci/install.py LOCK", file=sys.stderr)
        return 2
    lock = ROOT / sys.argv[1]
    if is_installed(lock):
        return 0
    make_venv()
    stamp(lock).unlink(missing_ok=True)
    if install(lock) != 0:
        print("".join(LOG.read_text().splitlines(keepends=True)[-30:]), file=sys.stderr)
        print(f"Installing {lock.name} failed; the lines above are the end of {LOG}.", file=sys.stderr)
        return 1
    stamp(lock).write_text(fingerprint(lock))
    return 0


if __name__ == "__main__":
    sys.exit(main())
