"""Whatever order things happen in, whoever dies when: nothing is lost and nobody told twice.

`make deep` plays thousands of seeds; SIMULATION_FROM and SIMULATION_SEEDS say which, and how many.
"""

import os

import pytest

from tests.simulation.play import wrongs_of
from tests.simulation.stage import stage

FIRST, COUNT, BLOCK = int(os.environ.get("SIMULATION_FROM", "0")), int(os.environ.get("SIMULATION_SEEDS", "100")), 20
BLOCKS = [range(start, min(start + BLOCK, FIRST + COUNT)) for start in range(FIRST, FIRST + COUNT, BLOCK)]


@pytest.mark.parametrize("seeds", BLOCKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
async def test_nothing_is_lost_and_nobody_told_twice(database_url: str, seeds: range) -> None:
    assert await wrongs_of(database_url, seeds) == []


async def test_a_seed_goes_the_same_way_again(database_url: str) -> None:
    async with stage(database_url) as here:
        for seed in range(FIRST, FIRST + 3):
            assert (await here.play(seed)).steps == (await here.play(seed)).steps
