"""People, places and addresses are kept over the interface: nobody overwrites what they have not seen, and looking leaves a trace."""

from typing import Any

import asyncpg
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from api.auth.roles import Role
from tests.api.conftest import Api, pointers, problem_of
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database

Browser = TestClient[web.Request, web.Application]
Owner = asyncpg.Connection


async def made(response: ClientResponse) -> dict[str, Any]:
    body: dict[str, Any] = await response.json()
    assert response.status in (200, 201), body
    return body


async def put(api: Api, path: str, body: object, tag: str | None) -> ClientResponse:
    return await api.ask("PUT", f"/api/v1{path}", json=body, headers={"If-Match": tag} if tag is not None else {})


def changed(record: dict[str, Any], fields: tuple[str, ...], **changes: object) -> dict[str, Any]:
    """What a client sends back: the record's own fields with some of them changed."""
    return {name: record[name] for name in fields} | changes


PLACE_FIELDS = (
    "names", "label", "rank", "rescue_code", "occupancy", "home_use", "civil_address", "gate", "intercom", "cameras", "aliases", "serves",
)  # fmt: skip
PERSON_FIELDS = ("name", "language", "preferred_means", "dialect", "note", "plates")


async def a_resident(api: Api, **more: object) -> dict[str, Any]:
    body = {
        "kind": "resident", "name": "赵敏", "contact_points": [{"kind": "mobile", "address": "138 1111 2222"}],
        "homes": [{"home": "3-2-1502", "role": "family"}], **more,
    }  # fmt: skip
    return await made(await api.post("/people", body))


async def test_a_shop_is_added_found_changed_and_removed(clerk: Api, town: SmallTown) -> None:
    body = {
        "kind": "home", "parent": "3", "code": "3-S1", "names": {"zh-CN": "幸福超市", "en": "Happy Mart"}, "label": "S1", "home_use": "shop",
        "aliases": ["南门超市"], "intercom": "8021",
    }  # fmt: skip
    shop = await made(await clerk.post("/places", body))
    assert shop["name"] == "Happy Mart"
    for text in ("南门超市", "8021", "xfcs"):
        found = await made(await clerk.get("/search", q=text))
        assert (found["items"][0]["type"], found["items"][0]["code"]) == ("home", "3-S1"), text

    response = await clerk.get(f"/places/{shop['id']}")
    tag = response.headers["ETag"]
    vacant = changed(shop, PLACE_FIELDS, occupancy="vacant", aliases=[])
    emptied = await made(await put(clerk, f"/places/{shop['id']}", vacant, tag))
    assert (emptied["occupancy"], emptied["version"]) == ("vacant", shop["version"] + 1)
    assert (await made(await clerk.get("/search", q="南门超市")))["items"] == []

    stale = await problem_of(await put(clerk, f"/places/{shop['id']}", vacant, tag), 412, "stale")
    assert stale["current"]["occupancy"] == "vacant"
    await problem_of(await put(clerk, f"/places/{shop['id']}", vacant, None), 428, "if_match_missing")
    await problem_of(await put(clerk, f"/places/{shop['id']}", vacant, "W/x"), 400, "if_match_wrong")
    gone = await clerk.ask("DELETE", f"/api/v1/places/{shop['id']}", headers={"If-Match": f'"{emptied["version"]}"'})
    assert gone.status == 200
    await problem_of(await clerk.get(f"/places/{shop['id']}"), 404, "place_unknown")


async def test_what_is_read_to_119_is_of_the_nearest_place_that_says_it(clerk: Api, town: SmallTown, owner: Owner) -> None:
    await owner.execute("UPDATE community SET civil_address = '云栖路88号', gate = '东门'")
    home = await made(await clerk.get(f"/places/{town.places['3-2-1502']}"))
    assert (home["address_to_read"], home["gate_to_read"]) == ("云栖路88号", "东门")
    building = await made(await clerk.get(f"/places/{town.places['3']}"))
    await made(await put(clerk, f"/places/{building['id']}", changed(building, PLACE_FIELDS, civil_address="云栖路90号3幢"), '"1"'))
    home = await made(await clerk.get(f"/places/{town.places['3-2-1502']}"))
    assert (home["address_to_read"], home["gate_to_read"], home["civil_address"]) == ("云栖路90号3幢", "东门", None)


