"""Rosters, departments, readiness and contact debt over the interface."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from api.auth.roles import Role
from people.wall_clock import wall_time
from tests.api.conftest import Api, pointers, problem_of
from tests.api.test_directory import made, put
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database

Browser = TestClient[web.Request, web.Application]
ZONE = "Asia/Shanghai"


@pytest.fixture
def lead(browser: Browser, tokens: dict[Role, str]) -> Api:
    """Leads a department: gives shifts."""
    return Api(browser, tokens["department_lead"])


async def _wall(database: Database, town: SmallTown, days: int, hour: int) -> str:
    async with database.community(town.community_id) as tx:
        day = wall_time(tx.now, ZONE).date() + timedelta(days=days)
    return f"{day}T{hour:02d}:00"


async def _night(lead: Api, database: Database, town: SmallTown, *, days: int = 40, person: str = "li") -> dict[str, Any]:
    body = {
        "department": "security", "tier": "backup", "person": str(town.people[person]),
        "starts": await _wall(database, town, days, 20), "ends": await _wall(database, town, days + 1, 8),
    }  # fmt: skip
    return await made(await lead.post("/shifts", body))


async def test_a_night_is_given_swapped_and_on_the_record(lead: Api, database: Database, town: SmallTown) -> None:
    night = await _night(lead, database, town)
    assert night["starts"].endswith("T20:00:00")
    assert night["name"] == "李强"
    body = {"person": str(town.people["zhao"]), "reason": "ill"}
    await problem_of(await lead.post(f"/shifts/{night['id']}/take-over", body), 428, "if_match_missing")
    taken = await made(await lead.post(f"/shifts/{night['id']}/take-over", body, If_Match='"1"'))
    assert (taken["name"], taken["version"]) == ("赵刚", 2)
    stale = await problem_of(await lead.post(f"/shifts/{night['id']}/take-over", body, If_Match='"1"'), 412, "stale")
    assert stale["current"]["name"] == "赵刚"
    span = {"starts": night["starts_at"], "ends": night["ends_at"]}
    (change,) = (await made(await lead.get("/shift-changes", **span)))["items"]
    assert (change["from_person"], change["to_person"], change["reason"]) == (str(town.people["li"]), str(town.people["zhao"]), "ill")
    assert change["by"]


async def test_two_shifts_are_exchanged_and_one_is_moved_and_removed(lead: Api, database: Database, town: SmallTown) -> None:
    one = await _night(lead, database, town)
    other = await _night(lead, database, town, days=41, person="zhao")
    both = await made(await lead.post(f"/shifts/{one['id']}/exchange", {"other": other["id"]}, If_Match='"1"'))
    assert [shift["name"] for shift in both["items"]] == ["赵刚", "李强"]
    moved = {"starts": await _wall(database, town, 40, 21), "ends": await _wall(database, town, 41, 8)}
    late = await made(await put(lead, f"/shifts/{one['id']}", moved, '"2"'))
    assert late["starts"].endswith("T21:00:00")
    assert (await lead.ask("DELETE", f"/api/v1/shifts/{one['id']}", headers={"If-Match": '"3"'})).status == 200
    span = {"starts": one["starts_at"], "ends": other["ends_at"], "department": "security"}
    assert [shift["id"] for shift in (await made(await lead.get("/shifts", **span)))["items"]] == [other["id"]]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"starts": "2026-11-27T20:00+08:00"}, "#/starts", "body_invalid"),
        ({"ends": "2020-01-01T08:00"}, "#/ends", "shift_wrong"),
        ({"department": "gardening"}, "#/department", "department_unknown"),
        ({"person": "404"}, "#/person", "person_unknown"),
    ],
)
async def test_what_is_wrong_of_a_shift_is_named(
    lead: Api, database: Database, town: SmallTown, change: dict[str, str], field: str, code: str
) -> None:
    body = {
        "department": "security", "tier": "duty", "person": str(town.people["li"]), "starts": await _wall(database, town, 40, 20),
        "ends": await _wall(database, town, 41, 8), **change,
    }  # fmt: skip
    assert pointers(await problem_of(await lead.post("/shifts", body), 422, code)) == [field]


async def test_a_clerk_reads_the_roster_and_does_not_change_it(clerk: Api, database: Database, town: SmallTown) -> None:
    assert {shift["name"] for shift in (await made(await clerk.get("/shifts", department="engineering")))["items"]} == {
        "张伟",
        "李强",
        "王军",
    }
    await problem_of(await clerk.post("/shifts", {}), 403, "permission_lacking")
    wrong = await problem_of(await clerk.get("/shifts", starts="2026-01-02T00:00:00Z", ends="2026-01-01T00:00:00Z"), 422, "body_invalid")
    assert pointers(wrong) == ["?ends"]


async def test_readiness_names_every_gap_by_department_and_tier(lead: Api, town: SmallTown, owner: asyncpg.Connection) -> None:
    ready = await made(await lead.get("/readiness"))
    gaps = {(gap["department"], gap["tier"], gap["why"]) for gap in ready["gaps"]}
    assert ("cleaning", "duty", "nobody") in gaps
    assert ("security", "backup", "nobody") in gaps
    assert not any(department == "engineering" for department, _, _ in gaps)
    assert {number["what"] for number in ready["unchecked"]} >= {"fire_rescue_119"}

    departments = (await made(await lead.get("/departments")))["items"]
    for one in departments:
        if one["key"] != "engineering":
            body = {"names": one["names"], "tiers": [], "hours": []}
            await made(await put(lead, f"/departments/{one['id']}", body, f'"{one["version"]}"'))
    ready = await made(await lead.get("/readiness"))
    assert ready["gaps"] == [] and ready["unwakeable"] == []
    await owner.execute("UPDATE contact_point SET kind = 'email', address = 'z@example.org' WHERE person_id = $1", town.people["zhang"])
    ready = await made(await lead.get("/readiness"))
    assert ready["gaps"] == [] and [one["name"] for one in ready["unwakeable"]] == ["张伟"], "mail does not wake him"


async def test_a_department_says_when_it_is_to_be_filled(lead: Api, town: SmallTown) -> None:
    finance = next(one for one in (await made(await lead.get("/departments")))["items"] if one["key"] == "finance")
    hours = [{"tier": "duty", "weekday": day, "opens": "09:00:00", "closes": "18:00:00"} for day in range(1, 6)]
    body = {"names": {"zh-CN": "财务部", "en": "Finance"}, "tiers": ["duty"], "hours": hours}
    changed = await made(await put(lead, f"/departments/{finance['id']}", body, '"1"'))
    assert (changed["name"], changed["hours"], changed["version"]) == ("Finance", hours, 2)
    assert (await made(await lead.get("/search", q="cwb")))["items"][0]["name"] == "Finance"
    gaps = [gap for gap in (await made(await lead.get("/readiness", days="7")))["gaps"] if gap["department"] == "finance"]
    assert len(gaps) in (5, 6)
    await problem_of(await put(lead, "/departments/999", body, '"1"'), 404, "department_unknown")


async def test_a_department_is_added_once_and_by_the_administrator(browser: Browser, tokens: dict[Role, str], lead: Api) -> None:
    admin = Api(browser, tokens["administrator"])
    body = {"key": "gardening", "names": {"en": "Gardening"}}
    await problem_of(await lead.post("/departments", body), 403, "permission_lacking")
    assert (await made(await admin.post("/departments", body)))["name"] == "Gardening"
    assert pointers(await problem_of(await admin.post("/departments", body), 422, "department_taken")) == ["#/key"]


async def test_posts_and_certificates_are_given_and_taken(lead: Api, clerk: Api, town: SmallTown) -> None:
    zhang = str(town.people["zhang"])
    posts = await made(await lead.post("/posts", {"role": "night_manager", "person": zhang}))
    assert {"role": "night_manager", "person": zhang, "name": "张伟"} in posts["items"]
    posts = await made(await lead.post("/posts/end", {"role": "night_manager", "person": zhang}))
    assert all(one["role"] != "night_manager" for one in posts["items"])
    assert pointers(await problem_of(await lead.post("/posts", {"role": "guard", "person": "404"}), 422, "person_unknown")) == ["#/person"]

    body = {"person": zhang, "kind": "elevator_rescue", "number": "T-1", "expires_on": "2020-01-01"}
    (expired,) = (await made(await lead.post("/certificates", body)))["items"]
    assert (expired["valid"], expired["name"]) == (False, "张伟")
    assert [one["number"] for one in (await made(await clerk.get("/readiness")))["expiring"]] == ["T-1"]
    (renewed,) = (await made(await lead.post("/certificates", body | {"expires_on": "2090-01-01"})))["items"]
    assert (renewed["valid"], renewed["id"]) == (True, expired["id"])
    assert (await made(await clerk.get(f"/people/{zhang}")))["certificates"][0]["kind"] == "elevator_rescue"
    assert (await lead.ask("DELETE", f"/api/v1/certificates/{expired['id']}")).status == 200
    await problem_of(await lead.ask("DELETE", f"/api/v1/certificates/{expired['id']}"), 404, "certificate_unknown")


async def test_contact_debt_is_listed_counted_and_worked_off(clerk: Api, town: SmallTown, owner: Any) -> None:
    await owner.execute("UPDATE contact_point SET quality = 'wrong' WHERE person_id = $1", town.people["mrs_wang"])
    (debt,) = (await made(await clerk.get("/contact-debt")))["items"]
    assert (debt["code"], debt["why"], debt["building_name"]) == ("3-2-1502", "all_wrong", "Building 3")
    counts = await made(await clerk.get("/contact-debt/buildings"))
    assert (counts["owed"], counts["homes"], {one["code"]: one["owed"] for one in counts["items"]}) == (1, 4, {"3": 1, "5": 0})

    work = await made(await clerk.post(f"/contact-debt/{debt['home']}", {"result": "later", "note": "nobody home"}))
    assert (work["items"][0]["result"], work["items"][0]["by"]) == ("later", "clerk")
    assert (await made(await clerk.get("/contact-debt")))["items"] == []
    assert len((await made(await clerk.get("/contact-debt", put_off="true", within="3")))["items"]) == 1
    too_far = await clerk.post(f"/contact-debt/{debt['home']}", {"result": "later", "again_on": "2099-01-01"})
    assert pointers(await problem_of(too_far, 422, "body_invalid")) == ["#/again_on"]

    body = {"kind": "mobile", "address": "13822223333"}
    await made(await clerk.post(f"/people/{town.people['mrs_wang']}/contact-points", body))
    await made(await clerk.post(f"/contact-debt/{debt['home']}", {"result": "new_number"}))
    assert (await made(await clerk.get("/contact-debt", put_off="true")))["items"] == []
    assert [one["result"] for one in (await made(await clerk.get(f"/contact-debt/{debt['home']}")))["items"]] == ["new_number", "later"]
