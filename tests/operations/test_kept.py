"""Figures about very many are counted once for all who look at the same moment, are never older than said, and small ones are never kept."""

import asyncio
from dataclasses import dataclass, field

import pytest

from tocsin.base.kept import Kept


@dataclass
class Counting:
    """Counts a growing town; each count takes until `go` is set."""

    now: float = 0.0
    looks: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self) -> int:
        self.looks += 1
        seen = 10_000 + self.looks
        await self.go.wait()
        return seen


@pytest.fixture
def town() -> Counting:
    return Counting()


async def test_of_all_who_ask_at_once_one_looks_and_what_it_found_grows_old(town: Counting) -> None:
    kept = Kept(lambda: town.now)
    asked = [asyncio.create_task(kept.of("homes", 30, town.look)) for _ in range(50)]
    await asyncio.sleep(0)
    town.now = 29.0  # so long the count took; it is as old as its beginning
    town.go.set()
    assert await asyncio.gather(*asked) == [10_001] * 50
    assert await kept.of("homes", 30, town.look) == 10_001
    town.now = 30.0
    assert await kept.of("homes", 30, town.look) == 10_002


async def test_what_is_small_is_counted_by_everybody_for_themselves(town: Counting) -> None:
    kept = Kept(lambda: town.now)
    town.go.set()
    for time in range(1, 4):
        assert await kept.of("homes", 30, town.look, is_large=lambda _: False) == 10_000 + time


async def test_who_waited_for_somebody_whose_look_failed_or_was_given_up_looks_alone(town: Counting) -> None:
    kept = Kept(lambda: town.now)
    given_up = asyncio.create_task(kept.of("homes", 30, town.look))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(kept.of("homes", 30, town.look)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    given_up.cancel()
    town.go.set()
    assert await waiting[1] == 10_002
    assert waiting[0].cancelled() or await asyncio.gather(waiting[0], return_exceptions=True)


async def test_what_is_forgotten_is_counted_anew_with_all_that_was_asked_of_it(town: Counting) -> None:
    kept = Kept(lambda: town.now)
    town.go.set()
    for key in (("forecast", 1), (("forecast", 1), "all homes"), (("forecast", 2), "all homes")):
        await kept.of(key, 30, town.look)
    kept.forget(("forecast", 1))
    found = [await kept.of(key, 30, town.look) for key in (("forecast", 1), (("forecast", 1), "all homes"), (("forecast", 2), "all homes"))]
    assert found == [10_004, 10_005, 10_003]


async def test_what_has_not_changed_answers_for_longer_and_what_has_does_not(town: Counting) -> None:
    kept, changed = Kept(lambda: town.now), False
    town.go.set()

    async def ask() -> int:
        return await kept.of("homes", 1, town.look, still=lambda _: not changed, still_seconds=10)

    assert await ask() == 10_001
    town.now = 9.0
    assert await ask() == 10_001
    changed = True
    assert await ask() == 10_002
    town.now = 9.5
    assert await ask() == 10_002, "changed once more, and not a second old"
    changed = False
    town.now = 19.0
    assert await ask() == 10_003, "ten seconds old, whatever is said of it"
