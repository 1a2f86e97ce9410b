"""Whatever is sent to whichever operation: a refusal as the document says, with the way out, never a failure; and nothing is written."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from io import BytesIO
from typing import Any

import asyncpg
import orjson
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from api.auth.devices import enrol
from api.examples import example_of
from api.openapi import make_document
from api.route import Route
from api.routes import ROUTES
from incidents.handover.signing import Signer, hand_over
from people.imports.run import ImportRequest, note_run
from tests.api.conftest import Api, token_for
from tests.harness.small_town import SmallTown, build_small_town
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Browser = TestClient[web.Request, web.Application]
Ids = dict[str, str]

DOCUMENT = make_document(ROUTES, version="1", server="http://tocsin.test", language="en")
NO_IDS = ("999999", "0", "abc", "-1", "99999999999999999999", "1%00", "%E4%B8%80", "1.0")
NO_BODIES = (b"{", b'{"a": 1,}', b"\xff\xfe", b'"\\ud800"', b"[" * 2000)
NO_OBJECTS = (b"[]", b"null", b"1", b'"x"')
WRONG: tuple[object, ...] = (None, True, -1, 2.5, 10**30, "", "\0", "x" * 9_000, "无", [], [None], {}, {"x": {}})
WRONG_WORDS = ("", "-1", "x" * 300, "\0", "%", "1e99", "无", "99999999999999999999", "2026-02-30", "null")

WITH_BODY = [route for route in ROUTES if route.body is not None]
WITH_ID = [route for route in ROUTES if "{" in route.path]
WHOLE_EXAMPLES = (
    "declare_incident", "preview_incident", "declare_drill", "hand_on_repair", "preview_audience", "create_place", "create_person",
    "create_department", "create_outside_number",
)  # fmt: skip
PLACES_OF_EXAMPLES = ("3-2-1502", "3-2-1503", "3-2-L1", "3-2", "5", "0")
PARTS = 6
ENDS = ("/merge", "/resolve", "/close", "/cancel", "/end")
ADDED_TO = {"incident": "incident", "task": "task", "message": "message", "point": "contact_point", "shift": "shift"}
ADDED_TO |= {
    "department": "department",
    "certificate": "certificate",
    "number": "outside_number",
    "import": "import_run",
    "request": "broadcast_request",
    "device": "desk_device",
    "planned": "planned_work",
    "handover": "handover",
}


@pytest.fixture
def everything(browser: Browser, tokens: dict[str, str]) -> Api:
    """May do whatever can be done."""
    return Api(browser, tokens["administrator"])


async def one_of_each(api: Api, owner: asyncpg.Connection, database: Database, town: SmallTown) -> Ids:
    """Something real for every kind of id that an address may hold."""
    reporter = {"words": "又停电了", "wish": "complain", "call_back_minutes": 10}
    incident = (await api.declare({"kind": "power_cut", "place": "3", "reporter": reporter}))["id"]
    texts = {"zh-CN": "请绕行。", "en": "Please go round."}
    told = await api.post("/broadcasts", {"incident": incident, "texts": texts, "audience": {"residents_of": ["3"]}})
    assert told.status == 201, await told.text()
    window = {"starts_at": "2036-01-01T09:00:00+08:00", "ends_at": "2036-01-01T17:00:00+08:00"}
    planned = await api.post("/planned-work", {"kind": "water_cut", "place": "5", **window})
    assert planned.status == 201, await planned.text()
    asked = await api.post("/broadcast-requests", {"incident": incident, "texts": texts, "audience": {"residents_of": ["5"]}})
    assert asked.status == 201, await asked.text()
    person = str(town.people["zhang"])
    noted = await api.post("/certificates", {"person": person, "kind": "elevator_rescue", "expires_on": "2036-01-01"})
    assert noted.status == 201, await noted.text()
    async with database.community(town.community_id) as tx:
        await note_run(tx, ImportRequest(town.community_id, "homes.xlsx", "somebody"), b"0" * 32, None)
        await enrol(tx, "前台1号机", "somebody")
        await hand_over(tx, Wakeups(database), Signer(1, "somebody", "session"), None, "")
    found = {
        name: await owner.fetchval(f"SELECT min(id) FROM {table} WHERE community_id = $1", town.community_id)  # noqa: S608 - a name of ours
        for name, table in ADDED_TO.items()
    }
    found["report"] = await owner.fetchval("SELECT min(no) FROM report WHERE community_id = $1", town.community_id)
    assert all(found.values()), found
    cast = {"person": town.people["mrs_wang"], "staff": town.people["zhang"]}
    there = {"place": town.places["3-2-1502"], "home": town.places["3-2-1502"]}
    return {name: str(value) for name, value in (found | cast | there).items()}


@pytest.fixture
async def ids(everything: Api, owner: asyncpg.Connection, database: Database, town: SmallTown) -> Ids:
    """What is in our own community."""
    return await one_of_each(everything, owner, database, town)


async def content(owner: asyncpg.Connection) -> dict[str, str]:
    """A fingerprint of every table."""
    tables = await owner.fetch(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    whole = "SELECT md5(string_agg(one::text, '|' ORDER BY one::text)) FROM {name} one"
    return {row["name"]: await owner.fetchval(whole.format(name=row["name"])) for row in tables}


def address(route: Route, ids: Ids) -> str:
    return "/".join(ids[part[1:-1]] if part.startswith("{") else part for part in route.path.split("/"))


def example(route: Route) -> Any:
    return DOCUMENT["paths"][route.path][route.method.lower()]["requestBody"]["content"]["application/json"]["example"]


async def send(api: Api, route: Route, ids: Ids, raw: bytes | None = None, **headers: str) -> ClientResponse:
    """The operation, with its example where `raw` is none."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if route.matches:
        sent.setdefault("If-Match", '"1"')
    body = orjson.dumps(example(route)) if raw is None and route.body is not None else raw
    if route.takes_file:
        body = raw or b"home,name"
    if body is not None:
        sent.setdefault("Content-Type", "text/csv" if route.takes_file else "application/json")
    response = await api.ask(route.method, address(route, ids), data=BytesIO(body) if body is not None else None, headers=sent)
    if not route.streams or response.status >= 400:
        await holds_to_the_document(route, response)
    return response


