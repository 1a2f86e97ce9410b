"""Two clerks declare the same at once: one incident, one more report, and nobody is alerted twice."""

import asyncio
from collections.abc import Set

import pytest

from incidents.desk.declare import Declaration
from incidents.desk.joining import Taken, declare_or_join
from incidents.desk.reports import Reporter
from incidents.views.lists import reports
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

NOTHING: Set[int] = frozenset()


async def declares(database: Database, town: SmallTown, wakeups: Wakeups, place: str, seen: Set[int] | None = NOTHING) -> Taken:
    async with database.community(town.community_id) as tx:
        facts = {"people_inside": 2} if "L" in place else {}
        kind = "elevator_entrapment" if "L" in place else "power_cut"
        return await declare_or_join(
            tx, wakeups, Declaration(kind, town.places[place], facts, reporter=Reporter(words="快来")), CLERK, seen
        )


async def test_of_eight_at_once_one_is_declared_and_the_others_join(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    taken = await asyncio.gather(*(declares(database, town, wakeups, "3-2-L1") for _ in range(8)))

    assert sorted(one.joined for one in taken) == [False] + [True] * 7
    assert len({one.declared.incident_id for one in taken}) == 1
    async with database.community(town.community_id) as tx:
        alerts = await tx.connection.fetch("SELECT person_id, count(*) FROM audience_member GROUP BY person_id")
        assert alerts and all(row["count"] == 1 for row in alerts)
        assert len(await reports(tx, taken[0].declared.incident_id)) == 8


@pytest.mark.parametrize(
    ("first", "second", "joined"), [("3", "3-2", True), ("3-2", "3", False), ("3-2", "5", False), ("3-2-L1", "3-2-L2", False)]
)
async def test_only_what_is_at_the_place_or_around_it_is_the_same(
    database: Database, town: SmallTown, wakeups: Wakeups, first: str, second: str, joined: bool
) -> None:
    await declares(database, town, wakeups, first)
    assert (await declares(database, town, wakeups, second)).joined is joined


async def test_who_saw_it_and_declares_all_the_same_means_it(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    shown = (await declares(database, town, wakeups, "3")).declared.incident_id
    assert not (await declares(database, town, wakeups, "3", {shown})).joined
    assert not (await declares(database, town, wakeups, "3", None)).joined
