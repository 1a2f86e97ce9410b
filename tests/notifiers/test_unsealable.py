"""A message that cannot be sealed has told nobody: it is marked, holds up no other, can be stopped, and is tried again."""

from datetime import timedelta

import asyncpg
import pytest

from notifiers.announcements import Homes, To, ToldBy, pause, resume, stop
from notifiers.delivery import fan_out
from notifiers.delivery.sealing import seals
from notifiers.delivery.sealing.seals import pause_seconds, seal_now
from notifiers.errors import MessageNotPausableError
from tests.notifiers.steps import post
from tests.notifiers.town import MOBILE, Town, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

BREAKS = "RAISE EXCEPTION 'this page of the table cannot be read'"
SLEEPS = "PERFORM pg_sleep(60)"


@pytest.fixture
async def homes(town: Town, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Two homes with a telephone each, in a town where one is many. What cannot be sealed rests until a test says otherwise."""
    monkeypatch.setattr(seals, "MANY", 1)
    monkeypatch.setattr(seals, "pause_seconds", lambda failures, took_seconds: 300.0)
    await town.channel(await town.gateway("http_sms"), "sms")
    found = []
    for number, code in enumerate(("3-101", "3-102")):
        resident = await town.person(kind="resident")
        await town.contact(resident, MOBILE.format(number))
        found.append(await town.home(code))
        await town.lives(resident, found[-1])
    return found[0], found[1]


async def refuse(owner: "asyncpg.Connection[asyncpg.Record]", message_id: int, how: str) -> None:
    """No member of this message can be written."""
    await owner.execute(
        f"CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {how}; RETURN NEW; END $$;"
        " CREATE TRIGGER refuse_it BEFORE INSERT ON audience_member FOR EACH ROW"
        f" WHEN (NEW.message_id = {message_id}) EXECUTE FUNCTION refuse_it()"
    )


async def mend(town: Town) -> None:
    """Members can be written again, and what waited to be tried again is to be tried."""
    await town.owner.execute("DROP TRIGGER IF EXISTS refuse_it ON audience_member")
    await town.owner.execute("UPDATE message SET seal_again_at = clock_timestamp() WHERE seal_again_at IS NOT NULL")


async def left(database: Database, town: Town, home: int, key: str, *, lane: str = "urgent", to: To | None = None) -> int:
    """News to a home, left to be sealed later."""
    return (
        await post(database, town, broadcast(home, key=key, lane=lane, may_be_sealed_later=True, to=to or To(Homes((home,)))))
    ).message_id


async def made(database: Database, town: Town) -> int:
    """What one look of the lane makes."""
    return await fan_out.run_once(database, Wakeups(database), town.community)


async def waited(town: Town) -> timedelta | None:
    """For how long the lane has been due, as the audit sees it."""
    found: timedelta | None = await town.owner.fetchval("SELECT clock_timestamp() - due_at FROM work WHERE lane = 'fan_out'")
    return found


@pytest.mark.parametrize("kept", ["{}", '{"homes": "9"}', None])
async def test_news_that_cannot_be_sealed_hold_up_no_others_and_are_tried_again(
    database: Database, town: Town, homes: tuple[int, int], kept: str | None
) -> None:
    broken = await left(database, town, homes[0], "first", lane="correction")
    await left(database, town, homes[0], "second")
    meant = await town.owner.fetchval("SELECT to_seal FROM message WHERE id = $1", broken)
    if kept is None:
        await refuse(town.owner, broken, BREAKS)
    else:
        await town.owner.execute("UPDATE message SET to_seal = $2 WHERE id = $1", broken, kept)

    assert await made(database, town) == 1, "the second went past it"
    assert await made(database, town) == 0
    assert await town.owner.fetchval("SELECT seal_failures FROM message WHERE id = $1", broken) == 1, "it rests before it is tried again"
    since = await waited(town)
    assert since is not None and since > timedelta(0), "it is still due, and the audit sees since when"

    await mend(town)
    await town.owner.execute("UPDATE message SET to_seal = $2 WHERE id = $1", broken, meant)
    assert await made(database, town) == 1
    assert await waited(town) is None


async def test_a_stop_takes_it_out_of_the_way_and_resumed_it_is_tried_again(database: Database, town: Town, homes: tuple[int, int]) -> None:
    broken = await left(database, town, homes[0], "first")
    await refuse(town.owner, broken, BREAKS)
    async with database.community(town.community) as tx:
        assert await stop(tx, [broken]) == 0
    assert await made(database, town) == 0
    assert await waited(town) is None, "nobody waits for it any more"
    async with database.community(town.community) as tx:
        assert (await resume(tx, broken)).unsealed
    assert await made(database, town) == 0
    await mend(town)
    assert await made(database, town) == 1


async def test_whoever_was_told_is_told_what_leans_on_it_and_whoever_was_not_is_not(
    database: Database, town: Town, homes: tuple[int, int]
) -> None:
    whole = await left(database, town, homes[0], "whole")
    broken = await left(database, town, homes[1], "broken")
    await refuse(town.owner, broken, BREAKS)
    both = To(ToldBy((whole, broken)))
    update = await left(database, town, homes[0], "update", to=both)
    assert await made(database, town) == 2
    at_once = await post(database, town, broadcast(homes[0], key="at_once", to=both))
    assert at_once.size == 1
    reached = await town.owner.fetch("SELECT DISTINCT home_id FROM audience_member WHERE message_id = ANY ($1::bigint[])", [update])
    assert [row["home_id"] for row in reached] == [homes[0]]
    async with database.community(town.community) as tx:
        with pytest.raises(MessageNotPausableError):
            await pause(tx, broken)


@pytest.mark.parametrize("later", [True, False])
async def test_what_was_taken_back_before_anybody_could_be_told_does_not_come_after_that(
    database: Database, town: Town, homes: tuple[int, int], later: bool
) -> None:
    whole = await left(database, town, homes[0], "whole")
    broken = await left(database, town, homes[1], "leave the building")
    await refuse(town.owner, broken, BREAKS)
    await made(database, town)
    all_clear = broadcast(homes[0], key="all clear", lane="correction", may_be_sealed_later=later, to=To(ToldBy((whole, broken))))
    await post(database, town, all_clear)
    await made(database, town)
    await mend(town)
    assert await made(database, town) == 0
    assert await town.owner.fetchval("SELECT stopped_at IS NOT NULL AND sealed_at IS NULL FROM message WHERE id = $1", broken)
    assert await waited(town) is None


async def test_a_seal_that_takes_too_long_is_broken_off_and_lets_the_others_by(
    database: Database, town: Town, homes: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = await left(database, town, homes[0], "slow", lane="correction")
    await left(database, town, homes[1], "other")
    await refuse(town.owner, slow, SLEEPS)
    monkeypatch.setattr(seals, "FIRST_SECONDS", 0.3)
    assert await made(database, town) == 1
    async with database.community(town.community) as tx:
        assert await stop(tx, [slow]) == 0, "whoever comes now does not wait for it"


async def test_what_a_retry_mends_is_not_held_against_the_message(database: Database, town: Town, homes: tuple[int, int]) -> None:
    slow = await left(database, town, homes[0], "slow")
    await refuse(town.owner, slow, SLEEPS)
    with pytest.raises(asyncpg.QueryCanceledError):
        async with database.community(town.community) as tx:
            await tx.connection.execute("SET LOCAL statement_timeout = '200ms'")
            await seal_now(tx, [slow])
    assert await town.owner.fetchval("SELECT seal_failures FROM message WHERE id = $1", slow) == 0


async def test_past_its_time_it_is_no_longer_tried_and_a_clock_that_was_put_back_holds_nothing_up(
    database: Database, town: Town, homes: tuple[int, int]
) -> None:
    broken = await left(database, town, homes[0], "broken")
    await refuse(town.owner, broken, BREAKS)
    await made(database, town)
    await town.owner.execute(
        "UPDATE message SET seal_again_at = clock_timestamp() + interval '1 day', expires_at = posted_at WHERE id = $1", broken
    )
    await made(database, town)
    assert await waited(town) is None
    await town.owner.execute("UPDATE message SET expires_at = posted_at + interval '1 day' WHERE id = $1", broken)
    await made(database, town)
    assert await town.owner.fetchval("SELECT seal_failures FROM message WHERE id = $1", broken) == 2


def test_it_rests_longer_each_time_and_longer_than_the_attempt_took() -> None:
    assert [pause_seconds(failures, 0.01) for failures in (1, 2, 3, 20)] == [1, 2, 4, 64]
    assert pause_seconds(1, 30.0) == 1.0, "a database that was slow for once keeps nobody waiting"
    assert pause_seconds(2, 30.0) == 150.0
    assert pause_seconds(2, 600.0) == seals.LONGEST_PAUSE_SECONDS