async def holds_to_the_document(route: Route, response: ClientResponse) -> None:
    """The status is one of those that the document names, and a refusal is whole."""
    what = f"{route.operation_id} {response.status} {await response.text()}"
    assert str(response.status) in DOCUMENT["paths"][route.path][route.method.lower()]["responses"], what
    if response.status >= 400:
        problem = await response.json(content_type="application/problem+json")
        assert problem["status"] == response.status < 500, what
        assert problem["code"] and problem["title"] and problem["detail"] and problem["request_id"], what
        assert response.status != 422 or problem.get("errors") or problem["code"] == "community_missing", what


async def code_of(response: ClientResponse) -> tuple[int, str]:
    return response.status, (await response.json(content_type=None))["code"]


@pytest.mark.parametrize("unknown", NO_IDS)
async def test_what_is_not_there_is_not_found(everything: Api, owner: asyncpg.Connection, unknown: str) -> None:
    before = await content(owner)
    found = {route.operation_id: (await send(everything, route, dict.fromkeys(_names(), unknown))).status for route in WITH_ID}

    assert {name: status for name, status in found.items() if status != 404} == {}
    assert await content(owner) == before


def _names() -> set[str]:
    return {part[1:-1] for route in WITH_ID for part in route.path.split("/") if part.startswith("{")}


