"""Answers on an incident's own page: a home proven by the end of its number counts, everything else is only said; help is heard always."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from incidents.answers.help import MOST_WITHOUT_A_HOME
from incidents.answers.open_answers import UNPROVEN_FROM_A_PEER, Heard, OpenAnswer, answer_openly
from incidents.answers.proofs import GUESSES_FOR_A_HOME
from incidents.answers.tallies import run_once
from incidents.desk.changes import tell_residents_now
from incidents.desk.declare import Declaration, declare
from incidents.errors import HomeNotConcernedError, HomeNotUnderstoodError
from incidents.timeline.verify import verify
from incidents.views.elevation import homes_of_buildings, state_of
from incidents.views.lists import summary, tasks, timeline
from incidents.views.standings import standings
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Say = Callable[..., Awaitable[Heard]]
HERS, WRONG = "0001", "4321"
"""The end of Mrs Wang's number, and of nobody's."""


@pytest.fixture
async def incident(database: Database, town: SmallTown, wakeups: Wakeups) -> int:
    """A power cut in building 3; its homes are among whom a message concerns, and nothing has left yet."""
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
        await tell_residents_now(desk_of(tx, wakeups), declared.incident_id)
    return declared.incident_id


@pytest.fixture
def say(database: Database, town: SmallTown, wakeups: Wakeups, incident: int) -> Say:
    """Somebody answers on the page."""

    async def answer(kind: str, home: str, digits: str = "", words: str = "", peer: str = "lobby") -> Heard:
        async with database.community(town.community_id) as tx:
            return await answer_openly(tx, wakeups, await summary(tx, incident), OpenAnswer(kind, home, digits, words), peer)

    return answer


async def states(database: Database, town: SmallTown, incident: int) -> dict[str, str]:
    """What the picture of building 3 shows, by home."""
    async with database.community(town.community_id) as tx:
        return {one.code: state_of(one) for one in (await homes_of_buildings(tx, incident, [town.places["3"]]))[town.places["3"]]}


async def reached(database: Database, town: SmallTown, incident: int) -> int:
    async with database.community(town.community_id) as tx:
        return (await standings(tx, incident)).homes.confirmed


async def cries(database: Database, town: SmallTown, incident: int) -> list[dict[str, object]]:
    async with database.community(town.community_id) as tx:
        return [one.does for one in await tasks(tx, incident) if "help" in one.does]


async def test_a_home_is_named_as_people_write_it_and_proven_by_the_end_of_its_number(
    database: Database, town: SmallTown, incident: int, say: Say
) -> None:
    for typed in ("3-2-1502", "３栋２单元１５０２", "3.2.1502", "1502"):
        heard = await say("all_safe", typed, HERS)
        assert heard.proven and heard.home is not None and heard.home.code == "3-2-1502"
    assert (await states(database, town, incident))["3-2-1502"] == "safe"
    assert await reached(database, town, incident) == 1


async def test_without_proof_it_is_only_said_and_counts_nowhere(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int, say: Say
) -> None:
    assert not (await say("all_safe", "3-2-1502")).proven
    assert not (await say("all_safe", "3-2-1503", WRONG)).proven
    shown = await states(database, town, incident)
    assert (shown["3-2-1502"], shown["3-2-1503"]) == ("says_safe", "says_safe")
    assert await reached(database, town, incident) == 0

    assert await run_once(database, wakeups, town.community_id) == 2
    async with database.community(town.community_id) as tx:
        noted = [one.kind for one in await timeline(tx, incident) if one.cause == "tally"]
        assert noted == ["self_reports"]
        assert [one.faults for one in await verify(tx, incident)] == [()]


async def test_guesses_are_few_and_whoever_guessed_too_often_is_answered_like_whoever_guessed_wrong(say: Say) -> None:
    wrong = [await say("all_safe", "3-2-1502", f"{number:04}", peer=f"peer {number}") for number in range(5000, 5000 + GUESSES_FOR_A_HOME)]
    too_late = await say("all_safe", "3-2-1502", HERS, peer="herself")
    assert {one.proven for one in [*wrong, too_late]} == {False}
    assert (await say("all_safe", "3-2-1503", "0002", peer="herself")).proven, "another home is not shut out with it"


async def test_a_right_answer_is_no_guess_and_an_hour_later_guesses_begin_anew(owner: asyncpg.Connection, say: Say) -> None:
    for _ in range(2 * GUESSES_FOR_A_HOME):
        assert (await say("all_safe", "3-2-1502", HERS)).proven
    for _ in range(GUESSES_FOR_A_HOME):
        await say("all_safe", "3-2-1502", WRONG)
    assert not (await say("all_safe", "3-2-1502", HERS)).proven
    await owner.execute("UPDATE proof_guess SET since = since - interval '61 minutes'")
    assert (await say("all_safe", "3-2-1502", HERS)).proven


async def test_the_number_of_a_relative_or_of_somebody_else_by_now_proves_nothing_and_answers_like_a_home_without_any(
    owner: asyncpg.Connection, town: SmallTown, say: Say
) -> None:
    await owner.execute("DELETE FROM contact_point WHERE person_id = $1", town.people["alice"])
    await owner.execute("UPDATE contact_point SET quality = 'wrong' WHERE person_id = $1", town.people["mrs_wang"])
    await owner.execute(
        "UPDATE contact_point SET proxy_name = '女儿', proxy_relation = '女儿' WHERE person_id = $1", town.people["mr_zhou"]
    )
    heard = [await say("all_safe", home, end) for home, end in (("3-2-1502", HERS), ("3-2-1503", "0002"), ("3-2-1601", "0003"))]
    assert {(one.kind, one.proven) for one in heard} == {("all_safe", False)}


async def test_help_is_never_refused(database: Database, town: SmallTown, incident: int, say: Say) -> None:
    for _ in range(GUESSES_FOR_A_HOME + 1):
        await say("needs_help", "3-2-1502", WRONG, "氧气机没电")
    await say("needs_help", "三楼王家", words="快来")
    await say("others_inside", "5-1-101")
    found = await cries(database, town, incident)
    assert [(one["help"], one["homes"], one.get("said_home"), one.get("unverified")) for one in found] == [
        ("needs_help", [town.places["3-2-1502"]], None, True),
        ("needs_help", [], "三楼王家", True),
        ("others_inside", [town.places["5-1-101"]], None, True),
    ]
    assert found[0]["persons"] == [town.people["mrs_wang"]], "whom the desk can ring up"
    assert (await states(database, town, incident))["3-2-1502"] == "needs_help"


async def test_a_cry_that_is_proven_does_not_drown_in_one_that_is_not(database: Database, town: SmallTown, incident: int, say: Say) -> None:
    await say("needs_help", "3-2-1502")
    await say("needs_help", "3-2-1502", HERS)
    await say("needs_help", "3-2-1502")
    assert [one.get("unverified") for one in await cries(database, town, incident)] == [None, True], "the proven one first"
    async with database.community(town.community_id) as tx:
        assert ["help" in one.does for one in await tasks(tx)][:2] == [True, True], "above all else"


async def test_a_flood_from_one_place_is_refused_but_for_help(
    database: Database, town: SmallTown, incident: int, say: Say, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "INSERT INTO proof_guess (community_id, bucket, since, guesses) VALUES ($1, 'unproven:lobby', clock_timestamp(), $2)",
        town.community_id, UNPROVEN_FROM_A_PEER,
    )  # fmt: skip
    for _ in range(GUESSES_FOR_A_HOME):
        assert not (await say("all_safe", "3-2-1502", WRONG)).kept
    assert not (await say("all_safe", "3-2-1502", HERS)).proven, "guesses in a flood are counted like any others"
    assert (await states(database, town, incident))["3-2-1502"] != "says_safe"
    assert (await say("needs_help", "3-2-1502")).kept
    for number in range(MOST_WITHOUT_A_HOME + 5):
        await say("needs_help", f"第{number}家")
    assert len(await cries(database, town, incident)) == 1 + MOST_WITHOUT_A_HOME
    heard = "SELECT count(*) FROM incident_event WHERE incident_id = $1 AND kind = 'needs_help'"
    assert await owner.fetchval(heard, incident) == 1 + MOST_WITHOUT_A_HOME, "what opens no task and says nothing new fills no record"


async def test_nothing_is_noted_as_safe_of_a_home_elsewhere_or_of_none(say: Say) -> None:
    with pytest.raises(HomeNotConcernedError):
        await say("all_safe", "5-1-101", "0009")
    for typed in ("9-9-999", "王女士", "3-2", ""):
        with pytest.raises(HomeNotUnderstoodError):
            await say("all_safe", typed, HERS)
