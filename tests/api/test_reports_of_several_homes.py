"""A report by number over the interface: the home of the number, or a problem that lists its homes."""

from tests.api.conftest import Api, problem_of
from tests.harness.small_town import SmallTown
from tests.incidents.test_callers import own_two_homes
from tocsin.base.database import Database

POWER_CUT = {"kind": "power_cut", "place": "3"}


async def test_a_number_with_several_homes_asks_which(clerk: Api, database: Database, town: SmallTown) -> None:
    await own_two_homes(database, town)
    incident = (await (await clerk.post("/incidents", POWER_CUT)).json())["id"]
    body = {"phone": town.phone("mrs_wang"), "words": "没电"}

    problem = await problem_of(await clerk.post(f"/incidents/{incident}/reports", body), 422, "caller_home_ambiguous")
    assert "3-2-1502, 3-2-1503, 3-2-1601" in problem["detail"]
    assert not any(word in str(problem) for word in ("王女士", "周先生", "13900000001"))
    for home in ("3-2-1601", None):
        assert (await clerk.post(f"/incidents/{incident}/reports", {**body, "home": home})).status == 201
    async with database.community(town.community_id) as tx:
        rows = await tx.connection.fetch("SELECT home_id, caller_person_id, home_unsure FROM report ORDER BY no")
    assert [tuple(row) for row in rows] == [(town.places["3-2-1601"], town.people["mrs_wang"], False), (None, None, False)]


async def test_declaring_waits_for_no_home_and_the_home_may_be_said_later(clerk: Api, database: Database, town: SmallTown) -> None:
    await own_two_homes(database, town)
    made = await clerk.post("/incidents", {**POWER_CUT, "reporter": {"phone": town.phone("mrs_wang")}})
    assert made.status == 201
    async with database.community(town.community_id) as tx:
        no = await tx.connection.fetchval("SELECT no FROM report WHERE home_unsure")
    path = f"/incidents/{(await made.json())['id']}/reports/{no}/home"

    await problem_of(await clerk.post(path, {"home": "3-2"}), 422, "body_invalid")
    assert (await clerk.post(path, {"home": "3-2-1503"})).status == 200
    async with database.community(town.community_id) as tx:
        assert await tx.connection.fetchval("SELECT home_id FROM report") == town.places["3-2-1503"]


async def test_a_number_with_one_home_names_it(clerk: Api, database: Database, town: SmallTown) -> None:
    incident = (await (await clerk.post("/incidents", POWER_CUT)).json())["id"]
    assert (await clerk.post(f"/incidents/{incident}/reports", {"phone": "139-0000-0001"})).status == 201
    async with database.community(town.community_id) as tx:
        assert await tx.connection.fetchval("SELECT home_id FROM report") == town.places["3-2-1502"]
