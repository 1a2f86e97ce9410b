"""Telling residents over the interface: preview, confirmation, what is refused and how one gets out of it, and taking it back."""

import asyncio
from typing import Any

import asyncpg
import pytest

from incidents.desk.telling import CONFIRM_ABOVE_HOMES
from people.bulk import AddressLine, PersonLine, PlaceLine, add_people, add_places
from tests.api.conftest import Api, pointers, problem_of
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.test_telling import set_hour
from tocsin.base.database import Database

TEXTS = {"zh-CN": "3栋大堂有工程车，请绕行。", "en": "Work vehicles in the lobby of building 3. Please go round."}
TO_BUILDING_3 = {"residents_of": ["3"]}


@pytest.fixture
async def incident(supervisor: Api, story: StoryClock) -> str:
    """A power cut in building 3 at noon."""
    await set_hour(story, 12)
    return str((await supervisor.declare({"kind": "power_cut", "place": "3"}))["id"])


def broadcast(incident: str, **more: object) -> dict[str, object]:
    return {"incident": incident, "texts": TEXTS, "audience": TO_BUILDING_3, **more}


async def post(api: Api, incident: str, **more: object) -> dict[str, Any]:
    response = await api.post("/broadcasts", broadcast(incident, **more))
    assert response.status == 201, await response.text()
    answer: dict[str, Any] = await response.json()
    return answer


async def test_the_preview_says_whom_how_at_what_cost_and_by_when(supervisor: Api, incident: str, owner: asyncpg.Connection) -> None:
    before = await owner.fetchval("SELECT count(*) FROM message")
    body = {"incident": incident, "audience": TO_BUILDING_3, "texts": TEXTS}
    seen = await (await supervisor.post("/audience/preview", body)).json()

    assert (seen["homes"], seen["persons"], seen["without_way"], seen["homes_without_way"]) == (3, 3, 0, 0)
    (sms,) = seen["channels"]
    assert (sms["medium"], sms["gateway"], sms["messages"], sms["segments"]) == ("sms", "sms", 3, 3)
    assert seen["segments"] == {"zh-CN": 1, "en": 1}
    assert seen["last_household_at"] and not seen["night"] and seen["held_until"] is None and seen["must_confirm"] is False
    assert await owner.fetchval("SELECT count(*) FROM message") == before


async def test_the_preview_of_a_facility_is_whom_it_serves_and_needs_neither_incident_nor_text(supervisor: Api) -> None:
    seen = await (await supervisor.post("/audience/preview", {"place": "3-2-L1"})).json()

    assert (seen["place_name"], seen["homes"], seen["channels"][0]["segments"]) == ("Building 3 Unit 2 elevator 1", 3, 0)


async def test_the_figure_of_the_preview_is_what_is_then_sealed(supervisor: Api, incident: str) -> None:
    homes = (await (await supervisor.post("/audience/preview", {"audience": TO_BUILDING_3})).json())["homes"]
    posted = await post(supervisor, incident, confirmed_homes=homes)

    assert (posted["homes"], posted["members"], posted["held_until"]) == (homes, 3, None)
    message = await (await supervisor.ask("GET", posted["links"]["self"])).json()
    assert message["texts"] == TEXTS
    assert message["size"] == sum(
        message[place] for place in ("confirmed", "handed_over", "trying", "unknown", "unreachable", "opted_out", "excluded")
    )
    listed = await (await supervisor.get(f"/incidents/{incident}/messages")).json()
    assert posted["message"] in [one["id"] for one in listed["items"]]
    timeline = await (await supervisor.get(f"/incidents/{incident}/timeline", after=str(posted["no"] - 1), limit="1")).json()
    assert timeline["items"][0]["kind"] == "told_by_desk"


async def test_another_figure_is_a_conflict_that_says_the_right_one(supervisor: Api, incident: str, owner: asyncpg.Connection) -> None:
    before = await owner.fetchval("SELECT count(*) FROM message")
    problem = await problem_of(await supervisor.post("/broadcasts", broadcast(incident, confirmed_homes=128)), 409, "audience_changed")

    assert pointers(problem) == ["#/confirmed_homes"] and "128" in problem["detail"] and "to 3." in problem["detail"]
    assert await owner.fetchval("SELECT count(*) FROM message") == before


