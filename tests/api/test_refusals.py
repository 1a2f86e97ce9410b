"""Whatever is wrong with a request is named, with the way out, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import asyncpg
import pytest

from tests.api.conftest import ENTRAPMENT, Api, pointers, problem_of

UNREADABLE = [b"{", b'{"kind": "power_cut",}', b"\xff\xfe", b'"\\ud800"', b"[" * 2000]


async def test_an_unknown_kind_is_named_with_the_kinds_there_are(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "kind": "meteor"}), 422, "kind_unknown")

    assert pointers(problem) == ["#/kind"]
    assert "elevator_entrapment" in problem["detail"]


async def test_an_unknown_place_is_named(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "place": "9-9-909"}), 422, "place_unknown")

    assert pointers(problem) == ["#/place"]
    assert problem["errors"][0]["value"] == "9-9-909"


async def test_a_place_where_this_kind_does_not_happen_is_named(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "place": "3-2-1502"}), 422, "place_unfit")

    assert pointers(problem) == ["#/place"]


async def test_an_unknown_fact_is_named_with_the_questions_there_are(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "facts": {"peple": 2}}), 422, "fact_unknown")

    assert pointers(problem) == ["#/facts/peple"]
    assert "people_inside" in problem["detail"]


@pytest.mark.parametrize("value", ["two", -1, 2.5, True, [2], {"n": 2}])
async def test_a_fact_of_the_wrong_type_is_named(clerk: Api, value: object) -> None:
    response = await clerk.post("/incidents", {**ENTRAPMENT, "facts": {"people_inside": value}})

    assert pointers(await problem_of(response, 422, "fact_wrong")) == ["#/facts/people_inside"]


async def test_a_misspelt_field_is_told_its_neighbour(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "severty": "minor"}), 422, "body_invalid")

    assert pointers(problem) == ["#/severty"]
    assert "severity" in problem["errors"][0]["detail"]


async def test_a_misspelt_field_within_another_is_told_its_neighbour(clerk: Api) -> None:
    response = await clerk.post("/incidents", {**ENTRAPMENT, "reporter": {"fone": "1"}})
    problem = await problem_of(response, 422, "body_invalid")

    assert pointers(problem) == ["#/reporter/fone"]
    assert "phone" in problem["errors"][0]["detail"]


async def test_all_that_is_wrong_is_said_at_once(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {"place": 5.5, "drill": "no", "extra": 1}), 422, "body_invalid")

    assert set(pointers(problem)) == {"#/kind", "#/place", "#/drill", "#/extra"}


async def test_an_unknown_severity_is_told_the_severities(clerk: Api) -> None:
    problem = await problem_of(await clerk.post("/incidents", {**ENTRAPMENT, "severity": "huge"}), 422, "body_invalid")

    assert pointers(problem) == ["#/severity"]
    assert "life_threatening" in problem["errors"][0]["detail"]


async def test_a_character_that_cannot_be_stored_is_named(clerk: Api) -> None:
    response = await clerk.post("/incidents", {**ENTRAPMENT, "reporter": {"words": "a\0b"}})

    assert pointers(await problem_of(response, 422, "body_invalid")) == ["#/reporter/words"]


@pytest.mark.parametrize("body", UNREADABLE)
async def test_what_is_not_json_is_refused_as_malformed(clerk: Api, body: bytes) -> None:
    response = await clerk.ask("POST", "/api/v1/incidents", data=body, headers={"Content-Type": "application/json"})

    await problem_of(response, 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"'])
async def test_json_that_is_no_object_is_refused(clerk: Api, body: bytes) -> None:
    response = await clerk.ask("POST", "/api/v1/incidents", data=body, headers={"Content-Type": "application/json"})

    assert pointers(await problem_of(response, 422, "body_invalid")) == ["#"]


async def test_a_body_over_a_mebibyte_is_refused(clerk: Api, owner: asyncpg.Connection) -> None:
    body = b'{"kind":"' + b"x" * (1024 * 1024) + b'"}'
    response = await clerk.ask("POST", "/api/v1/incidents", data=BytesIO(body), headers={"Content-Type": "application/json"})

    await problem_of(response, 413, "body_too_large")
    assert await owner.fetchval("SELECT count(*) FROM incident") == 0


async def test_a_long_body_that_hides_its_length_is_refused_too(clerk: Api) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000
            await asyncio.sleep(0)

    response = await clerk.ask("POST", "/api/v1/incidents", data=pieces(), headers={"Content-Type": "application/json"})

    await problem_of(response, 413, "body_too_large")


async def test_a_form_is_not_json(clerk: Api) -> None:
    await problem_of(await clerk.ask("POST", "/api/v1/incidents", data={"kind": "power_cut"}), 415, "media_type_wrong")


async def test_an_incident_that_has_ended_does_not_change(clerk: Api, supervisor: Api) -> None:
    incident = (await clerk.declare())["id"]
    assert (await supervisor.post(f"/incidents/{incident}/cancel", {"reason": "nobody inside"})).status == 200

    for path, body in (
        ("facts", {"facts": {"people_inside": 1}}),
        ("reports", {"words": "still?"}),
        ("severity", {"severity": "minor"}),
        ("place", {"place": "3-2-L2"}),
        ("resolve", {}),
        ("close", {}),
        ("cancel", {"reason": "again"}),
        ("confirmations", {"name": "everyone_out"}),
    ):
        problem = await problem_of(await supervisor.post(f"/incidents/{incident}/{path}", body), 409, "incident_ended")
        assert "cancelled" in problem["detail"]


@pytest.mark.parametrize("incident", ["999999", "0", "abc", "-1", "99999999999999999999", "1%00"])
async def test_an_incident_that_is_not_there_is_not_found(clerk: Api, incident: str) -> None:
    response = await clerk.ask("GET", f"/api/v1/incidents/{incident}")

    assert response.status == 404
    assert (await response.json(content_type=None))["code"] in ("incident_unknown", "not_found")


async def test_closing_says_what_is_lacking(clerk: Api, supervisor: Api) -> None:
    incident = (await clerk.declare())["id"]
    await problem_of(await supervisor.post(f"/incidents/{incident}/close"), 409, "not_relieved")
    await supervisor.post(f"/incidents/{incident}/resolve")
    problem = await problem_of(await supervisor.post(f"/incidents/{incident}/close"), 409, "not_ready_to_close")

    assert "everyone_out" in problem["detail"]
    assert (await (await clerk.get(f"/incidents/{incident}")).json())["status"] == "relieved"


async def test_news_need_somebody_who_was_told(clerk: Api) -> None:
    incident = (await clerk.declare())["id"]

    await problem_of(await clerk.post(f"/incidents/{incident}/updates", {"texts": {"en": "Soon"}}), 409, "nothing_to_update")


async def test_only_one_who_was_alerted_can_answer(clerk: Api) -> None:
    incident = (await clerk.declare())["id"]
    response = await clerk.post(f"/incidents/{incident}/answers", {"person": "999999", "kind": "received", "means": "radio"})

    assert pointers(await problem_of(response, 422, "alert_unknown")) == ["#/person"]


async def test_a_cursor_of_somebody_else_is_not_page_one(clerk: Api) -> None:
    for cursor in ("abc", "W10", "WyJ4Il0", "!!!", "W1tdXQ"):
        problem = await problem_of(await clerk.get("/incidents", after=cursor), 400, "cursor_wrong")
        assert pointers(problem) == ["?after"]


async def test_an_unknown_parameter_is_named(clerk: Api) -> None:
    assert pointers(await problem_of(await clerk.get("/incidents", limt="5"), 422, "body_invalid")) == ["?limt"]
    assert pointers(await problem_of(await clerk.get("/incidents", limit="5000"), 422, "body_invalid")) == ["?limit"]


async def test_a_wrong_method_is_told_the_right_ones(clerk: Api) -> None:
    problem = await problem_of(await clerk.ask("DELETE", "/api/v1/incidents"), 405, "method_wrong")

    assert "POST" in problem["detail"]


async def test_refusals_speak_the_callers_language(clerk: Api) -> None:
    response = await clerk.post("/incidents", {"kind": "meteor", "place": "3-2-L1"}, Accept_Language="zh-CN,zh;q=0.9")

    assert "没有" in (await problem_of(response, 422, "kind_unknown"))["detail"]
    assert response.headers["Content-Language"] == "zh-CN"


async def test_every_problem_has_a_page_in_both_languages(clerk: Api) -> None:
    page = await (await clerk.ask("GET", "/problems/incident_ended")).text()

    assert 'lang="zh-CN"' in page
    assert 'lang="en"' in page
