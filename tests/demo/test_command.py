"""One command starts everything, Ctrl-C stops it, the next start finds all as it was."""

import asyncio
import os
import re
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from tests.harness.processes import ROOT, free_port

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo that has said that it is ready."""

    process: Process
    said: str

    @property
    def address(self) -> str:
        return str(re.findall(r"http://\S+", self.said)[0])

    @property
    def links(self) -> list[str]:
        return re.findall(r"http://\S+/login/\S+", self.said)

    async def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        """Ctrl-C, or another signal; what it said last."""
        self.process.send_signal(how)
        assert self.process.stdout is not None
        rest = await asyncio.wait_for(self.process.stdout.read(), 90)
        assert await self.process.wait() == 0
        return rest.decode()


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that another user may enter: as root, PostgreSQL runs as one, and pytest keeps its own folders closed."""
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def start(folder: Path, port: int, *options: str) -> Process:
    """`tocsin demo` as a newcomer starts it, with nothing set but where its data goes."""
    own = {"TOCSIN_DATA_DIR": str(folder), "LANG": "en_US.UTF-8", "PYTHONUNBUFFERED": "1"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "LC_"))}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin", "demo", "--port", str(port), *options,
        cwd=ROOT, env={**clean, **own}, stdout=PIPE, stderr=STDOUT, preexec_fn=_hear_hang_ups,
    )  # fmt: skip


def _hear_hang_ups() -> None:
    """As in a terminal: whoever runs the tests by nohup would hand on its deafness, which the demo respects."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


async def forget(folder: Path) -> int:
    """`tocsin demo --forget`, which `make demo-reset` runs; its exit code."""
    process = await start(folder, free_port(), "--forget")
    await asyncio.wait_for(process.communicate(), 90)
    return process.returncode or 0


@asynccontextmanager
async def demo(folder: Path, port: int) -> AsyncIterator[RunningDemo]:
    process = await start(folder, port)
    try:
        yield RunningDemo(process, await asyncio.wait_for(_until_ready(process), 90))
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 90)


async def _until_ready(process: Process) -> str:
    assert process.stdout is not None
    said = ""
    while "demo-reset" not in said:
        line = await process.stdout.readline()
        assert line, said
        said += line.decode()
    return said


def held_for_the_morning() -> bool:
    """Whether the demo's power cut began at night, when residents are told in the morning: then none has answered."""
    wall = datetime.now(ZoneInfo("Asia/Shanghai")).time()
    return not time(7, 15) <= wall < time(22, 15)


async def test_a_newcomer_starts_looks_around_stops_and_finds_everything_again(home: Path) -> None:
    port = free_port()
    async with demo(home, port) as first, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor:
        assert first.address == f"http://127.0.0.1:{port}"
        assert len(first.links) == 4
        async with visitor.post(first.links[0], headers={"Origin": first.address}) as desk:
            assert desk.status == 200
            assert desk.url.path == "/"
            page = await desk.text()
        assert "Power cut · Building 6 Unit 1" in page, "a power cut of some minutes ago is being dealt with"
        assert " has it" in page, "and somebody has it"
        assert "A home needs help · Building 6 Unit 1" in page or held_for_the_morning(), (
            "a resident has answered, unless none was told yet"
        )
        assert "People trapped in an elevator · Building 5 Unit 1 Elevator 2" in page, "a case that is over can be looked up"
        assert "30-second tour" in page
        async with visitor.get(f"{first.address}/i/1") as closed:
            assert "Everyone is out" in await closed.text()
        async with visitor.get(f"{first.address}/i/2") as dark:
            record = await dark.text()
        assert "Nobody" not in re.findall(r'<p class="large">(.*?)</p>', record)[0]
        assert "no answer yet" in record, "and one who was alerted keeps silent"
        async with visitor.get(f"{first.address}/demo/phones") as phones:
            assert phones.status == 200
            assert "停电｜6栋1单元" in await phones.text()
        async with visitor.get(f"{first.address}/console/places", params={"q": "203117"}) as places:
            assert "Building 3 Unit 2 Elevator 1" in await places.text()
        async with visitor.post(first.links[0], headers={"Origin": first.address}, cookies={}) as again:
            assert again.status == 403 or again.status == 401 or again.url.path.startswith("/login")
        busy = await start(home, free_port())
        refusal, _ = await asyncio.wait_for(busy.communicate(), 90)
        assert busy.returncode == 1
        assert b"running already" in refusal
        assert await forget(home) == 1, "nothing is removed under a demo that runs"
        assert "data is kept" in await first.stop()

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        async with demo(home, port) as second:
            assert f"Port {port} is taken" in second.said
            assert second.address != f"http://127.0.0.1:{port}"
            assert "First run" not in second.said
            assert not set(first.links) & set(second.links)
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor:
                async with visitor.post(second.links[0], headers={"Origin": second.address}) as desk:
                    assert desk.status == 200
            assert "data is kept" in await second.stop(signal.SIGHUP), "the terminal was closed"
    assert (home / "demo" / "demo.json").stat().st_mode & 0o077 == 0
    assert not (home / "demo" / "postgres" / "postmaster.pid").exists(), "nothing runs on"
    assert await forget(home) == 0
    assert not (home / "demo").exists()


async def test_a_demo_that_is_stopped_while_it_starts_leaves_nothing_running(home: Path) -> None:
    process = await start(home, free_port())
    assert process.stdout is not None
    while b"First run" not in (line := await asyncio.wait_for(process.stdout.readline(), 90)):
        assert line
    process.send_signal(signal.SIGTERM)
    rest, _ = await asyncio.wait_for(process.communicate(), 90)
    assert b"Traceback" not in rest, rest.decode()
    assert not (home / "demo" / "postgres" / "postmaster.pid").exists()
