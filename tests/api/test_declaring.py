"""A system declares an emergency over the interface."""

import asyncio

import asyncpg
import pytest

from api import idempotency
from people.search.index import reindex_places
from tests.api.conftest import ENTRAPMENT, Api, pointers, problem_of
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database


async def test_when_the_request_returns_the_alerts_are_on_disk(clerk: Api, town: SmallTown, owner: asyncpg.Connection) -> None:
    declared = await clerk.declare()

    assert declared["status"] == "open"
    assert {one["name"] for one in declared["alerted"]} >= {"张伟"}
    alerts = await owner.fetch(
        "SELECT d.person_id FROM delivery_all d JOIN message m ON m.community_id = d.community_id AND m.id = d.message_id"
        " WHERE m.subject = $1 AND m.kind = 'alert'",
        int(declared["id"]),
    )
    assert town.people["zhang"] in {row["person_id"] for row in alerts}


async def test_a_kind_and_a_place_are_enough(clerk: Api) -> None:
    declared = await clerk.declare({"kind": "elevator_entrapment", "place": "3-2-L1"})
    incident = await (await clerk.get(f"/incidents/{declared['id']}")).json()

    assert incident["facts"] == {}
    assert incident["place_name"] == "Building 3 Unit 2 elevator 1"


async def test_the_answer_leads_on_to_everything_else(clerk: Api) -> None:
    declared = await clerk.declare()

    for name in ("self", "timeline"):
        response = await clerk.ask("GET", declared["links"][name])
        assert response.status == 200
    assert declared["links"]["page"] == f"/i/{declared['number']}"


async def test_the_reporter_becomes_a_report_with_a_promised_call_back(clerk: Api, owner: asyncpg.Connection, town: SmallTown) -> None:
    reporter = {"name": "王女士", "phone": "13900000001", "home": "3-2-1502", "words": "孩子在里面", "call_back_minutes": 20}
    declared = await clerk.declare({**ENTRAPMENT, "reporter": reporter})

    statement = "SELECT home_id, words, call_back_due - at AS promised FROM report WHERE incident_id = $1"
    row = await owner.fetchrow(statement, int(declared["id"]))
    assert row is not None
    assert row["home_id"] == town.places["3-2-1502"]
    assert row["words"] == "孩子在里面"
    assert row["promised"].total_seconds() == 20 * 60


async def test_the_preview_says_whom_it_would_alert_and_writes_nothing(clerk: Api, owner: asyncpg.Connection) -> None:
    response = await clerk.post("/incidents/preview", ENTRAPMENT)
    foresight = await response.json()

    assert "张伟" in {one["name"] for one in foresight["alerts"]}
    assert foresight["later"]
    assert await owner.fetchval("SELECT count(*) FROM incident") == 0


async def test_the_same_key_declares_once_and_replays_the_first_answer(clerk: Api, owner: asyncpg.Connection) -> None:
    first = await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="call-17")
    again = await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key='"call-17"')

    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await owner.fetchval("SELECT count(*) FROM incident") == 1


async def test_twenty_repeats_at_the_same_instant_are_one_incident(clerk: Api, owner: asyncpg.Connection) -> None:
    responses = await asyncio.gather(*(clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="storm") for _ in range(20)))

    assert {response.status for response in responses} == {201}
    assert len({(await response.json())["id"] for response in responses}) == 1
    assert sum("Idempotent-Replayed" not in response.headers for response in responses) == 1
    assert await owner.fetchval("SELECT count(*) FROM incident") == 1


async def test_the_same_key_with_another_body_is_refused(clerk: Api, owner: asyncpg.Connection) -> None:
    await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="call-17")
    other = await clerk.post("/incidents", {**ENTRAPMENT, "place": "5-1-L1"}, Idempotency_Key="call-17")

    await problem_of(other, 422, "idempotency_mismatch")
    assert await owner.fetchval("SELECT count(*) FROM incident") == 1


async def test_a_refused_request_may_be_corrected_under_the_same_key(clerk: Api) -> None:
    refused = await clerk.post("/incidents", {**ENTRAPMENT, "place": "9-9-L9"}, Idempotency_Key="call-17")
    corrected = await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="call-17")

    assert (refused.status, corrected.status) == (422, 201)


