"""News to many are posted first and sealed afterwards: whatever comes in between finds them as if they had been sealed at once."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from incidents.desk import changes, messages
from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, declare
from incidents.desk.households import household_knows
from incidents.desk.merging import merge
from incidents.desk.telling import Telling, Whom, foresee_telling
from incidents.views.message_board import announced_since, message_board, newest_message
from incidents.views.unsealed import Unsealed, unsealed
from notifiers.announcements import ResidentsOf, To, ToldBy
from notifiers.announcements import forecast as forecasts
from notifiers.announcements.forecast import audience_of
from notifiers.delivery.sealing import seals
from tests.harness.clock import StoryClock
from tests.harness.small_town import RESIDENTS, SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import everything_leaves
from tests.incidents.test_messages import RIGHT, told
from tests.incidents.test_telling import declare_power_cut, set_hour
from tests.notifiers.test_unsealable import BREAKS, refuse
from tocsin.base import work
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection
NEWS = {"zh-CN": "抢修人员已到现场。", "en": "The crew is here."}
MORE = {"zh-CN": "预计一小时后来电。", "en": "Power in an hour."}
CONCERNED = ("mrs_wang", "mr_zhou", "alice")
"""Whoever lives in building 3."""


@pytest.fixture
async def incident(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock, monkeypatch: pytest.MonkeyPatch
) -> int:
    """A power cut of which building 3 was told, in a town where one is many."""
    monkeypatch.setattr(seals, "MANY", 1)
    await set_hour(story, 12)
    incident = await declare_power_cut(database, town, wakeups)
    await told(database, town, wakeups, incident)
    await everything_leaves(database, town, owner)
    return incident


async def news(database: Database, town: SmallTown, wakeups: Wakeups, incident: int, words: dict[str, str] = NEWS) -> int:
    """News to those who were told, committed; nobody has sealed them."""
    async with database.community(town.community_id) as tx:
        message = await changes.post_update(desk_of(tx, wakeups), incident, words, None)
        (shown,) = [one for one in await message_board(tx, incident) if one.row.id == message]
    assert (shown.state, shown.row.size) == ("counting", 0)
    return message


async def test_whoever_posted_them_dies_and_a_worker_that_starts_later_seals_them_in_their_order(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    first = await news(database, town, wakeups, incident)
    second = await news(database, town, wakeups, incident, MORE)
    assert ("fan_out", town.community_id) in [(one.lane, one.community_id) for one in await work.due(database)]

    got = await everything_leaves(database, town, owner)

    assert {name: [text in NEWS.values() for text in texts] for name, texts in got.items()} == dict.fromkeys(CONCERNED, [True, False])
    assert await owner.fetchval("SELECT bool_and(sealed_at IS NOT NULL AND to_seal IS NULL) FROM message")
    sizes = await owner.fetch("SELECT size FROM message WHERE id = ANY ($1::bigint[])", [first, second])
    assert len({row["size"] for row in sizes}) == 1
    assert await everything_leaves(database, town, owner) == {}


async def test_a_false_alarm_right_after_them_is_corrected_to_exactly_those_who_were_told(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "看错了")
    assert await owner.fetchval("SELECT size = excluded FROM message WHERE id = $1", message)
    assert await owner.fetchval("SELECT count(*) FROM message WHERE to_seal IS NOT NULL AND lane = 'correction'") == 1

    got = await everything_leaves(database, town, owner)

    assert {name: len(texts) for name, texts in got.items() if name in RESIDENTS} == dict.fromkeys(CONCERNED, 1)


async def test_stopped_before_they_are_sealed_nobody_has_them_and_resumed_all_do(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        await messages.stop_message(desk_of(tx, wakeups), message)
    assert await everything_leaves(database, town, owner) == {}
    async with database.community(town.community_id) as tx:
        resumed = await messages.resume_message(desk_of(tx, wakeups), message)
    assert resumed.members == len(CONCERNED)
    assert set(await everything_leaves(database, town, owner)) == set(CONCERNED)


async def test_paused_before_they_are_sealed_they_wait_and_corrected_they_were_told_to_nobody(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        assert await messages.pause_message(desk_of(tx, wakeups), message) == len(CONCERNED)
    assert await everything_leaves(database, town, owner) == {}
    async with database.community(town.community_id) as tx:
        corrected = await messages.correct_message(desk_of(tx, wakeups), message, RIGHT, insist=False)
    assert (corrected.message_id, corrected.size) == (None, 0)
    assert await everything_leaves(database, town, owner) == {}


async def test_a_household_that_hears_it_on_the_telephone_meanwhile_gets_no_message_besides(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        await household_knows(tx, incident, town.places["3-2-1502"])
    assert set(await everything_leaves(database, town, owner)) == set(CONCERNED) - {"mrs_wang"}


async def test_whom_they_concern_can_be_foreseen_before_they_are_sealed(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int
) -> None:
    message = await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        again = await audience_of(tx, To(ToldBy((message,))))
        others = await audience_of(tx, To(ResidentsOf(town.places["3"]), but_not_told_by=(message,)))
    assert len(again.told_at_home()) == len(CONCERNED) and others.told_at_home() == []


async def test_whoever_only_looks_holds_up_nobody_and_writes_nothing_where_all_is_sealed(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasts, "SEALS_SECONDS", 0.2)
    again = Telling(Whom(told=True), MORE)
    await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as lane:
        await lane.connection.execute("SELECT FROM message FOR NO KEY UPDATE")
        with pytest.raises(TimeoutError):
            async with database.community(town.community_id) as tx:
                await foresee_telling(tx, incident, again)
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await tx.connection.execute("SET TRANSACTION READ ONLY")
        seen = await foresee_telling(tx, incident, again)
    assert seen.forecast.homes == len(CONCERNED)


async def test_whoever_looks_first_sees_that_what_it_leads_to_would_reach_nobody(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        last = await newest_message(tx, [incident])
    await refuse(owner, last + 1, BREAKS)
    async with database.community(town.community_id) as tx:
        await changes.post_update(desk_of(tx, wakeups), incident, MORE, None)
        (seen,) = await announced_since(tx, [incident], last)
    assert (seen.id, seen.unsealable, seen.homes) == (last + 1, True, 0)


async def _false_alarm(desk: Desk, town: SmallTown, incident: int) -> None:
    await changes.cancel(desk, incident, "看错了")


async def _becomes_another_ones(desk: Desk, town: SmallTown, incident: int) -> None:
    into = await declare(desk.tx, desk.wakeups, Declaration("power_cut", town.places["5"], {}), CLERK)
    await merge(desk, incident, into.incident_id)


async def _is_elsewhere(desk: Desk, town: SmallTown, incident: int) -> None:
    await changes.set_place(desk, incident, town.places["5"])


async def _somebody_phones_in(desk: Desk, town: SmallTown, incident: int) -> None:
    assert await household_knows(desk.tx, incident, town.places["3-2-1502"]) == 1


async def _more_news(desk: Desk, town: SmallTown, incident: int) -> None:
    await changes.post_update(desk, incident, MORE, None)


@pytest.mark.parametrize("act", [_false_alarm, _becomes_another_ones, _is_elsewhere, _somebody_phones_in, _more_news])
async def test_news_that_cannot_be_sealed_are_seen_and_keep_nobody_from_acting(
    database: Database,
    town: SmallTown,
    wakeups: Wakeups,
    owner: Owner,
    incident: int,
    act: Callable[[Desk, SmallTown, int], Awaitable[None]],
) -> None:
    """Nobody was told by them; whoever was told by others still is told what comes of it."""
    message = await news(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        assert await unsealed(tx, incident) == Unsealed(counting=True)
    await owner.execute("UPDATE message SET to_seal = '{}' WHERE id = $1", message)

    async with database.community(town.community_id) as tx:
        await act(desk_of(tx, wakeups), town, incident)

    got = await everything_leaves(database, town, owner)
    later = [text for name in CONCERNED for text in got.get(name, [])]
    assert not set(NEWS.values()) & set(later)
    assert len(later) == (len(CONCERNED) if act in (_false_alarm, _more_news) else 0)
    async with database.community(town.community_id) as tx:
        (shown,) = [one for one in await message_board(tx, incident) if one.row.id == message]
        now = await unsealed(tx, incident)
    assert (shown.state, now) == (("stopped", Unsealed()) if act is _false_alarm else ("not_sent", Unsealed(unsealable=1)))


async def test_news_that_could_not_be_sealed_do_not_come_after_the_news_that_it_is_over(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await news(database, town, wakeups, incident)
    meant = await owner.fetchval(
        "UPDATE message SET to_seal = to_seal || '{\"unheard\": [1]}' WHERE id = $1 RETURNING to_seal - 'unheard'", message
    )
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        assert await unsealed(tx, incident) == Unsealed(unsealable=1)
        await changes.resolve(desk_of(tx, wakeups), incident)
    await owner.execute("UPDATE message SET to_seal = $2, seal_again_at = clock_timestamp() WHERE id = $1", message, meant)

    got = await everything_leaves(database, town, owner)

    assert {name for name, texts in got.items() if "已来电" in texts[-1] or "Power is back" in texts[-1]} == set(CONCERNED)
    assert not set(NEWS.values()) & {text for texts in got.values() for text in texts}
    async with database.community(town.community_id) as tx:
        (shown,) = [one for one in await message_board(tx, incident) if one.row.id == message]
    assert shown.state == "stopped"