async def test_an_elevator_says_whom_it_serves_and_a_home_who_serves_it(clerk: Api, town: SmallTown) -> None:
    home = await made(await clerk.get(f"/places/{town.places['3-2-1502']}"))
    assert set(home["served_by"]) == {str(town.places["3-2-L1"]), str(town.places["3-2-L2"])}
    lift = await made(await clerk.get(f"/places/{town.places['3-2-L1']}"))
    only = await made(await put(clerk, f"/places/{lift['id']}", changed(lift, PLACE_FIELDS, serves=["3-2-1503"]), '"1"'))
    assert only["serves"] == [str(town.places["3-2-1503"])]
    refused = await put(clerk, f"/places/{home['id']}", changed(home, PLACE_FIELDS, serves=["3"]), '"1"')
    assert pointers(await problem_of(refused, 422, "body_invalid")) == ["#/serves"]


async def test_a_place_on_which_something_stands_stays(clerk: Api, town: SmallTown) -> None:
    refused = await clerk.ask("DELETE", f"/api/v1/places/{town.places['3']}", headers={"If-Match": '"1"'})
    await problem_of(refused, 409, "place_in_use")
    assert (await clerk.get(f"/places/{town.places['3']}")).status == 200
    assert (await made(await clerk.get("/search", q="3栋")))["items"][0]["code"] == "3"


async def test_somebody_is_added_with_numbers_and_homes_and_is_found(clerk: Api, town: SmallTown) -> None:
    person = await a_resident(clerk, plates=["浙A·88888"], language="yue", preferred_means="call", dialect="讲粤语")
    assert [point["address"] for point in person["contact_points"]] == ["138****2222"]
    assert person["contact_points"][0]["consent"] == ["emergency", "notice"]
    assert [home["code"] for home in person["homes"]] == ["3-2-1502"]
    for text in ("zhaomin", "13811112222", "1111222", "浙A88888"):
        (hit,) = (await made(await clerk.get("/search", q=text)))["items"]
        assert (hit["id"], hit["number"]) == (person["id"], "138****2222"), text
    members = (await made(await clerk.get(f"/places/{town.places['3-2-1502']}/people")))["items"]
    assert {one["name"] for one in members} == {"王女士", "赵敏"}


async def test_a_change_of_name_is_found_and_the_old_one_is_not(clerk: Api) -> None:
    person = await a_resident(clerk)
    body = changed(person, PERSON_FIELDS, name="赵灵儿")
    await made(await put(clerk, f"/people/{person['id']}", body, f'"{person["version"]}"'))
    assert [hit["name"] for hit in (await made(await clerk.get("/search", q="zle")))["items"]] == ["赵灵儿"]
    assert (await made(await clerk.get("/search", q="赵敏")))["items"] == []
    stale = await problem_of(await put(clerk, f"/people/{person['id']}", body, f'"{person["version"]}"'), 412, "stale")
    assert stale["current"]["name"] == "赵灵儿"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "resident", "name": ""}, "#/name"),
        ({"kind": "resident", "name": "A", "language": "not a tag"}, "#/language"),
        ({"kind": "resident", "name": "A", "homes": [{"home": "9-9-9"}]}, "#/homes/0/home"),
        ({"kind": "resident", "name": "A", "homes": [{"home": "3-2"}]}, "#/homes/0/home"),
        (
            {"kind": "resident", "name": "A", "homes": [{"home": "3-2-1502", "since": "2026-01-02", "until": "2026-01-02"}]},
            "#/homes/0/until",
        ),
        ({"kind": "resident", "name": "A", "contact_points": [{"kind": "mobile", "address": "12"}]}, "#/address"),
        ({"kind": "staff", "name": "A", "homes": [{"home": "3-2-1502"}]}, "#/homes"),
    ],
)
async def test_what_is_wrong_of_somebody_is_named_and_nothing_is_kept(clerk: Api, owner: Owner, body: dict[str, Any], field: str) -> None:
    before = await owner.fetchval("SELECT count(*) FROM person")
    refused = await clerk.post("/people", body)
    problem = await refused.json(content_type="application/problem+json")
    assert refused.status == 422
    assert pointers(problem) == [field]
    assert await owner.fetchval("SELECT count(*) FROM person") == before