@pytest.fixture
async def foreign(browser: Browser, database: Database, owner: asyncpg.Connection) -> Ids:
    """What is in a community of another company."""
    company = await owner.fetchval("INSERT INTO company (name, created_at) VALUES ('Other', story_now()) RETURNING id")
    next_door = await owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, created_at)"
        """ VALUES ($1, '{"zh-CN": "邻", "en": "Next"}', 'Asia/Shanghai', '{zh-CN,en}', 'zh-CN', story_now()) RETURNING id""",
        company,
    )
    neighbours = Api(browser, await token_for(database, next_door, "administrator"))
    return await one_of_each(neighbours, owner, database, await build_small_town(database, next_door))


async def test_what_is_somebody_elses_is_like_what_is_not_there(everything: Api, foreign: Ids, owner: asyncpg.Connection) -> None:
    before = await content(owner)
    found = {route.operation_id: (await send(everything, route, foreign)).status for route in WITH_ID}

    assert {name: status for name, status in found.items() if status != 404} == {}
    assert await content(owner) == before


async def test_what_is_somebody_elses_is_not_taken_from_a_body(
    everything: Api, ids: Ids, foreign: Ids, owner: asyncpg.Connection
) -> None:  # fmt: skip
    before = await content(owner)
    found: dict[str, int] = {}
    for route in WITH_BODY:
        for field, body in _with_one_of(route, ids, foreign):
            found[f"{route.operation_id} {field}"] = (await send(everything, route, ids, orjson.dumps(body))).status

    assert len(found) > 30
    assert {name: status for name, status in found.items() if status != 422} == {}
    assert await content(owner) == before


def _with_one_of(route: Route, ids: Ids, foreign: Ids) -> Iterator[tuple[str, Any]]:
    """The example, with one id of another community in each field that holds one."""
    good = _real(example(route), ids)
    for name, whole in _whole_fields(route):
        theirs = _real(whole, foreign, name)
        for path in _paths(whole, (name,)):
            value = _part(whole, path[1:])
            if value == "41" or value in PLACES_OF_EXAMPLES:
                changed = {name: _real(whole, ids, name)} | good
                changed[name] = _real(whole, ids, name)
                yield "/".join(map(str, path)), _with(changed, path, foreign["place"] if value != "41" else _part(theirs, path[1:]))


def _part(whole: Any, path: Sequence[Any]) -> Any:
    for name in path:
        whole = whole[name]
    return whole


async def test_every_example_that_needs_nothing_else_is_accepted(everything: Api) -> None:
    for route in WITH_BODY:
        if route.operation_id in WHOLE_EXAMPLES:
            response = await send(everything, route, {})
            assert response.status == route.status, await response.text()


async def test_what_is_no_json_is_refused_everywhere(everything: Api, ids: Ids, owner: asyncpg.Connection) -> None:
    before = await content(owner)
    for route in WITH_BODY:
        for raw in NO_BODIES:
            assert await code_of(await send(everything, route, ids, raw)) == (400, "malformed")
        for raw in NO_OBJECTS:
            assert await code_of(await send(everything, route, ids, raw)) == (422, "body_invalid")
        assert await code_of(await send(everything, route, ids, b"kind=fire", Content_Type="text/plain")) == (415, "media_type_wrong")
        assert await code_of(await send(everything, route, ids, b" " * (1024 * 1024 + 1))) == (413, "body_too_large")

    assert await content(owner) == before


async def test_what_no_operation_knows_is_named_everywhere(everything: Api, ids: Ids, owner: asyncpg.Connection) -> None:
    before = await content(owner)
    for route in WITH_BODY:
        response = await send(everything, route, ids, orjson.dumps(example(route) | {"nonsense": 1}))
        assert await code_of(response) == (422, "body_invalid")
        assert [one["pointer"] for one in (await response.json(content_type=None))["errors"]] == ["#/nonsense"]
    for route in ROUTES:
        if route.query is not None and not route.takes_file:
            response = await everything.ask(route.method, address(route, ids), params={"nonsense": "1"})
            await holds_to_the_document(route, response)
            assert "?nonsense" in [one["pointer"] for one in (await response.json(content_type=None))["errors"]]

    assert await content(owner) == before


