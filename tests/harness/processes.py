"""Real processes of the service: started as an operator starts them, ended by id, killed where a story kills."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "a key that only these tests use, long enough"


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Started(Protocol):
    """A process, however it was started: as much of asyncio's as stories use."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    async def wait(self) -> int: ...


@dataclass
class ServiceProcesses:
    """The processes of one service on one database."""

    database_url: str
    data_dir: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What an operator would have set."""
        own = {
            "TOCSIN_DATABASE_URL": self.database_url,
            "TOCSIN_DATA_DIR": str(self.data_dir),
            "TOCSIN_LISTEN": f"127.0.0.1:{self.port}",
            "TOCSIN_PUBLIC_URL": self.url,
            "TOCSIN_SECRET_KEY": SECRET_KEY,
            "LANG": "en_US.UTF-8",
        }
        return {**os.environ, **own, **self.extra}

    async def start(self, *arguments: str) -> Started:
        """`python -m tocsin …` with its log in the data folder."""
        with (self.data_dir / f"{arguments[0]}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tocsin", *arguments, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    @asynccontextmanager
    async def running(self, *arguments: str) -> AsyncIterator[Started]:
        """The process for as long as the block; asked to stop at its end, killed if it does not."""
        process = await self.start(*arguments)
        try:
            if arguments[0] == "serve":
                await self.until_ready(process)
            yield process
        finally:
            await stop(process)

    async def until_ready(self, process: Started) -> None:
        """Wait until the web server answers; raises when its process ended instead."""
        async with aiohttp.ClientSession() as session:
            for _ in range(1200):
                try:
                    async with session.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    if process.returncode is not None:
                        break
                await asyncio.sleep(0.05)
        raise TimeoutError(f"the service did not answer; see {self.data_dir}")

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run a command to its end; its exit code and everything it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tocsin", *arguments, cwd=ROOT, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, output.decode()


async def stop(process: Started) -> None:
    """SIGTERM, and SIGKILL after twenty seconds."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 20)
    except TimeoutError:
        process.kill()
        await process.wait()


async def kill(process: Started) -> None:
    """kill -9."""
    if process.returncode is None:
        process.kill()
        await process.wait()
