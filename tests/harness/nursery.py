"""Real service processes, born quickly: one process has the program imported and forks whatever a story starts.

What is born is a process like any other: its own pid, environment, log and connections, started with the command line an operator
would use, and killed by its id. Only the second of imports before it is saved, because stories of kills start many.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.harness.processes import ROOT, ServiceProcesses

_LOOK_SECONDS = 0.01


@dataclass
class Born:
    """A process of the nursery, with as much of asyncio's Process as `running`, `stop` and `kill` use."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """None while it lives; how it ended is not known here."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return -1
        return None

    def send_signal(self, number: int) -> None:
        """Send it a signal; a process that has ended gets none."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end."""
        while (code := self.returncode) is None:
            await asyncio.sleep(_LOOK_SECONDS)
        return code


@dataclass(frozen=True, slots=True)
class Nursery:
    """The parent of the processes of many stories."""

    parent: subprocess.Popen[str]

    def bear(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Born:
        """`tocsin <arguments>` as a process of its own, writing to `log`."""
        if self.parent.stdin is None or self.parent.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        order = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        try:
            self.parent.stdin.write(json.dumps(order) + "\n")
            self.parent.stdin.flush()
            return Born(int(self.parent.stdout.readline()))
        except (OSError, ValueError) as problem:
            raise RuntimeError(f"the nursery has ended ({self.parent.poll()}); what it said is on standard error") from problem


@contextmanager
def nursery() -> Generator[Nursery]:
    """A nursery for as long as the block; what was born in it is the caller's to end."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        try:
            yield Nursery(parent)
        finally:
            parent.kill()
            with suppress(BrokenPipeError):
                parent.stdin.close() if parent.stdin else None


@dataclass
class QuickProcesses(ServiceProcesses):
    """The processes of one service, born in a nursery."""

    nursery: Nursery | None = None

    async def start(self, *arguments: str) -> Born:
        if self.nursery is None:
            raise RuntimeError("there is no nursery")
        return self.nursery.bear(arguments, self.environment, self.data_dir / f"{arguments[0]}.log")


def _keep_nursery() -> None:
    from tocsin.app.cli import main

    # The system buries the dead at once: then a pid that answers to a signal belongs to a living process.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        _become(order)
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stderr.flush()
            os._exit(code)


def _become(order: dict[str, object]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)
    environment, arguments = order["environment"], order["arguments"]
    if not isinstance(environment, dict) or not isinstance(arguments, list):
        raise TypeError("an order names an environment and arguments")
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tocsin", *arguments]


if __name__ == "__main__":
    _keep_nursery()
