"""Plays the rounds of a seed: everybody asks for what they need, blows fall, gateways come to their senses, everything comes to rest, and
the judge looks."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic

import asyncpg

from tests.chaos.blows import strike, wake
from tests.chaos.clients import TRAPPED
from tests.chaos.judge import ended_by_themselves, judge
from tests.chaos.plan import Round, draw_round
from tests.chaos.stage import Theatre, theatre
from tests.harness.filled import Filled
from tests.harness.nursery import Nursery
from tests.harness.oracle import is_quiet
from tests.harness.processes import ROOT
from tocsin.base.embedded import Embedded

REST_SECONDS = 60.0
"""Within this everything is final, once the blows have fallen and the gateways are well."""
KEPT = ROOT / ".tocsin" / "chaos"
_NOT_AT_REST = (
    "SELECT 'delivery ' || message_id || '/' || no || ' ' || state || ' due ' || due_at FROM delivery"
    " UNION ALL SELECT 'work ' || community_id || ' ' || lane || ' due ' || due_at FROM work"
    " UNION ALL SELECT 'timer of ' || incident_id || ' ' || key || ' due ' || due_at FROM timer WHERE due_at <= story_now()"
    " UNION ALL SELECT 'receipts ' || message_ids::text || '/' || nos::text FROM receipt_bundle WHERE applied_at IS NULL"
    " UNION ALL SELECT 'early receipt for ' || message_id || '/' || no FROM early_receipt"
)


@dataclass(frozen=True, slots=True)
class Played:
    """A round that was played: what went wrong, where that was kept, and how long it took."""

    seed: int
    plan: Round
    wrong: tuple[str, ...]
    seconds: float
    kept: Path | None = None

    @property
    def again(self) -> str:
        """The command that plays it again."""
        return f'make chaos ARGS="--seed {self.seed} --rounds {self.plan.number}"'


async def play_seed(postgres: Embedded, filled: Filled, nursery: Nursery, seed: int, rounds: int) -> AsyncGenerator[Played]:
    """The first `rounds` rounds of `seed`, one after the other on one stage; the first that went wrong is the last."""
    async with theatre(postgres, filled, nursery, seed) as stage:
        for number in range(1, rounds + 1):
            played = await _play(stage, draw_round(seed, number))
            yield played
            if played.wrong:
                return


async def _play(stage: Theatre, plan: Round) -> Played:
    begun = monotonic()
    try:
        wrong = await _round(stage, plan)
    except Exception as problem:
        wrong = [f"the round broke: {problem!r}"]
        if not isinstance(problem, (RuntimeError, TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            _keep(stage, plan, wrong)
            raise
    kept = _keep(stage, plan, wrong) if wrong else None
    return Played(stage.seed, plan, tuple(wrong), monotonic() - begun, kept)


async def _round(stage: Theatre, plan: Round) -> list[str]:
    await stage.has_workers(plan.workers)
    calls = stage.calls
    for gateway in stage.gateways:
        gateway.begins(plan.number, plan.weather)
    async with asyncio.TaskGroup() as group:
        group.create_task(_asks(stage, plan))
        group.create_task(_strikes(stage, plan, calls))
    await _timers_ring(stage)
    for sleeper in list(stage.asleep):
        wake(stage, sleeper)
    for gateway in stage.gateways:
        gateway.is_well()
    await stage.meets_owner_again()
    lost = ended_by_themselves(stage)
    await stage.has_workers(plan.workers)
    if not await _comes_to_rest(stage):
        left = [f"not at rest after {REST_SECONDS} s: {row[0]}" for row in await stage.owner.fetch(_NOT_AT_REST)]
        return [*lost, *left]
    wrong = [*lost, *await judge(stage)]
    stage.lasting = [stage.api, *stage.workers]
    await stage.towns[0].clock.thaw()
    return wrong


async def _strikes(stage: Theatre, plan: Round, calls: int) -> None:
    for blow in plan.blows:
        await strike(stage, blow, calls)


async def _asks(stage: Theatre, plan: Round) -> None:
    """Both towns at once: alerts, news for residents, a list, and the answers of those who were told."""
    async with asyncio.TaskGroup() as group:
        for index, desk in enumerate(stage.desks):
            key = f"{stage.seed}-{plan.number}-{index}"
            for count in range(plan.entrapments):
                group.create_task(desk.declares(f"{key}-alert-{count}", TRAPPED))
            if plan.tells_residents:
                group.create_task(desk.tells(f"{key}-tell"))
            if plan.imports and index == 0:
                phones = [f"139{stage.seed % 10_000:04d}{plan.number % 100:02d}{count:02d}" for count in range(5)]
                group.create_task(desk.brings_in(f"{key}-list", phones))
            group.create_task(_answers(stage, plan, index))


async def _answers(stage: Theatre, plan: Round, index: int) -> None:
    line, desk = stage.towns[index], stage.desks[index]
    before = len(line.gateway.sent)
    chance = Random(f"answers {stage.seed} {plan.number} {index}")
    await asyncio.sleep(chance.uniform(0.2, 0.8))
    texts = [one.text for one in line.gateway.sent[before:]]
    await desk.answers(chance.sample(texts, min(5, len(texts))))


async def _timers_ring(stage: Theatre) -> None:
    """Story time goes on to where about half of the timers of the next minutes are due; faults and sleepers are still there."""
    await stage.meets_owner_again()
    clock, now = stage.towns[0].clock, await stage.owner.fetchval("SELECT story_now()")
    due = [row[0] for row in await stage.owner.fetch("SELECT due_at FROM timer WHERE due_at <= $1 ORDER BY 1", now + timedelta(minutes=6))]
    if due and (rings := due[len(due) // 2]) > now:
        await clock.set_clock(rings)


async def _comes_to_rest(stage: Theatre) -> bool:
    """Whether, within a while, nothing is left to do; story time then stands still, so that nothing becomes due while the judge looks."""
    clock = stage.towns[0].clock
    try:
        async with asyncio.timeout(REST_SECONDS):
            while True:
                while not await _is_quiet(stage):
                    await asyncio.sleep(0.02)
                await clock.freeze()
                if await _is_quiet(stage):
                    return True
                await clock.thaw()
    except TimeoutError:
        return False


async def _is_quiet(stage: Theatre) -> bool:
    """The gateways have said everything, and there is nothing left to do."""
    for gateway in stage.gateways:
        await gateway.has_spoken()
    return await is_quiet(stage.owner) and not any(gateway.speaks for gateway in stage.gateways)


def _keep(stage: Theatre, plan: Round, wrong: list[str]) -> Path:
    """Logs, the gateways' ledger, the database and what was wrong, in a folder of the round's own."""
    folder = KEPT / f"{stage.seed}-{plan.number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "wrong.txt").write_text("\n".join(wrong), "utf-8")
    (folder / "plan.json").write_text(json.dumps({"stage": asdict(stage.drawn), "round": asdict(plan)}, indent=1), "utf-8")
    ledger = [
        {"tells_repeats_apart": one.tells_repeats_apart, "sent": [asdict(sent) for sent in one.sent], "calls_about": dict(one.calls_about)}
        for one in stage.gateways
    ]
    (folder / "ledger.json").write_text(json.dumps(ledger, ensure_ascii=False, indent=1), "utf-8")
    for log in stage.service.data_dir.glob("*.log"):
        shutil.copy(log, folder / log.name)
    command = [str(Path(stage.postgres.server.bin_path) / "pg_dump"), "-f", str(folder / "database.sql"), stage.database_url]
    subprocess.run(command, check=False)
    return folder
