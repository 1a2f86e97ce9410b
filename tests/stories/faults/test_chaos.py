"""A few rounds of chaos (`make chaos` plays many): whatever falls in the middle of them, nothing is lost and nobody is told twice."""

from contextlib import aclosing

import pytest

from tests.chaos.rounds import play_seed
from tests.harness.filled import Filled
from tests.harness.nursery import Nursery
from tocsin.base.embedded import Embedded

SEEDS = (15, 175, 396, 426)
"""In their first rounds each kind of blow falls once at least, at each spot, and two lists are brought in; none of them takes long."""
ROUNDS = 5


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_falls_in_the_middle_of_them(postgres: Embedded, filled: Filled, midwife: Nursery, seed: int) -> None:
    async with aclosing(play_seed(postgres, filled, midwife, seed, ROUNDS)) as rounds:
        async for played in rounds:
            assert played.wrong == (), f"{played.again}; kept in {played.kept}"
