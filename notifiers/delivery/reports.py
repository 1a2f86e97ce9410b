"""What each worker reports of itself and of the gateways it uses, and what all of them together say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.delivery.reach import SQL
from tocsin.base.database import Database, Tx

FRESH = timedelta(seconds=20)
"""A worker that has not reported for so long is not counted as one that works: four reports are missing."""
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OwnReport:
    """One worker's: what is on the wire, and the worst of the time since its last report."""

    worker: str
    on_wire: int
    loop_lag_seconds: float
    settle_lag_seconds: float
    pool_size: int
    pool_used: int


@dataclass(frozen=True, slots=True)
class GatewayUse:
    """One gateway's use by one worker: sums since its start, of the last minute, and messages a second that the gateway took lately.
    `accepted_ago_seconds`: since the last that it took; None where it took none."""

    gateway_id: int
    on_wire: int
    accepted: int
    not_sent: int
    refused: int
    unknown: int
    repeats: int
    recent_accepted: int
    recent_failed: int
    per_second: float
    accepted_ago_seconds: float | None


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker that works, as it said `ago_seconds` ago."""

    worker: str
    started_at: datetime
    ago_seconds: float
    on_wire: int
    loop_lag_seconds: float
    settle_lag_seconds: float
    pool_size: int
    pool_used: int


@dataclass(frozen=True, slots=True)
class SendsOfWorker:
    """What one worker has sent through one gateway since it started."""

    worker: str
    gateway_id: int
    gateway: str
    kind: str
    accepted: int
    not_sent: int
    refused: int
    unknown: int
    repeats: int


@dataclass(frozen=True, slots=True)
class GatewayHealth:
    """A gateway of the company, by what is noted of it and what all workers say. Times are machine time.

    `permits_used`: of its rate (the account's), how much is taken at this moment, 0 to 1; `per_second`: what it takes now. `recent_…`: within the
    last minute. `pause_seconds`: it asked to be left alone for so long.
    """

    id: int
    company_id: int
    name: str
    kind: str
    rate_per_second: float
    permits_used: float
    pause_seconds: float
    set_aside_at: datetime | None
    set_aside_why: str | None
    on_wire: int
    per_second: float
    recent_accepted: int
    recent_failed: int
    last_accepted_at: datetime | None


async def report(database: Database, own: OwnReport, uses: Sequence[GatewayUse]) -> None:
    """Say it to all others. A report that is lost in a crash is no loss."""
    async with database.floor() as tx:
        await tx.run(SQL.may_be_lost)
        await tx.run(
            SQL.report_worker, own.worker, tx.machine_now, own.on_wire, own.loop_lag_seconds, own.settle_lag_seconds, own.pool_size,
            own.pool_used,
        )  # fmt: skip
        ago = [one.accepted_ago_seconds for one in uses]
        await tx.run(
            SQL.report_gateways, own.worker, [one.gateway_id for one in uses], [one.on_wire for one in uses], [one.accepted for one in uses],
            [one.not_sent for one in uses], [one.refused for one in uses], [one.unknown for one in uses], [one.repeats for one in uses],
            [one.recent_accepted for one in uses], [one.recent_failed for one in uses], [one.per_second for one in uses],
            [None if one is None else tx.machine_now - timedelta(seconds=one) for one in ago],
        )  # fmt: skip
        await tx.run(SQL.forget_workers, tx.machine_now - KEPT)


async def take_leave(database: Database, worker: str) -> None:
    """The worker ends."""
    async with database.floor() as tx:
        await tx.run(SQL.worker_left, worker)


async def workers(tx: Tx) -> list[WorkerSeen]:
    """Those that work now; any transaction will do."""
    return await tx.rows(SQL.workers_seen, WorkerSeen, tx.machine_now, tx.machine_now - FRESH)


async def sends_of_workers(tx: Tx) -> list[SendsOfWorker]:
    """What those that work now have sent."""
    return await tx.rows(SQL.sends_of_workers, SendsOfWorker, tx.machine_now - FRESH)


async def gateways_health(tx: Tx, company_id: int | None = None) -> list[GatewayHealth]:
    """How the gateways of a company stand, or of all; any transaction will do."""
    return await tx.rows(SQL.gateways_health, GatewayHealth, company_id, tx.machine_now, tx.machine_now - FRESH)
