"""Plays seeds, one after another."""

from collections.abc import Sequence
from pathlib import Path

from tests.simulation.stage import stage

TOLD_IN = Path(".tocsin/simulation")


async def wrongs_of(url: str, seeds: Sequence[int]) -> list[str]:
    """What went wrong in the first of these seeds in which anything did; how it went, step by step, is kept in TOLD_IN."""
    async with stage(url) as here:
        for seed in seeds:
            run = await here.play(seed)
            if run.wrongs:
                TOLD_IN.mkdir(parents=True, exist_ok=True)
                told = TOLD_IN / f"{seed}.txt"
                told.write_text("\n".join([*run.steps, "", *run.wrongs]), "utf-8")
                again = f'PYTHONHASHSEED=0 SIMULATION_FROM={seed} SIMULATION_SEEDS=1 make test ARGS="tests/simulation"'
                return [f"seed {seed}; every step in {told}; again: {again}", *run.wrongs]
    return []