async def test_many_homes_need_the_figure_first(supervisor: Api, incident: str, database: Database, town: SmallTown) -> None:
    async with database.community(town.community_id) as tx:
        codes = [f"3-2-{number}" for number in range(2001, 2001 + CONFIRM_ABOVE_HOMES)]
        await add_places(tx, [PlaceLine("home", "3-2", code, {"en": code}, code[-4:], 1) for code in codes])
        await add_people(
            tx, [PersonLine("resident", code, addresses=(AddressLine("mobile", "+8613900000003"),), home_codes=(code,)) for code in codes]
        )
    problem = await problem_of(await supervisor.post("/broadcasts", broadcast(incident)), 428, "audience_unconfirmed")

    assert pointers(problem) == ["#/confirmed_homes"]
    assert str(CONFIRM_ABOVE_HOMES + 3) in problem["detail"]
    assert (await post(supervisor, incident, confirmed_homes=CONFIRM_ABOVE_HOMES + 3))["homes"] == CONFIRM_ABOVE_HOMES + 3


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"incident": "999999"}, 422, "incident_unknown", "#/incident"),
        ({"audience": {"residents_of": ["3", "9-9"]}}, 422, "place_unknown", "#/audience/residents_of/1"),
        ({"audience": {"homes": ["3-2"]}}, 422, "body_invalid", "#/audience/homes/0"),
        ({"audience": {"homes_served_by": ["3-2"]}}, 422, "body_invalid", "#/audience/homes_served_by/0"),
        ({"audience": {}}, 422, "audience_empty", "#/audience"),
        ({"audience": {"residents_of": ["3-2-L1"]}}, 422, "audience_empty", "#/audience"),
        ({"audience": {"told": True}}, 422, "audience_empty", "#/audience"),
        ({"audience": {"resident_of": ["3"]}}, 422, "body_invalid", "#/audience/resident_of"),
        ({"texts": {"zh-CN": "停电"}}, 422, "text_missing", "#/texts/en"),
        ({"texts": {**TEXTS, "fr": "Panne"}}, 422, "body_invalid", "#/texts/fr"),
        ({"texts": {**TEXTS, "en": " "}}, 422, "body_invalid", "#/texts/en"),
        ({"texts": {**TEXTS, "en": "x" * 501}}, 422, "body_invalid", "#/texts/en"),
        ({"texts": {**TEXTS, "en": "It's nothing."}}, 422, "text_never_say", "#/texts/en"),
        ({"confirmed_homes": -1}, 422, "body_invalid", "#/confirmed_homes"),
        ({"night": "later"}, 422, "body_invalid", "#/night"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_and_nothing_is_posted(
    supervisor: Api, incident: str, owner: asyncpg.Connection, changes: dict[str, object], status: int, code: str, pointer: str
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM message")
    problem = await problem_of(await supervisor.post("/broadcasts", {**broadcast(incident), **changes}), status, code)

    assert pointers(problem) == [pointer]
    assert await owner.fetchval("SELECT count(*) FROM message") == before


async def test_what_the_plan_says_never_to_say_can_be_insisted_on(supervisor: Api, incident: str) -> None:
    texts = {**TEXTS, "en": "It's nothing."}

    assert (await post(supervisor, incident, texts=texts, insist=True))["members"] == 3


async def test_news_are_read_for_what_must_never_be_said_too(supervisor: Api, incident: str) -> None:
    await post(supervisor, incident)
    refused = await supervisor.post(f"/incidents/{incident}/updates", {"texts": {"zh-CN": "小问题，马上来电"}})
    assert pointers(await problem_of(refused, 422, "text_never_say")) == ["#/texts/zh-CN"]

    accepted = await supervisor.post(f"/incidents/{incident}/updates", {"texts": {"zh-CN": "正在抢修"}})
    assert accepted.status == 201
    assert (await accepted.json())["links"]["incident"] == f"/api/v1/incidents/{incident}"


@pytest.mark.parametrize(
    "body", [{"place": "3", "audience": TO_BUILDING_3}, {"audience": {"told": True}}, {"incident": "999999", "place": "3"}]
)
async def test_a_preview_of_nothing_sensible_is_refused(supervisor: Api, body: dict[str, object]) -> None:
    response = await supervisor.post("/audience/preview", body)

    assert response.status == 422
    assert pointers(await response.json(content_type=None)) in (["#/place"], ["#/incident"])


async def test_twenty_repeats_at_the_same_instant_are_one_message(supervisor: Api, incident: str, owner: asyncpg.Connection) -> None:
    before = await owner.fetchval("SELECT count(*) FROM message")
    responses = await asyncio.gather(*(supervisor.post("/broadcasts", broadcast(incident), Idempotency_Key="storm") for _ in range(20)))

    assert {response.status for response in responses} == {201}
    assert len({(await response.json())["message"] for response in responses}) == 1
    assert await owner.fetchval("SELECT count(*) FROM message") == before + 1


async def test_only_who_may_steer_tells_everybody(clerk: Api, incident: str) -> None:
    await problem_of(await clerk.post("/broadcasts", broadcast(incident)), 403, "permission_lacking")


async def test_an_incident_that_is_over_tells_nobody(supervisor: Api, incident: str) -> None:
    await supervisor.post(f"/incidents/{incident}/cancel", {"reason": "误报"})

    await problem_of(await supervisor.post("/broadcasts", broadcast(incident)), 409, "incident_ended")
    await problem_of(await supervisor.post("/audience/preview", {"incident": incident, "place": "3"}), 409, "incident_ended")


async def test_at_night_it_says_until_when_it_waits(supervisor: Api, story: StoryClock) -> None:
    await set_hour(story, 2)
    incident = str((await supervisor.declare({"kind": "power_cut", "place": "3"}))["id"])
    seen = await (await supervisor.post("/audience/preview", {"incident": incident, "audience": TO_BUILDING_3})).json()
    posted = await post(supervisor, incident)

    assert seen["night"] is True
    assert seen["held_until"] == posted["held_until"] and posted["held_until"].endswith("T23:00:00Z")
    assert (await post(supervisor, incident, night="send"))["held_until"] is None


async def test_stop_resume_and_correct(supervisor: Api, clerk: Api, incident: str) -> None:
    message = (await post(supervisor, incident))["message"]
    await problem_of(await supervisor.post(f"/messages/{message}/resume"), 409, "message_not_stopped")
    await problem_of(await clerk.post(f"/messages/{message}/stop"), 403, "permission_lacking")
    assert (await (await supervisor.post(f"/messages/{message}/stop")).json())["cancelled"] == 3
    assert (await (await supervisor.get(f"/messages/{message}")).json())["excluded"] == 3

    resumed = await (await supervisor.post(f"/messages/{message}/resume")).json()
    assert (resumed["members"], resumed["deliveries"], resumed["held"]) == (3, 3, 0)
    shown = await (await supervisor.get(f"/messages/{message}")).json()
    assert (shown["trying"], shown["excluded"], shown["stopped_at"]) == (3, 0, None)

    response = await clerk.post(f"/messages/{message}/correct", {"texts": {"zh-CN": "更正：在5栋。", "en": "Correction: building 5."}})
    corrected = await response.json()
    assert (response.status, corrected["message"], corrected["cancelled"]) == (201, None, 3), "nothing had left, so nobody was told"


async def test_a_message_that_is_not_there_is_not_found(supervisor: Api) -> None:
    texts = {"texts": TEXTS}
    for path, body in (("stop", {}), ("resume", {}), ("correct", texts)):
        await problem_of(await supervisor.post(f"/messages/999999/{path}", body), 404, "message_unknown")
    await problem_of(await supervisor.get("/messages/999999"), 404, "message_unknown")