async def test_the_same_request_twice_adds_one_person(clerk: Api, owner: Owner) -> None:
    body = {"kind": "resident", "name": "赵敏"}
    first = await made(await clerk.post("/people", body, Idempotency_Key="one"))
    again = await made(await clerk.post("/people", body, Idempotency_Key="one"))
    assert first == again
    assert await owner.fetchval("SELECT count(*) FROM person WHERE name = '赵敏'") == 1


async def test_a_whole_number_is_seen_only_by_saying_what_for(clerk: Api, supervisor: Api) -> None:
    point = (await a_resident(clerk))["contact_points"][0]
    await problem_of(await clerk.post(f"/contact-points/{point['id']}/look", {}), 422, "body_invalid")
    seen = await made(await clerk.post(f"/contact-points/{point['id']}/look", {"why": "caller asks to be called back"}))
    assert seen["address"] == "+8613811112222"
    (look,) = (await made(await supervisor.get("/looks", person=point["person"])))["items"]
    assert (look["what"], look["why"], look["contact_point"]) == ("address", "caller asks to be called back", point["id"])


async def test_a_lead_sees_numbers_of_staff_and_none_of_residents(
    clerk: Api, browser: Browser, tokens: dict[Role, str], town: SmallTown, owner: Owner
) -> None:
    lead = Api(browser, tokens["department_lead"])
    mine = await owner.fetchval("SELECT id FROM contact_point WHERE person_id = $1", town.people["zhang"])
    theirs = await owner.fetchval("SELECT id FROM contact_point WHERE person_id = $1", town.people["mrs_wang"])
    assert (await made(await lead.post(f"/contact-points/{mine}/look", {"why": "shift swap"})))["address"] == "+8613800000001"
    await problem_of(await lead.post(f"/contact-points/{theirs}/look", {"why": "shift swap"}), 403, "permission_lacking")
    (hit,) = (await made(await lead.get("/search", q="王女士")))["items"]
    assert (hit["name"], hit["number"]) == ("王*", None)
    assert (await made(await lead.get("/search", q="13900000001")))["items"] == []
    await problem_of(await lead.get(f"/people/{town.people['mrs_wang']}"), 403, "permission_lacking")


async def test_why_somebody_needs_help_is_told_to_few_and_leaves_a_line(clerk: Api, supervisor: Api, owner: Owner) -> None:
    person = await a_resident(clerk)
    await problem_of(await clerk.get(f"/people/{person['id']}/need"), 404, "help_not_noted")
    no_reason = await clerk.ask("PUT", f"/api/v1/people/{person['id']}/need", json={"powered_device": True})
    assert pointers(await problem_of(no_reason, 422, "help_not_noted")) == ["#/reason"]
    body = {"powered_device": True, "reason": "oxygen concentrator"}
    noted = await made(await clerk.ask("PUT", f"/api/v1/people/{person['id']}/need", json=body))
    assert noted["need"] == {"powered_device": True, "confirmer_role": "front_desk"}
    await problem_of(await clerk.post(f"/people/{person['id']}/need/look", {"why": "curious"}), 403, "permission_lacking")
    assert await owner.fetchval("SELECT count(*) FROM access_log") == 0

    why = await made(await supervisor.post(f"/people/{person['id']}/need/look", {"why": "power cut in building 3"}))
    assert why["reason"] == "oxygen concentrator"
    assert await owner.fetchval("SELECT what || ' ' || why FROM access_log") == "reason power cut in building 3"
    await made(await clerk.ask("PUT", f"/api/v1/people/{person['id']}/need", json={"powered_device": False}))
    again = await made(await supervisor.post(f"/people/{person['id']}/need/look", {"why": "again"}))
    assert again["reason"] == "oxygen concentrator"
    assert (await clerk.ask("DELETE", f"/api/v1/people/{person['id']}/need")).status == 200
    await problem_of(await clerk.get(f"/people/{person['id']}/need"), 404, "help_not_noted")


