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


async def test_who_finds_something_old_does_not_wait_for_a_new_look_which_takes_a_twentieth_of_the_time_at_most(town: Counting) -> None:
    kept = Kept(lambda: town.now)

    async def ask(*, changed: bool = True) -> int:
        return await kept.meanwhile("homes", 1, town.look, still=lambda _: not changed, still_seconds=10)

    first = asyncio.create_task(ask())
    await asyncio.sleep(0)
    town.now = 0.5  # so long it took
    town.go.set()
    assert await first == 10_001, "who finds nothing waits"
    town.go.clear()
    assert kept.rests("homes", 1) == 9.5
    town.now = 9.9
    assert await ask() == 10_001 and town.looks == 1
    town.now = 10.0
    assert [await ask() for _ in range(3)] == [10_001] * 3
    await asyncio.sleep(0)
    assert await ask() == 10_001 and town.looks == 2, "one looks, beside"
    town.go.set()
    while await ask(changed=False) == 10_001:
        await asyncio.sleep(0)
    town.now = 19.9
    assert await ask(changed=False) == 10_002 and town.looks == 2
    town.now = 70.0
    assert await ask() == 10_003, "what is too old is shown to nobody"


async def test_a_look_beside_that_fails_is_tried_again_and_told_when_what_is_kept_is_too_old(town: Counting) -> None:
    kept = Kept(lambda: town.now)
    town.go.set()

    async def fails() -> int:
        town.looks += 1
        raise OSError

    assert await kept.meanwhile("homes", 1, town.look, still=lambda _: False, still_seconds=10) == 10_001
    for number in range(2):
        town.now += 2
        assert await kept.meanwhile("homes", 1, fails, still=lambda _: False, still_seconds=10) == 10_001
        while town.looks < 2 + number:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
    town.now = 100.0
    with pytest.raises(OSError):
        await kept.meanwhile("homes", 1, fails, still=lambda _: False, still_seconds=10)
