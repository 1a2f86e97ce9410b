"""What goes wrong in the middle of a round: each blow is struck, and what it needs to come back is done."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from urllib.parse import urlsplit

import asyncpg

from tests.chaos.plan import SPOTS, Blow, BlowKind
from tests.chaos.stage import LEASE_SECONDS, Theatre, until_closed
from tests.harness.postgres import cancel_statements, kill_backend, kill_postmaster, restart_at_once
from tests.harness.processes import Started, kill

HOUR = timedelta(hours=1)
_LOOK_SECONDS = 0.3
"""So long a statement of the blow's spot is looked out for."""
STOP_SECONDS = 20.0
"""A process that is asked to end has ended by then."""


async def strike(theatre: Theatre, blow: Blow, calls_before: int) -> None:
    """Wait for the blow's moment and strike it."""
    until = monotonic() + blow.within_seconds
    while theatre.calls - calls_before < blow.after_calls and monotonic() < until:
        await asyncio.sleep(0.005)
    if blow.spot is not None:
        await _caught_running(theatre, SPOTS[blow.spot])
    await _BLOWS[blow.kind](theatre)


async def _caught_running(theatre: Theatre, words: str) -> None:
    """A statement with these words is running now, if one is within a moment."""
    try:
        watcher = await asyncpg.connect(theatre.database_url)
    except (OSError, asyncpg.PostgresError):
        return
    until = monotonic() + _LOOK_SECONDS
    question = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'tocsin' AND state = 'active' AND position($1 IN query) > 0)"
    )
    try:
        while monotonic() < until and not await watcher.fetchval(question, words):
            await asyncio.sleep(0.001)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return
    finally:
        watcher.terminate()


async def _worker_killed(theatre: Theatre) -> None:
    count = len(theatre.workers)
    if awake := _awake(theatre):
        await kill(awake[0])
    await theatre.has_workers(count)


async def _two_workers_killed(theatre: Theatre) -> None:
    count = len(theatre.workers)
    await asyncio.gather(*map(kill, _awake(theatre)[:2]))
    await theatre.has_workers(count)


async def _api_killed(theatre: Theatre) -> None:
    await kill(theatre.api)
    await theatre.starts_api()


async def _worker_stopped(theatre: Theatre) -> None:
    count = len(theatre.workers)
    if awake := _awake(theatre):
        awake[0].terminate()
        if not await until_closed(awake[:1], STOP_SECONDS):
            theatre.wrong.append(f"a worker that was asked to end was still there after {STOP_SECONDS} s")
    await theatre.has_workers(count)


async def _worker_asleep(theatre: Theatre) -> None:
    """Beyond its lease; others work on."""
    if len(awake := _awake(theatre)) < 2:
        return
    sleeper = awake[0]
    sleeper.send_signal(signal.SIGSTOP)
    theatre.asleep.append(sleeper)
    await asyncio.sleep(LEASE_SECONDS * 1.3)
    wake(theatre, sleeper)


async def _api_asleep(theatre: Theatre) -> None:
    api = theatre.api
    api.send_signal(signal.SIGSTOP)
    await asyncio.sleep(1)
    api.send_signal(signal.SIGCONT)


async def _backend_killed(theatre: Theatre) -> None:
    await kill_backend(theatre.postgres, _database_of(theatre))


async def _statements_cancelled(theatre: Theatre) -> None:
    await cancel_statements(theatre.postgres, _database_of(theatre))


async def _postgres_restarted(theatre: Theatre) -> None:
    await restart_at_once(theatre.postgres)


async def _postgres_killed(theatre: Theatre) -> None:
    await kill_postmaster(theatre.postgres)


def _clocks(*, story: timedelta | None = None, machine: timedelta | None = None) -> Callable[[Theatre], Awaitable[None]]:
    async def step(theatre: Theatre) -> None:
        if story is not None:
            await theatre.towns[0].clock.forward_clock(minutes=story.total_seconds() / 60)
        if machine is not None:
            await theatre.machine.step(machine)

    return step


def wake(theatre: Theatre, sleeper: Started) -> None:
    """A process that was put to sleep goes on."""
    sleeper.send_signal(signal.SIGCONT)
    if sleeper in theatre.asleep:
        theatre.asleep.remove(sleeper)


def _awake(theatre: Theatre) -> list[Started]:
    return [one for one in theatre.workers if one.returncode is None and one not in theatre.asleep]


def _database_of(theatre: Theatre) -> str:
    return urlsplit(theatre.database_url).path.lstrip("/")


_BLOWS: dict[BlowKind, Callable[[Theatre], Awaitable[None]]] = {
    "worker_killed": _worker_killed,
    "two_workers_killed": _two_workers_killed,
    "api_killed": _api_killed,
    "worker_stopped": _worker_stopped,
    "worker_asleep": _worker_asleep,
    "api_asleep": _api_asleep,
    "backend_killed": _backend_killed,
    "statements_cancelled": _statements_cancelled,
    "postgres_restarted": _postgres_restarted,
    "postgres_killed": _postgres_killed,
    "story_ahead": _clocks(story=HOUR),
    "story_back": _clocks(story=-HOUR),
    "machine_ahead": _clocks(machine=HOUR),
    "machine_back": _clocks(machine=-HOUR),
    "clocks_back": _clocks(story=-HOUR, machine=-HOUR),
}