async def test_the_service_cannot_read_a_reason_past_its_log_nor_change_the_log(database: Database, town: SmallTown) -> None:
    statements = (
        "SELECT reason FROM need_of_help", "UPDATE need_of_help SET reason = reason", "UPDATE access_log SET why = ''",
        "DELETE FROM access_log", "SET LOCAL ROLE tocsin_care; SELECT reason FROM need_of_help; RESET ROLE; UPDATE access_log SET why = ''",
    )  # fmt: skip
    for statement in statements:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.community(town.community_id) as tx:
                await tx.connection.execute(statement)


async def test_a_relative_speaks_for_somebody_and_an_address_is_given_once(clerk: Api) -> None:
    person = await a_resident(clerk)
    body = {"kind": "mobile", "address": "13900007777", "rank": 1, "proxy": {"name": "王小明", "relation": "son"}, "consent": ["emergency"]}
    point = await made(await clerk.post(f"/people/{person['id']}/contact-points", body))
    assert point["proxy"] == {"name": "王小明", "relation": "son"}
    again = await problem_of(await clerk.post(f"/people/{person['id']}/contact-points", body), 422, "contact_point_taken")
    assert "13900007777" not in str(again)
    own = {"rank": 0, "consent": ["emergency", "notice"], "consent_source": "said at the desk"}
    mine = await made(await put(clerk, f"/contact-points/{point['id']}", own, '"1"'))
    assert (mine["proxy"], mine["consent_source"], mine["rank"]) == (None, "said at the desk", 0)
    assert (await clerk.ask("DELETE", f"/api/v1/contact-points/{point['id']}", headers={"If-Match": '"2"'})).status == 200
    assert (await made(await clerk.get("/search", q="13900007777")))["items"] == []


async def test_the_desk_says_that_a_number_belongs_to_somebody_else(clerk: Api) -> None:
    point = (await a_resident(clerk))["contact_points"][0]
    said = await made(await clerk.post(f"/contact-points/{point['id']}/quality", {"said": "belongs_to_other"}))
    assert (said["quality"], said["quality_reason"]) == ("wrong", "belongs_to_other")
    said = await made(await clerk.post(f"/contact-points/{point['id']}/quality", {"said": "confirmed"}))
    assert (said["quality"], said["failures"]) == ("good", 0)


async def test_moving_out_and_merging_keep_one_entry_of_a_resident(clerk: Api, town: SmallTown) -> None:
    one = await a_resident(clerk)
    other = await a_resident(clerk, name="赵敏敏", contact_points=[{"kind": "email", "address": "Zhao@Example.com"}])
    gone = await made(await clerk.post(f"/people/{one['id']}/residences/end", {"home": "3-2-1502", "on": "2020-01-01"}))
    assert gone["homes"][0]["until"] is not None
    kept = await made(await clerk.post(f"/people/{one['id']}/merge", {"into": other["id"]}))
    assert {point["kind"] for point in kept["contact_points"]} == {"email", "mobile"}
    old = await made(await clerk.get(f"/people/{one['id']}"))
    assert (old["merged_into"], old["contact_points"], old["homes"]) == (other["id"], [], [])
    assert [hit["name"] for hit in (await made(await clerk.get("/search", q="13811112222")))["items"]] == ["赵敏敏"]
    await problem_of(await put(clerk, f"/people/{one['id']}", changed(old, PERSON_FIELDS), f'"{old["version"]}"'), 404, "person_unknown")
    await problem_of(await clerk.post(f"/people/{town.people['zhang']}/merge", {"into": other["id"]}), 422, "merge_refused")


