"""A whole building presses at once: each response counts once, for its own home, and a cry for help is one task however often it is pressed."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from incidents.answers.together import AnswersTogether
from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.telling import Telling, Whom, tell
from incidents.errors import AlertUnknownError, AnswerWrongError, IncidentEndedError, MessageExpiredError
from incidents.timeline.verify import verify
from notifiers.links import LinkTarget
from people.bulk import AddressLine, PersonLine, add_people
from tests.harness.clock import StoryClock
from tests.harness.round_trips import note_round_trips
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.test_telling import set_hour
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

FAMILY = 20
WORDS = {"zh-CN": "3栋大堂有工程车，请绕行。", "en": "Work vehicles in the lobby of building 3. Please go round."}


@pytest.fixture
async def told(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, story: StoryClock
) -> tuple[int, list[LinkTarget]]:
    """At noon, an incident whose message went to one home of twenty, each by a number of their own; it, and the targets of their links."""
    await set_hour(story, 12)
    lines = [
        PersonLine(
            "resident", f"住户{no}", addresses=(AddressLine("mobile", f"+861370000{no:04}", quality="good"),), home_codes=("3-2-1601",)
        )
        for no in range(FAMILY)
    ]
    async with database.community(town.community_id) as tx:
        await add_people(tx, lines)
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3-2"]), CLERK)
        home = await owner.fetchval("SELECT id FROM place WHERE code = '3-2-1601'")
        message = (await tell(desk_of(tx, wakeups), declared.incident_id, Telling(Whom(homes=(home,)), WORDS))).message_id
    await owner.execute("UPDATE audience_member SET delivery_no = member_no WHERE message_id = $1 AND address IS NOT NULL", message)
    numbers = await owner.fetch(
        "SELECT m.delivery_no FROM audience_member AS m JOIN person AS p ON p.id = m.person_id"
        " WHERE m.message_id = $1 AND p.name ^@ '住户' ORDER BY m.delivery_no", message
    )  # fmt: skip
    return declared.incident_id, [LinkTarget(town.community_id, message, row["delivery_no"]) for row in numbers]


async def test_everybody_who_presses_at_once_counts_once_and_the_last_word_is_the_last(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, told: tuple[int, list[LinkTarget]]
) -> None:
    incident, links = told
    assert len(links) == FAMILY
    together = AnswersTogether(database, wakeups)
    stranger = LinkTarget(town.community_id, links[0].message_id, 4711)
    outcomes = await asyncio.gather(
        *(together.respond(link, "all_safe", "") for link in links),
        together.respond(stranger, "all_safe", ""),
        together.respond(links[0], "perhaps", ""),
        together.respond(links[1], "needs_help", "奶奶走不动"),
        together.respond(links[1], "needs_help", ""),
        together.respond(links[1], "needs_help", "还有一只狗"),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes if one is not None] == [AlertUnknownError, AnswerWrongError]
    said = await owner.fetch("SELECT member_no, kind, words FROM response ORDER BY id")
    assert [row["kind"] for row in said] == ["all_safe"] * FAMILY + ["needs_help"] * 3
    assert [row["words"] for row in said[-3:]] == ["奶奶走不动", "", "还有一只狗"]
    assert await owner.fetchval("SELECT count(*) FROM task WHERE incident_id = $1 AND key ^@ 'help#'", incident) == 1
    assert await owner.fetchval("SELECT count(*) FROM incident_event WHERE incident_id = $1 AND kind = 'needs_help'", incident) == 2
    assert await owner.fetchval("SELECT confirmed FROM message WHERE id = $1", links[0].message_id) == FAMILY
    async with database.community(town.community_id) as tx:
        assert all(one.holds for one in await verify(tx, incident))


async def test_as_many_as_press_at_once_take_eight_round_trips(
    database: Database, wakeups: Wakeups, told: tuple[int, list[LinkTarget]], owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is queued for somebody who knows is dropped, which takes more; here everything has left."""
    _, links = told
    await owner.execute("DELETE FROM delivery")
    together, asked = AnswersTogether(database, wakeups), note_round_trips(monkeypatch)
    await asyncio.gather(*(together.respond(link, "all_safe", "") for link in links))
    assert len(asked) == 8


async def test_nobody_is_told_that_it_counts_before_it_is_committed(
    database: Database, wakeups: Wakeups, owner: asyncpg.Connection, told: tuple[int, list[LinkTarget]]
) -> None:
    _, links = told
    together = AnswersTogether(database, wakeups)
    async with owner.transaction():
        await owner.execute("SELECT FROM message WHERE id = $1 FOR UPDATE", links[0].message_id)
        asked = asyncio.gather(*(together.respond(link, "all_safe", "") for link in links), return_exceptions=True)
        # Not pg_stat_activity: within a transaction that stays as it was at the first look.
        waits = "SELECT pid FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(10):
            while not (waiting := await owner.fetch(waits)):
                await asyncio.sleep(0.01)
        assert not asked.done()
        await owner.execute("SELECT pg_terminate_backend($1)", waiting[0]["pid"])
    refused = [one for one in await asked if isinstance(one, BaseException)]
    assert refused and await owner.fetchval("SELECT count(*) FROM response") == FAMILY - len(refused)


async def test_after_the_end_nothing_more_counts(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection, story: StoryClock, told: tuple[int, list[LinkTarget]]
) -> None:
    incident, links = told
    together = AnswersTogether(database, wakeups)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    with pytest.raises(IncidentEndedError):
        await together.respond(links[0], "all_safe", "")
    await story.forward_clock(minutes=timedelta(hours=25) / timedelta(minutes=1))
    with pytest.raises(MessageExpiredError):
        await together.respond(links[0], "all_safe", "")
    assert await owner.fetchval("SELECT count(*) FROM response") == 0
