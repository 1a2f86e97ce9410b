"""What happened can be read, page by page, and followed as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from api.auth.roles import Role
from api.streams import STREAMS
from tests.api.conftest import Api, problem_of

Browser = TestClient[web.Request, web.Application]


async def events_of(response: ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """Each server-sent event with its fields; comments are left out."""
    event: dict[str, Any] = {}
    async for line in response.content:
        text = line.decode().rstrip("\n")
        if text and not text.startswith(":"):
            name, _, value = text.partition(": ")
            event[name] = json.loads(value) if name == "data" else value
        elif event:
            yield event
            event = {}


async def next_numbered(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """The next event of the timeline."""
    async with asyncio.timeout(5):
        async for event in events:
            if "id" in event:
                return event
    raise AssertionError("the stream ended")


@pytest.fixture
async def incident(clerk: Api) -> str:
    return str((await clerk.declare())["id"])


async def test_the_timeline_comes_in_pages_that_join(clerk: Api, incident: str) -> None:
    for number in range(5):
        await clerk.post(f"/incidents/{incident}/notes", {"words": f"note {number}"})
    whole = (await (await clerk.get(f"/incidents/{incident}/timeline")).json())["items"]
    joined: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = await (await clerk.get(f"/incidents/{incident}/timeline", after=str(after), limit="2")).json()
        joined += page["items"]
        after = page["next"]

    assert joined == whole
    assert [event["no"] for event in whole] == list(range(1, len(whole) + 1))
    assert whole[-1]["detail"]["words"] == "note 4"


async def test_lists_of_incidents_come_in_pages_that_join(clerk: Api) -> None:
    declared = [(await clerk.declare({"kind": "power_cut", "place": "3-2"}))["id"] for _ in range(5)]
    joined: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await (await clerk.get("/incidents", limit="2", **cursor)).json()
        joined += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"after": page["next"]}

    assert joined == declared[::-1]
    opened = (await (await clerk.get("/incidents", open_only="true")).json())["items"]
    assert {one["id"] for one in opened} == set(declared)


async def test_deliveries_are_shown_with_masked_numbers(clerk: Api, incident: str) -> None:
    deliveries = (await (await clerk.get(f"/incidents/{incident}/deliveries")).json())["items"]

    assert deliveries
    assert all("****" in one["address"] for one in deliveries)
    assert not any("13800000001" in json.dumps(one) for one in deliveries)


async def test_all_tasks_come_in_pages_newest_first(clerk: Api, incident: str) -> None:
    waiting = (await (await clerk.get("/tasks")).json())["items"]
    assert len(waiting) > 1

    seen, after = [], ""
    while after is not None:
        page = await (await clerk.get(f"/tasks?open_only=false&limit=1{after and '&after=' + after}")).json()
        seen += [int(one["id"]) for one in page["items"]]
        after = page["next"]
    assert seen == sorted((int(one["id"]) for one in waiting), reverse=True)
    await problem_of(await clerk.get("/tasks?open_only=false&after=nonsense"), 400, "cursor_wrong")


async def test_tasks_can_be_finished_once(clerk: Api, incident: str) -> None:
    tasks = (await (await clerk.get(f"/incidents/{incident}/tasks")).json())["items"]
    assert tasks
    body = {"result": tasks[0]["results"][0]} if tasks[0]["results"] else {}
    if tasks[0]["results"]:
        problem = await problem_of(await clerk.post(f"/tasks/{tasks[0]['id']}", {"result": "no such"}), 422, "result_unknown")
        assert problem["errors"][0]["pointer"] == "#/result"
    assert (await clerk.post(f"/tasks/{tasks[0]['id']}", body)).status == 200

    await problem_of(await clerk.post(f"/tasks/{tasks[0]['id']}", body), 409, "task_ended")


async def test_an_answer_by_radio_is_written_down_for_somebody(clerk: Api) -> None:
    declared = await clerk.declare()
    zhang = next(one for one in declared["alerted"] if one["name"] == "张伟")
    body = {"person": zhang["person"], "kind": "on_the_way", "minutes": 8, "means": "radio"}
    response = await clerk.post(f"/incidents/{declared['id']}/answers", body)

    assert response.status == 201
    assert (await response.json())["promised_at"]
    assert (await (await clerk.get(f"/incidents/{declared['id']}")).json())["held_by"] == ["张伟"]


async def test_places_are_found_as_people_say_them(clerk: Api) -> None:
    found = (await (await clerk.get("/places", q="3栋2单元1502")).json())["items"]
    assert found[0]["code"] == "3-2-1502"

    count = await (await clerk.post("/audience/preview", {"place": "3-2"})).json()
    assert (count["homes"], count["persons"]) == (3, 3)


async def test_kinds_say_what_they_ask(clerk: Api) -> None:
    kinds = {one["kind"]: one for one in (await (await clerk.get("/kinds")).json())["items"]}

    assert {"elevator_entrapment", "power_cut"} <= set(kinds)
    assert "people_inside" in {one["name"] for one in kinds["elevator_entrapment"]["questions"]}


async def test_one_home_is_a_repair_and_no_incident(clerk: Api) -> None:
    response = await clerk.post("/repairs", {"kind": "power_cut", "place": "3-2-1502", "words": "跳闸"})

    assert response.status == 201
    assert (await response.json())["from_same_building"] == 1


async def test_three_repairs_of_one_building_become_one_incident_when_the_desk_says_so(clerk: Api) -> None:
    for home in ("3-2-1502", "3-2-1503", "3-2-1601"):
        await clerk.post("/repairs", {"kind": "power_cut", "place": home, "words": "没电"})
    [asked] = (await (await clerk.get("/repairs/together")).json())["items"]
    assert (asked["kind"], len(asked["repairs"])) == ("power_cut", 3)

    decision = {"kind": "power_cut", "building": asked["building"], "decision": "start"}
    started = await (await clerk.post("/repairs/together", decision)).json()
    assert (await (await clerk.get(f"/incidents/{started['incident']}")).json())["reports"] == 3
    again = await clerk.post("/repairs/together", {**decision, "decision": "separate"})
    await problem_of(again, 409, "repairs_not_together")


async def test_a_complaint_and_a_call_back_are_ended_over_the_interface(clerk: Api) -> None:
    said = {"words": "没人管", "wish": "complain", "owner": "李经理", "answer_minutes": 60, "call_back_minutes": 5}
    incident = (await clerk.declare({"kind": "power_cut", "place": "3", "reporter": said}))["id"]
    [complaint] = (await (await clerk.get("/complaints")).json())["items"]
    [call] = (await (await clerk.get("/call-backs")).json())["items"]
    assert (complaint["owner"], complaint["report"]) == ("李经理", call["report"])

    report = f"/incidents/{incident}/reports/{call['report']}"
    states = [
        (await (await clerk.post(f"{report}/call-back", {"result": "no_answer", "attempt": attempt})).json())["state"]
        for attempt in (1, 2, 2, 3)
    ]
    assert states == ["waiting", "waiting", "waiting", "unreachable"]
    assert (await (await clerk.post(f"{report}/owner", {"owner": "孙主管"})).json())["owner"] == "孙主管"
    assert (await (await clerk.post(f"{report}/outcome", {"outcome": "resolved"})).json())["outcome"] == "resolved"
    assert [(await (await clerk.get(path)).json())["items"] for path in ("/complaints", "/call-backs")] == [[], []]
    refused = await clerk.post("/incidents", {"kind": "power_cut", "place": "3-2", "facts": {"scope": "only_my_home"}})
    await problem_of(refused, 422, "not_an_incident")


async def test_the_stream_replays_and_then_follows(clerk: Api, incident: str) -> None:
    response = await clerk.ask("GET", f"/api/v1/incidents/{incident}/events")
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Accel-Buffering"] == "no"
    events = events_of(response)
    first = await next_numbered(events)
    assert (first["id"], first["data"]["no"]) == ("1", 1)

    head = (await (await clerk.get(f"/incidents/{incident}")).json())["head"]
    note = await (await clerk.post(f"/incidents/{incident}/notes", {"words": "listen"})).json()
    assert note["no"] == head + 1
    while (event := await next_numbered(events))["data"]["kind"] != "note_added":
        pass
    assert event["id"] == str(note["no"])
    assert "listen" not in json.dumps(event)
    response.close()


async def test_a_reader_who_was_away_goes_on_where_they_were(clerk: Api, incident: str) -> None:
    note = await (await clerk.post(f"/incidents/{incident}/notes", {"words": "while away"})).json()
    last = str(note["no"] - 1)
    response = await clerk.ask("GET", f"/api/v1/incidents/{incident}/events", headers={"Last-Event-ID": last})

    assert (await next_numbered(events_of(response)))["id"] == str(note["no"])
    response.close()


async def test_the_stream_ends_when_its_reader_has_left(clerk: Api, incident: str, server: TestServer) -> None:
    response = await clerk.ask("GET", f"/api/v1/incidents/{incident}/events")
    await next_numbered(events_of(response))
    streams = server.app[STREAMS]
    assert streams.open == 1
    response.close()

    async with asyncio.timeout(5):
        while streams.open:
            await asyncio.sleep(0.05)


async def test_the_stream_says_good_bye_when_the_server_stops(clerk: Api, incident: str, server: TestServer) -> None:
    response = await clerk.ask("GET", f"/api/v1/incidents/{incident}/events")
    events = events_of(response)
    await next_numbered(events)
    server.app[STREAMS].close()

    async with asyncio.timeout(5):
        assert [event async for event in events if "event" in event][-1]["event"] == "bye"


async def test_the_stream_of_an_incident_that_is_not_there_is_not_found(clerk: Api) -> None:
    await problem_of(await clerk.ask("GET", "/api/v1/incidents/999999/events"), 404, "incident_unknown")


async def test_a_caller_without_the_desks_right_sees_no_callers_number(
    clerk: Api, browser: Browser, tokens: dict[Role, str], incident: str
) -> None:
    await clerk.post(f"/incidents/{incident}/reports", {"name": "王女士", "phone": "13900000001", "words": "快来"})
    lead = Api(browser, tokens["department_lead"])
    events = (await (await lead.get(f"/incidents/{incident}/timeline")).json())["items"]

    report = next(one for one in events if one["kind"] == "report")
    assert report["detail"]["words"] == "快来"
    assert "13900000001" not in json.dumps(events)