def spoilt(route: Route, ids: Ids) -> Iterator[Any]:
    """The example with one part left out or replaced, for every part, also of fields that the example leaves out, and every wrong value."""
    good = _real(example(route), ids)
    for name, whole in _whole_fields(route):
        body = {name: _real(whole, ids, name)} | good
        for path in _paths(body[name], (name,)):
            yield from (_with(body, path, value) for value in WRONG)
            yield _with(body, path, WRONG, leave_out=True)


def _whole_fields(route: Route) -> Iterator[tuple[str, Any]]:
    """Every field of the body, also those that the example leaves out, with something of all that it may hold."""
    assert route.body is not None
    for name, schema in DOCUMENT["components"]["schemas"][route.body.__name__].get("properties", {}).items():
        yield name, _whole(schema)


def _whole(schema: Any) -> Any:
    """Something of every field, however deep."""
    schemas = DOCUMENT["components"]["schemas"]
    if "$ref" in schema:
        return _whole(schemas[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return _whole(schema["anyOf"][0])
    if "examples" not in schema and "properties" in schema:
        return {name: _whole(one) for name, one in schema["properties"].items()}
    if "examples" not in schema and "items" in schema:
        return [_whole(schema["items"])]
    return example_of(schema, schemas)


def _real(part: Any, ids: Ids, name: str = "") -> Any:
    """With ids of what is there in place of those of the examples."""
    if isinstance(part, dict):
        return {key: _real(value, ids, key) for key, value in part.items()}
    return ids[{"person": "staff", "other": "shift"}.get(name, name if name in ids else "staff")] if part == "41" else part


def _paths(part: Any, here: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield here
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inner:
        yield from _paths(value, (*here, name))


def _with(body: Any, path: tuple[Any, ...], value: Any, *, leave_out: bool = False) -> Any:
    changed = deepcopy(body)
    part = changed
    for name in path[:-1]:
        part = part[name]
    if leave_out:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return changed


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_value_of_any_field_makes_an_operation_fail(
    everything: Api, ids: Ids, owner: asyncpg.Connection, part: int
) -> None:  # fmt: skip
    for route in sorted(WITH_BODY[part::PARTS], key=lambda one: one.path.endswith(ENDS)):
        for body in spoilt(route, ids):
            await send(everything, route, ids, json.dumps(body).encode())


async def test_no_value_in_an_address_makes_an_operation_fail(everything: Api, ids: Ids, owner: asyncpg.Connection) -> None:
    for route in ROUTES:
        for name in route.query.model_fields if route.query is not None else ():
            for value in WRONG_WORDS:
                await holds_to_the_document(route, await everything.ask(route.method, address(route, ids), params={name: value}))


@pytest.mark.parametrize(
    ("header", "code"), [("", "if_match_wrong"), ("*", "if_match_wrong"), ('W/"1"', "if_match_wrong"), ("-1", "if_match_wrong")]
)
async def test_a_version_that_is_none_is_refused(everything: Api, ids: Ids, owner: asyncpg.Connection, header: str, code: str) -> None:
    before = await content(owner)
    for route in ROUTES:
        if route.matches:
            assert await code_of(await send(everything, route, ids, If_Match=header)) == (400, code)

    assert await content(owner) == before


@pytest.mark.parametrize("key", ["x" * 256, '""', "a b\tc", "é"])
async def test_a_key_that_is_none_is_refused(everything: Api, ids: Ids, owner: asyncpg.Connection, key: str) -> None:
    before = await content(owner)
    for route in ROUTES:
        if route.idempotent:
            assert await code_of(await send(everything, route, ids, Idempotency_Key=key)) == (400, "idempotency_key_wrong"), (
                route.operation_id
            )

    assert await content(owner) == before
