"""Everybody alerted presses at once: each answer counts, each in an order, and nobody is told so before it is on disk."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from incidents.answers.together import AnswersTogether
from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.errors import AlertUnknownError, AnswerWrongError, IncidentEndedError, MessageExpiredError
from incidents.timeline.verify import verify
from notifiers.links import LinkTarget
from people.persons import NewContactPoint, add_contact_point, add_person
from people.rosters import NewShift, add_shift
from tests.harness.clock import StoryClock
from tests.harness.round_trips import note_round_trips
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import everything_leaves
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

CREW = 50


async def alert_a_crew(database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection) -> tuple[int, list[LinkTarget]]:
    """An incident that alerted fifty engineers; it, and the targets of their links."""
    async with database.community(town.community_id) as tx:
        for number in range(CREW - 1):
            person = await add_person(tx, kind="staff", name=f"工程{number}")
            await add_contact_point(tx, NewContactPoint(person, "mobile", f"+8613700{number:06d}", quality="good"))
            starts, ends = tx.now - timedelta(hours=1), tx.now + timedelta(hours=8)
            await add_shift(tx, NewShift("engineering", "duty", person, starts, ends))
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"]), CLERK)
    message = await owner.fetchval("SELECT message_id FROM alert WHERE alert_key = 'engineers#1'")
    return declared.incident_id, [LinkTarget(town.community_id, message, no) for no in range(1, CREW + 1)]


async def test_fifty_answers_at_once_are_all_true(database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection) -> None:
    incident, links = await alert_a_crew(database, town, wakeups, owner)
    together = AnswersTogether(database, wakeups)
    said = await asyncio.gather(*(together.answer(link, "received", None) for link in links))
    assert all(not one.repeated and one.incident_id == incident for one in said)
    assert await owner.fetchval("SELECT count(DISTINCT person_id) FROM answer WHERE kind = 'received'") == CREW
    assert await owner.fetchval("SELECT count(DISTINCT event_no) FROM answer") == CREW
    assert await owner.fetchval("SELECT confirmed = size FROM message WHERE id = $1", links[0].message_id)
    last_told = max(said, key=lambda one: len(one.others))
    assert len(last_told.others) == CREW - 1
    async with database.community(town.community_id) as tx:
        assert all(one.holds for one in await verify(tx, incident))


async def test_a_word_takes_nine_round_trips_and_the_first_of_somebody_eleven(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them waits for a processor beside a broadcast's sender. Among them are BEGIN and COMMIT; a hint to pages is none of them."""
    _, links = await alert_a_crew(database, town, wakeups, owner)
    await everything_leaves(database, town, owner)
    together, asked = AnswersTogether(database, wakeups), note_round_trips(monkeypatch)
    counted = {}
    for word in ("received", "on_the_way", "on_scene"):
        for link in links[:2]:
            asked.clear()
            await together.answer(link, word, 8 if word == "on_the_way" else None)
            counted[word] = len(asked)
    assert counted == {"received": 11, "on_the_way": 9, "on_scene": 9}


async def test_what_cannot_count_is_said_to_whom_it_concerns_and_to_nobody_else(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection
) -> None:
    _, links = await alert_a_crew(database, town, wakeups, owner)
    together = AnswersTogether(database, wakeups)
    stranger = LinkTarget(town.community_id, links[0].message_id, 4711)
    outcomes = await asyncio.gather(
        together.answer(links[0], "received", None),
        together.answer(stranger, "received", None),
        together.answer(links[1], "on_the_way", 8),
        together.answer(links[1], "on_the_way", 8),
        together.answer(links[2], "cannot", None),
        together.answer(links[3], "perhaps", None),
        together.answer(links[0], "received", None),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], AlertUnknownError) and isinstance(outcomes[5], AnswerWrongError)
    told = [one for one in outcomes if not isinstance(one, BaseException)]
    assert [one.kind for one in told] == ["received", "on_the_way", "on_the_way", "cannot", "received"]
    assert told[-1].repeated and told[1].promised_at is not None
    assert await owner.fetchval("SELECT count(*) FROM answer WHERE kind = 'cannot'") == 1


async def test_an_answer_after_the_end_or_by_a_day_old_link_is_refused(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, story: StoryClock
) -> None:
    incident, links = await alert_a_crew(database, town, wakeups, owner)
    together = AnswersTogether(database, wakeups)
    await story.forward_clock(minutes=26 * 60)
    with pytest.raises(MessageExpiredError):
        await together.answer(links[0], "received", None)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    with pytest.raises(IncidentEndedError):
        await together.answer(links[0], "received", None)


async def test_a_database_that_goes_away_leaves_nobody_with_a_false_yes(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection
) -> None:
    _, links = await alert_a_crew(database, town, wakeups, owner)
    together = AnswersTogether(database, wakeups)
    async with owner.transaction():
        await owner.execute("SELECT FROM incident FOR UPDATE")
        asked = asyncio.gather(*(together.answer(link, "received", None) for link in links[:5]), return_exceptions=True)
        # Not pg_stat_activity: within a transaction that stays as it was at the first look.
        waits = "SELECT pid FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(10):
            while not (waiting := await owner.fetch(waits)):
                await asyncio.sleep(0.01)
        await owner.execute("SELECT pg_terminate_backend($1)", waiting[0]["pid"])
    refused = [one for one in await asked if isinstance(one, BaseException)]
    assert refused
    assert await owner.fetchval("SELECT count(*) FROM answer") == 5 - len(refused)
    said = await asyncio.gather(*(together.answer(link, "received", None) for link in links[:5]))
    assert len(said) == 5 and await owner.fetchval("SELECT count(*) FROM answer") == 5
