"""Doors knocked on, two incidents that are one, and a place that was wrong, over the interface."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from api.auth.roles import Role
from notifiers.delivery.sealing import seals
from tests.api.conftest import Api, pointers, problem_of
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.test_telling import set_hour

Browser = TestClient[web.Request, web.Application]


@pytest.fixture
async def incident(supervisor: Api, story: StoryClock) -> str:
    """A power cut in building 3 at noon; its residents have been told."""
    await set_hour(story, 12)
    incident = str((await supervisor.declare({"kind": "power_cut", "place": "3"}))["id"])
    assert (await supervisor.post(f"/incidents/{incident}/tell")).status == 200
    return incident


async def reach(api: Api, incident: str) -> dict[str, Any]:
    found: dict[str, Any] = await (await api.get(f"/incidents/{incident}/reach")).json()
    return found


async def test_a_door_that_was_opened_counts_and_a_note_does_not(
    browser: Browser, tokens: dict[Role, str], supervisor: Api, incident: str, town: SmallTown
) -> None:
    guard = Api(browser, tokens["department_lead"])
    body = {"home": "3-2-1503", "result": "note_left", "visitor": str(town.people["zhao"])}
    assert (await guard.post(f"/incidents/{incident}/visits", body)).status == 201
    assert (await reach(supervisor, incident))["confirmed"] == 0

    response = await guard.post(f"/incidents/{incident}/visits", {**body, "result": "seen"})
    noted = await response.json()
    assert (response.status, noted["messages"], noted["red"]) == (201, 1, [])
    counted = await reach(supervisor, incident)
    assert (counted["confirmed"], counted["at_the_door"], counted["size"]) == (1, 1, 3)
    event = (await (await supervisor.ask("GET", noted["links"]["self"])).json())["items"][0]
    assert (event["no"], event["kind"], event["body"]["result"]) == (noted["no"], "visit", "seen")


async def test_figures_say_that_somebody_is_still_to_be_counted(
    supervisor: Api, incident: str, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MANY", 1)
    response = await supervisor.post(f"/incidents/{incident}/updates", {"texts": {"zh-CN": "在修了。", "en": "Soon."}})
    assert response.status == 201
    found = await reach(supervisor, incident)
    assert (found["counting"], found["unsealable"]) == (True, 0)
    await owner.execute("UPDATE message SET seal_failures = 1, seal_again_at = clock_timestamp() WHERE to_seal IS NOT NULL")
    found = await reach(supervisor, incident)
    assert (found["counting"], found["unsealable"]) == (False, 1)


async def test_who_needs_help_is_red_and_a_task(supervisor: Api, incident: str) -> None:
    noted = await (await supervisor.post(f"/incidents/{incident}/visits", {"home": "3-2-1502", "result": "needs_help"})).json()

    assert noted["red"] == ["needs_help"]
    tasks = (await (await supervisor.get(f"/incidents/{incident}/tasks")).json())["items"]
    assert [one["does"]["help"] for one in tasks if "help" in one["does"]] == ["needs_help"]


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"home": "9-9-909"}, "place_unknown", "#/home"),
        ({"home": "3-2"}, "body_invalid", "#/home"),
        ({"result": "asleep"}, "body_invalid", "#/result"),
        ({"visitor": "999999"}, "person_unknown", "#/visitor"),
        ({"at": "2999-01-01T00:00:00Z"}, "body_invalid", "#/at"),
        ({"at": "2026-01-01T00:00:00"}, "body_invalid", "#/at"),
        ({"hom": "3-2-1502"}, "body_invalid", "#/hom"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_visit_is_named(
    supervisor: Api, incident: str, owner: asyncpg.Connection, changes: dict[str, object], code: str, pointer: str
) -> None:
    response = await supervisor.post(f"/incidents/{incident}/visits", {"home": "3-2-1502", "result": "seen", **changes})

    assert pointer in pointers(await problem_of(response, 422, code))
    assert await owner.fetchval("SELECT count(*) FROM visit") == 0


async def test_a_visit_that_is_sent_twenty_times_is_one(supervisor: Api, incident: str, owner: asyncpg.Connection) -> None:
    body = {"home": "3-2-1502", "result": "seen"}
    responses = await asyncio.gather(
        *(supervisor.post(f"/incidents/{incident}/visits", body, Idempotency_Key="sheet-4") for _ in range(20))
    )

    assert {response.status for response in responses} == {201}
    assert await owner.fetchval("SELECT count(*) FROM visit") == 1


async def test_a_sheet_is_entered_with_the_times_that_stand_on_it(supervisor: Api, incident: str, story: StoryClock) -> None:
    knocked = (await story.now() - timedelta(seconds=1)).isoformat()
    noted = await (
        await supervisor.post(f"/incidents/{incident}/visits", {"home": "3-2-1502", "result": "no_answer", "at": knocked})
    ).json()
    event = (await (await supervisor.ask("GET", noted["links"]["self"])).json())["items"][0]

    assert event["happened_at"] < event["at"]


async def test_two_that_are_one_become_one(supervisor: Api, incident: str) -> None:
    other = str((await supervisor.declare({"kind": "power_cut", "place": "3-2"}))["id"])
    await supervisor.post(f"/incidents/{other}/reports", {"home": "3-2-1502", "words": "没电"})
    response = await supervisor.post(f"/incidents/{other}/merge", {"into": incident})
    merged = await response.json()

    assert (response.status, merged["incident"], merged["merged"], merged["reports"], merged["status"]) == (200, incident, other, 1, "open")
    gone = await (await supervisor.get(f"/incidents/{other}")).json()
    assert (gone["status"], gone["merged_into"], gone["reports"]) == ("cancelled", incident, 0)
    assert (await (await supervisor.get(f"/incidents/{incident}")).json())["reports"] == 1
    for number, kind in ((other, "merged_into"), (incident, "merged")):
        events = (await (await supervisor.get(f"/incidents/{number}/timeline")).json())["items"]
        assert kind in [event["kind"] for event in events]
    await problem_of(await supervisor.post(f"/incidents/{other}/merge", {"into": incident}), 409, "incident_ended")


async def test_what_cannot_be_one_is_refused_with_the_way_out(clerk: Api, supervisor: Api, incident: str) -> None:
    entrapment = str((await supervisor.declare())["id"])
    await problem_of(await clerk.post(f"/incidents/{incident}/merge", {"into": entrapment}), 403, "permission_lacking")
    for into, code in ((entrapment, "merge_unfit"), (incident, "merge_unfit"), ("999999", "incident_unknown")):
        problem = await problem_of(await supervisor.post(f"/incidents/{incident}/merge", {"into": into}), 422, code)
        assert pointers(problem) == ["#/into"]
    other = str((await supervisor.declare({"kind": "power_cut", "place": "5"}))["id"])
    await supervisor.post(f"/incidents/{other}/resolve")
    problem = await problem_of(await supervisor.post(f"/incidents/{incident}/merge", {"into": other}), 409, "merge_into_relieved")
    assert pointers(problem) == ["#/into"]


async def test_a_place_that_was_wrong_is_set_right(supervisor: Api, incident: str, owner: asyncpg.Connection) -> None:
    response = await supervisor.post(f"/incidents/{incident}/place", {"place": "5"})
    done = await response.json()

    assert (response.status, done["incident"], done["status"]) == (200, incident, "open")
    event = (await (await supervisor.get(f"/incidents/{incident}/timeline", after=str(done["head"] - 1))).json())["items"][0]
    assert (event["kind"], len(event["body"]["first_messages"])) == ("place_changed", 1)
    assert (await (await supervisor.get(f"/incidents/{incident}")).json())["place_name"] == "Building 5"
    problem = await problem_of(await supervisor.post(f"/incidents/{incident}/place", {"place": "5-1-101"}), 422, "place_unfit")
    assert pointers(problem) == ["#/place"]


async def test_a_change_says_whom_it_alerted(supervisor: Api) -> None:
    incident = str((await supervisor.declare())["id"])
    done = await (await supervisor.post(f"/incidents/{incident}/facts", {"facts": {"medical_need": True, "floor": None}})).json()

    assert {one["name"] for one in done["alerted"]} == {"赵刚"}
    assert all(one["ring"] for one in done["alerted"])


async def test_what_was_made_says_where_it_is(supervisor: Api) -> None:
    incident = str((await supervisor.declare())["id"])
    for path, body in (("reports", {"words": "还没好"}), ("notes", {"words": "x"})):
        response = await supervisor.post(f"/incidents/{incident}/{path}", body)
        made = await response.json()
        assert response.status == 201
        events = await (await supervisor.ask("GET", made["links"]["self"])).json()
        assert [event["no"] for event in events["items"]] == [made["no"]]


async def test_a_list_says_in_a_header_where_it_goes_on(supervisor: Api, incident: str) -> None:
    response = await supervisor.get(f"/incidents/{incident}/timeline", limit="2")
    page = await response.json()
    assert response.headers["Link"] == f'</api/v1/incidents/{incident}/timeline?limit=2&after={page["next"]}>; rel="next"'

    seen = [event["no"] for event in page["items"]]
    while "Link" in response.headers:
        response = await supervisor.ask("GET", response.headers["Link"].partition(">")[0].removeprefix("<"))
        seen += [event["no"] for event in (await response.json())["items"]]
    assert seen == list(range(1, len(seen) + 1)) and len(seen) > 4


@pytest.mark.parametrize("after", ["abc", "-1", "99999999999", "1.5", "W10"])
async def test_a_place_in_the_timeline_that_cannot_be_one_is_no_page_one(supervisor: Api, incident: str, after: str) -> None:
    problem = await problem_of(await supervisor.get(f"/incidents/{incident}/timeline", after=after), 400, "cursor_wrong")

    assert pointers(problem) == ["?after"]