async def test_keys_of_different_callers_never_meet(clerk: Api, supervisor: Api, owner: asyncpg.Connection) -> None:
    await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="1")
    await supervisor.post("/incidents", ENTRAPMENT, Idempotency_Key="1")

    assert await owner.fetchval("SELECT count(*) FROM incident") == 2


async def test_a_key_that_cannot_be_one_is_named(clerk: Api) -> None:
    await problem_of(await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="x" * 256), 400, "idempotency_key_wrong")


async def test_a_drill_leaves_by_its_own_door_and_needs_its_own_permission(clerk: Api, supervisor: Api) -> None:
    await problem_of(await clerk.post("/drills", ENTRAPMENT), 403, "permission_lacking")
    await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "drill": True}), 403, "permission_lacking")

    response = await supervisor.post("/drills", ENTRAPMENT)
    assert response.status == 201
    drill = await (await supervisor.get(f"/incidents/{(await response.json())['id']}")).json()
    assert drill["drill"] is True


async def test_it_cannot_have_happened_in_the_future(clerk: Api) -> None:
    response = await clerk.post("/incidents", {**ENTRAPMENT, "happened_at": "2999-01-01T00:00:00Z"})

    assert pointers(await problem_of(response, 422, "body_invalid")) == ["#/happened_at"]


async def test_while_the_database_is_away_it_says_so_and_the_repeat_finds_one_truth(clerk: Api, owner: asyncpg.Connection) -> None:
    await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="call-17")
    for _ in range(3):
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        seen = [await clerk.post("/incidents", ENTRAPMENT, Idempotency_Key="call-17") for _ in range(12)]
        assert {response.status for response in seen} <= {201, 503}
        assert all(response.headers["Retry-After"] for response in seen if response.status == 503)
        assert seen[-1].status == 201

    assert await owner.fetchval("SELECT count(*) FROM incident") == 1


async def test_answers_to_repeats_are_forgotten_after_a_day_the_oldest_first_and_not_too_many_at_a_time(
    clerk: Api, town: SmallTown, database: Database, owner: asyncpg.Connection, story: StoryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("call-1", "call-2", "call-3"):
        await clerk.declare(Idempotency_Key=key)
        await story.forward_clock(minutes=1)
    await story.forward_clock(minutes=24 * 60 - 1.5)
    await clerk.declare(Idempotency_Key="call-4")
    monkeypatch.setattr(idempotency, "FORGOTTEN_AT_ONCE", 1)

    left = "SELECT array_agg(key ORDER BY key) FROM idempotency"
    assert await idempotency.run_once(database, town.community_id) == 1
    assert await owner.fetchval(left) == ["call-2", "call-3", "call-4"]
    assert await idempotency.run_once(database, town.community_id) == 1
    assert await idempotency.run_once(database, town.community_id) == 0
    assert await owner.fetchval(left) == ["call-3", "call-4"]


@pytest.mark.parametrize("said", ["2031321", "2031 321", "3栋2单元1号梯", "3号楼2单元1号电梯", "坏了的那台", "３-２-L1"])
async def test_a_place_is_named_as_people_name_it(
    clerk: Api, town: SmallTown, owner: asyncpg.Connection, database: Database, said: str
) -> None:
    await owner.execute(
        "INSERT INTO place_alias (community_id, place_id, alias, key) VALUES ($1, $2, '坏了的那台', '坏了的那台')",
        town.community_id, town.places["3-2-L1"],
    )  # fmt: skip
    async with database.community(town.community_id) as tx:
        await reindex_places(tx, [town.places["3-2-L1"]])
    declared = await clerk.declare({**ENTRAPMENT, "place": said})
    assert (await (await clerk.get(f"/incidents/{declared['id']}")).json())["place"] == str(town.places["3-2-L1"])


async def test_what_may_mean_several_places_is_asked_back_and_never_guessed(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "place": "1号梯"}), 422, "place_ambiguous")
    assert pointers(problem) == ["#/place"]
    assert "3-2-L1" in problem["detail"] and "5-1-L1" in problem["detail"]