async def test_an_engineer_who_lives_here_becomes_one_person_with_homes_and_keeps_what_was_agreed_to(clerk: Api, town: SmallTown) -> None:
    number = {"kind": "mobile", "address": town.phone("zhang"), "consent": ["emergency"]}
    resident = await a_resident(clerk, name="张伟", contact_points=[number])
    engineer = await made(await clerk.post(f"/people/{resident['id']}/merge", {"into": str(town.people["zhang"])}))
    assert engineer["kind"] == "staff" and [one["code"] for one in engineer["homes"]] == ["3-2-1502"]
    assert [(one["address"][-4:], sorted(one["consent"])) for one in engineer["contact_points"]] == [("0001", ["alert", "emergency"])]


async def test_a_need_is_not_lost_by_merging(clerk: Api) -> None:
    one, other = await a_resident(clerk), await a_resident(clerk, name="赵敏敏")
    await made(await clerk.ask("PUT", f"/api/v1/people/{one['id']}/need", json={"powered_device": True, "reason": "oxygen"}))
    await problem_of(await clerk.post(f"/people/{one['id']}/merge", {"into": other["id"]}), 409, "need_in_the_way")
    kept = await made(await clerk.post(f"/people/{other['id']}/merge", {"into": one["id"]}))
    assert kept["need"]["powered_device"] is True


async def test_people_are_listed_page_by_page_in_the_order_of_their_pinyin(clerk: Api) -> None:
    for name in ("曾艳", "单雄信", "阿明"):
        await a_resident(clerk, name=name, contact_points=[])
    names: list[str] = []
    after = None
    while True:
        page = await made(await clerk.get("/people", kind="resident", limit="2", **({"after": after} if after else {})))
        names += [one["name"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert names == ["阿明", "Alice", "Bob", "单雄信", "王女士", "曾艳", "周先生"]


async def test_an_outside_number_keeps_the_day_on_which_it_was_rung(clerk: Api, owner: Owner) -> None:
    body = {
        "what": "gas_company",
        "names": {"en": "Gas company"},
        "number": "0571-88005505",
        "last_checked": "2026-01-01",
        "note": "ask for Li",
    }
    number = await made(await clerk.post("/outside-numbers", body))
    assert (number["last_checked"], number["note"]) == ("2026-01-01", "ask for Li")
    rung = await made(await clerk.post(f"/outside-numbers/{number['id']}/checked"))
    assert rung["last_checked"] > "2026-01-01"
    changed_body = body | {"number": "95598"}
    now = await made(await put(clerk, f"/outside-numbers/{number['id']}", changed_body, f'"{rung["version"]}"'))
    assert now["number"] == "95598"
    assert [hit["number"] for hit in (await made(await clerk.get("/search", q="gas company")))["items"]] == ["95598"]
    assert pointers(await problem_of(await clerk.post("/outside-numbers", body | {"place": "9-9"}), 422, "place_unknown")) == ["#/place"]
    gone = await clerk.ask("DELETE", f"/api/v1/outside-numbers/{number['id']}", headers={"If-Match": f'"{now["version"]}"'})
    assert gone.status == 200


async def test_the_night_desk_carries_no_list_away_and_changes_nobody(browser: Browser, tokens: dict[Role, str], town: SmallTown) -> None:
    night = Api(browser, tokens["night_desk"])
    await problem_of(await night.get("/people", kind="resident"), 403, "permission_lacking")
    await problem_of(await night.post("/people", {"kind": "resident", "name": "A"}), 403, "permission_lacking")
    assert (await night.get(f"/people/{town.people['mrs_wang']}")).status == 200
    assert (await made(await night.get("/search", q="13900000001")))["items"][0]["name"] == "王女士"


async def test_somebody_whom_only_mail_reaches_is_taken_and_warned_about(clerk: Api) -> None:
    mail = {"kind": "email", "address": "min@example.org"}
    person = await made(await clerk.post("/people", {"kind": "resident", "name": "赵敏", "contact_points": [mail]}))
    assert person["warnings"] == ["no_phone"]
    await made(await clerk.post(f"/people/{person['id']}/contact-points", {"kind": "landline", "address": "0571-88001234"}))
    assert (await (await clerk.get(f"/people/{person['id']}")).json())["warnings"] == []
