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
import tempfile
import traceback
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for a script: the last line."""
        return json.loads(self.out.splitlines()[-1])


@dataclass(frozen=True, slots=True)
class Nursery:
    """The parent of the processes of many stories."""

    parent: subprocess.Popen[str]

    async def run(self, arguments: Sequence[str], environment: Mapping[str, str], typed: bytes = b"") -> Ended:
        """`tocsin <arguments>` to its end, with `typed` on its standard input."""
        with tempfile.TemporaryDirectory(prefix="tocsin-run-") as name:
            folder = Path(name)
            (folder / "typed").write_bytes(typed)
            await self._order(arguments, environment, folder / "out", folder / "err", folder / "typed", folder / "code").wait()
            if not (folder / "code").exists():
                raise RuntimeError(f"tocsin {arguments[0]} was killed: {(folder / 'err').read_text()}")
            code, out, err = ((folder / one).read_text("utf-8") for one in ("code", "out", "err"))
        return Ended(int(code), out, err)

    def bear(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Born:
        """`tocsin <arguments>` as a process of its own, writing to `log`."""
        return self._order(arguments, environment, log, log, Path(os.devnull), Path(os.devnull))

    def _order(self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path, typed: Path, code: Path) -> Born:
        """The process; it reads `typed`, writes to `out` and `err`, and notes in `code` how it ended."""
        if self.parent.stdin is None or self.parent.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        files = {"out": str(out), "err": str(err), "typed": str(typed), "code": str(code)}
        order = {"arguments": list(arguments), "environment": dict(environment), "files": files}
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

    async def run(self, *arguments: str, typed: str = "", **environment: str) -> Ended:
        """Run a command to its end, with `typed` on its standard input and perhaps more in its environment."""
        if self.nursery is None:
            raise RuntimeError("there is no nursery")
        return await self.nursery.run(arguments, {**self.environment, **environment}, typed.encode())

    async def command(self, *arguments: str) -> tuple[int, str]:
        ended = await self.run(*arguments)
        return ended.code, ended.out + ended.err


def _keep_nursery() -> None:
    import tocsin.app.cli.commands
    import tocsin.app.web
    import tocsin.app.worker  # noqa: F401 - loaded once, for all that are born
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
        except BaseException:
            traceback.print_exc()
            code = 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            Path(order["files"]["code"]).write_text(str(code))
            os._exit(code)


def _become(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    typed = os.open(order["files"]["typed"], os.O_RDONLY)
    out, err = (os.open(order["files"][one], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) for one in ("out", "err"))
    for descriptor, target in ((typed, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, target)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["tocsin", *order["arguments"]]


if __name__ == "__main__":
    _keep_nursery()
