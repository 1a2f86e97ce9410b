"""The rig of the sender's benchmarks: durable PostgreSQL, workers as an operator starts them, a gateway that costs nothing, residents."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic

import asyncpg
import psutil

from benchmarks.bare_gateway import BareGateway, Taken, bare_gateway
from benchmarks.crowd import Crowd, Line, add_bench_company, broadcast, connect_gateway, settle_crowd
from benchmarks.report import Report
from benchmarks.rig import durable_postgres, service_processes
from tests.harness.processes import ServiceProcesses, Started
from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded

GATEWAY_SHARE_MAX = 0.85
"""Of a processor's time: a gateway that used more than this was the limit, and the run says nothing of the sender."""
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Run:
    """One broadcast or one peer's run: messages in a second from declaration (or enqueueing) to the last acceptance, and what it cost.

    Processor seconds are for a thousand messages: of the sending process or processes, and of PostgreSQL. `gateway_share` of a processor.
    """

    rate: float
    seconds: float
    cpu: float
    database_cpu: float
    gateway_share: float


@dataclass
class SenderRig:
    """What these benchmarks work with."""

    database: Database
    embedded: Embedded
    postgres: int
    processes: ServiceProcesses
    gateway: BareGateway
    company: int
    gateways: dict[Line, int] = field(default_factory=dict)

    async def crowd(self, people: int, line: Line) -> Crowd:
        """A community of so many, told through a gateway that is used so."""
        return await settle_crowd(self.database, self.embedded.url, self.company, [await self.connected(line)], people)

    async def connected(self, line: Line) -> int:
        """The gateway that is used so."""
        if line not in self.gateways:
            self.gateways[line] = await connect_gateway(self.database, self.company, self.gateway, line)
        return self.gateways[line]

    @asynccontextmanager
    async def workers(self, count: int, warm: Crowd) -> AsyncIterator[list[Started]]:
        """So many workers, warm: each has sent something before the block begins."""
        async with AsyncExitStack() as stack:
            started = [await stack.enter_async_context(self.processes.running("worker")) for _ in range(count)]
            await asyncio.sleep(2.0 if count == 1 else 4.0)
            for number in range(2):
                await self.send_to(warm, f"warm {monotonic()} {number}", started)
            yield started

    async def send_to(self, crowd: Crowd, key: str, workers: list[Started], *, latency_ms: float = 0.0) -> Run:
        """Broadcast to everybody of a crowd; raises TimeoutError where somebody was not told, RuntimeError where somebody was told twice."""
        await self.gateway.forget(latency_ms=latency_ms)
        before = sum(cpu_of(worker.pid) for worker in workers), cpu_of_tree(self.postgres)
        began = await broadcast(self.database, crowd, key)
        taken = await self.gateway.until(crowd.people, PATIENCE_SECONDS)
        await self.until_settled()
        used = sum(cpu_of(worker.pid) for worker in workers) - before[0], cpu_of_tree(self.postgres) - before[1]
        if taken.messages != taken.distinct:
            raise RuntimeError(f"{taken.messages - taken.distinct} of {crowd.people} were told twice")
        return run_of(taken, began, *used)

    async def until_settled(self) -> None:
        """Until no delivery is queued or on the wire."""
        owner = await asyncpg.connect(self.embedded.url)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await owner.fetchval("SELECT EXISTS (SELECT FROM delivery) OR EXISTS (SELECT FROM delivery_range)"):
                await asyncio.sleep(0.05)
        await owner.close()

    async def watched(self, count: int, seconds: float) -> list[float]:
        """The instants (monotonic) of the watched messages, when there are so many; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(seen := await self.gateway.watched()) < count:
                await asyncio.sleep(0.01)
        return [at for _, _, at in seen]


def run_of(taken: Taken, began: float, cpu: float, database_cpu: float = 0.0) -> Run:
    """What the gateway noted, as a run."""
    seconds, thousands = taken.last_at - began, taken.messages / 1000
    share = taken.cpu_seconds / max(taken.seconds, 0.001)
    return Run(taken.messages / seconds, seconds, cpu / thousands, database_cpu / thousands, share)


@asynccontextmanager
async def sender_rig() -> AsyncIterator[SenderRig]:
    """For as long as the block; no worker runs yet."""
    async with durable_postgres() as (embedded, folder), bare_gateway() as gateway:
        database = await connect(embedded.url)
        processes = service_processes(embedded.url, folder)
        try:
            yield SenderRig(database, embedded, _postmaster(folder), processes, gateway, await add_bench_company(database))
        finally:
            await database.close()


def _postmaster(folder: Path) -> int:
    return int(next(folder.rglob("postmaster.pid")).read_text().split()[0])


def cpu_of(pid: int) -> float:
    """Processor seconds of one process so far; by the nanosecond where Linux keeps count of them, else by the hundredth of a second."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        used = psutil.Process(pid).cpu_times()
        return used.user + used.system


def cpu_of_tree(pid: int) -> float:
    """The same of a process, of its children, and of those that ended."""
    used = psutil.Process(pid).cpu_times()
    total = used.user + used.system + used.children_user + used.children_system
    for child in psutil.Process(pid).children():
        try:
            total += cpu_of(child.pid)
        except psutil.Error:
            continue
    return total


def note(report: Report, name: str, runs: list[Run]) -> float:
    """The median rate of these rounds, with its spread and what it cost; a run that the gateway limited makes the report invalid."""
    rates = sorted(run.rate for run in runs)
    report.figures[f"{name}_per_second"] = median(rates)
    report.figures[f"{name}_spread"] = (rates[-1] - rates[0]) / median(rates)
    report.figures[f"{name}_cpu_seconds_per_1000"] = median(run.cpu for run in runs)
    if any(run.database_cpu for run in runs):
        report.figures[f"{name}_database_cpu_seconds_per_1000"] = median(run.database_cpu for run in runs)
    share = max(run.gateway_share for run in runs)
    report.figures[f"{name}_gateway_headroom"] = 1 / max(share, 0.001)
    if share > GATEWAY_SHARE_MAX:
        report.valid = False
    return median(rates)


def note_load(report: Report, label: str) -> None:
    """How busy the machine is: figures of a busy one are good as ratios only."""
    report.figures[f"load_average_{label}"] = os.getloadavg()[0]
