"""PostgreSQL whose data stands on a file system of its own that is small and can be filled to the last byte: what it then gets is a real ENOSPC.

The file system is in memory and in a mount namespace of its own: it is gone with the processes in it, whatever becomes of the test.
Whoever is not root gets it in a user namespace of their own, where Linux lets them.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

from tests.harness.failover import Host
from tests.harness.processes import free_port
from tocsin.base.embedded import Embedded

MEGABYTES = 256
_START_SECONDS = 30
_SETTINGS = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = on\nmin_wal_size = 32MB\nmax_wal_size = 32MB\n"


def _is_root() -> bool:
    return os.getuid() == 0


def _apart() -> list[str]:
    """Begins a process in a mount namespace of its own."""
    return ["unshare", "--mount"] if _is_root() else ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount() -> bool:
    """Whether this process may mount a file system in a namespace of its own."""
    if not all(shutil.which(one) for one in ("unshare", "nsenter", "setpriv")):
        return False
    return subprocess.run([*_apart(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode == 0


@dataclass
class SmallDisk:
    """The file system, seen from outside at `folder`, and the server on it. `keeper` keeps the namespace open."""

    tools: Embedded
    keeper: "subprocess.Popen[str]"
    inside: Path
    host: Host

    @property
    def _filler(self) -> Path:
        return self.host.folder.parent / "filler"

    def fill(self) -> None:
        """Take all the room that is left."""
        with self._filler.open("ab", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def make_room(self) -> None:
        """Give it back."""
        self._filler.unlink()

    def start(self) -> None:
        """Start PostgreSQL, and wait until it takes connections."""
        self._run("pg_ctl", "-D", str(self.inside / "data"), "-w", "-l", str(self.inside / "log"), "start")

    def start_again(self) -> None:
        """What an operator or the system does: start it, as often as it takes until it takes connections.

        It may still be ending when it is first asked to start: pg_ctl refuses then, and pg_isready says no at once, it waits for nothing.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.host.port))
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
            with suppress(RuntimeError):
                self.start()
            time.sleep(0.05)

    def copy(self) -> None:
        """What stands in `tools` stands here too."""
        self._run("pg_basebackup", "-D", str(self.inside / "data"), "-d", self.tools.url, "-c", "fast", "--no-sync")
        with (self.host.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"port = {self.host.port}\n{_SETTINGS}")

    def _run(self, command: str, *arguments: str) -> None:
        # PostgreSQL does not run as root, and neither as what only looks like it.
        enter = ["nsenter", "--target", str(self.keeper.pid), "--mount"]
        if _is_root():
            enter += ["setpriv", "--reuid", self.tools.server.system_user or "nobody", "--clear-groups"]
        else:
            enter += ["--user", "--preserve-credentials", "unshare", "--user", "--map-user=1000", "--map-group=1000"]
        done = subprocess.run(
            [*enter, str(self.tools.server.bin_path / command), *arguments], capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout} {done.stderr}")


@contextmanager
def small_disk(tools: Embedded) -> Generator[SmallDisk]:
    """A copy of `tools` on a small file system, started, for as long as the block."""
    inside = Path(tempfile.mkdtemp(prefix="tocsin-small-disk-"))
    mount = f"mount -t tmpfs -o size={MEGABYTES}m,mode=0777 tmpfs {inside} && echo there && exec cat"
    keeper = subprocess.Popen([*_apart(), "sh", "-c", mount], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None and keeper.stdin is not None
    if keeper.stdout.readline() != "there\n":
        raise RuntimeError("the small file system could not be mounted")
    seen = Path(f"/proc/{keeper.pid}/root{inside}")
    disk = SmallDisk(tools, keeper, inside, Host("small", seen / "data", free_port()))
    try:
        disk.copy()
        disk.start()
        yield disk
    finally:
        with suppress(Exception):
            disk.host.signal(SIGKILL)
        keeper.stdin.close()
        keeper.stdout.close()
        keeper.wait()
        os.rmdir(inside)
