"""What the interface says about itself is true."""

import re
from pathlib import Path

import asyncpg
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import OpenAPIV31SpecValidator

import api
from api.fields import check_body
from api.openapi import make_document
from api.problems import BROKEN, STATUS
from api.route import Route
from api.routes import ROUTES
from tests.api.conftest import Api
from tests.harness.filled import Filled
from tocsin.base.embedded import Embedded
from tocsin.base.errors import TocsinError
from tocsin.base.texts import LANGUAGES, catalogue, has_text, say

WORDS = ("summary", "description", "title")
Browser = TestClient[web.Request, web.Application]


async def test_the_document_is_valid_openapi_and_speaks_the_callers_language(browser: Browser) -> None:
    documents = []
    for language in LANGUAGES:
        response = await browser.get("/openapi.json", headers={"Accept-Language": language})
        document = await response.json()
        assert document["openapi"] == "3.1.0"
        assert response.headers["Content-Language"] == language
        assert document["paths"]["/api/v1/drills"]["post"]["summary"] == say(language, "operation.declare_drill")
        documents.append(document)

    # Validating takes seconds, and the languages differ in nothing but words.
    OpenAPIV31SpecValidator(documents[0]).validate()
    assert [_without_words(one) for one in documents[1:]] == [_without_words(documents[0])] * (len(documents) - 1)


def _without_words(part: object) -> object:
    """The same document with every word for people left empty."""
    if isinstance(part, dict):
        return {key: "" if isinstance(one, str) and key in WORDS else _without_words(one) for key, one in part.items()}
    return [_without_words(one) for one in part] if isinstance(part, list) else part


async def test_every_operation_is_in_the_document_under_its_own_name(browser: Browser) -> None:
    document = await (await browser.get("/openapi.json")).json()
    described = {
        (method.upper(), path, operation["operationId"]) for path, one in document["paths"].items() for method, operation in one.items()
    }

    assert described == {(route.method, route.path, route.operation_id) for route in ROUTES}
    assert len({route.operation_id for route in ROUTES}) == len(ROUTES)


def test_no_two_shapes_have_one_name() -> None:
    models = {model for route in ROUTES for model in (route.body, route.answer, route.query) if model is not None}
    names = [model.__name__ for model in models]

    assert sorted(name for name in names if names.count(name) > 1) == []


async def test_every_address_of_the_interface_is_served_from_the_table(server: TestServer) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in server.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }

    assert served == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_operation_says_what_it_does_and_what_it_answers(route: Route) -> None:
    assert say("en", f"operation.{route.operation_id}") == route.summary
    assert say("zh-CN", f"operation.{route.operation_id}")
    assert route.streams or route.answer is not None
    assert route.method in ("GET", "DELETE") or route.body is not None or route.takes_file
    assert route.roles


def test_every_example_can_be_sent() -> None:
    document = make_document(ROUTES, version="1", server="http://tocsin.test", language="en")
    for route in ROUTES:
        if route.body is not None:
            sent = document["paths"][route.path][route.method.lower()]["requestBody"]["content"]["application/json"]["example"]
            check_body(route.body, orjson.dumps(sent))


async def test_the_page_of_the_document_shows_every_operation(browser: Browser) -> None:
    html = await (await browser.get("/docs", headers={"Accept": "text/html"})).text()

    assert all(f'id="{route.operation_id}"' in html for route in ROUTES)


def _codes() -> set[str]:
    """The codes of every error class there is in the packages that the interface calls."""
    found: set[str] = set()
    waiting = [TocsinError]
    while waiting:
        one = waiting.pop()
        found.add(one.code)
        waiting += one.__subclasses__()
    return found


def test_every_refusal_has_its_words_in_both_languages() -> None:
    assert {code for code in _codes() if not has_text(f"error.{code}")} == set()


def test_the_table_of_statuses_holds_no_code_that_does_not_exist() -> None:
    assert set(STATUS) | set(BROKEN) <= _codes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_the_code_asks_for_is_in_the_catalogues(language: str) -> None:
    folder = Path(api.__file__).parent
    pattern = re.compile(r'"((?:field|problem|plain|login|docs|error)\.(?!html)[a-z_0-9]+)"')
    files = [*folder.glob("*.py"), *folder.glob("auth/*.py"), *folder.glob("v1/*.py"), *folder.glob("templates/*.html")]
    asked = {key for file in files for key in pattern.findall(file.read_text("utf-8"))}

    assert asked - set(catalogue(language)) == set()


def test_both_languages_hold_the_same_texts() -> None:
    assert set(catalogue("zh-CN")) == set(catalogue("en"))


async def test_health_needs_no_database_and_readiness_does(browser: Browser) -> None:
    assert (await browser.get("/healthz")).status == 200
    ready = await browser.get("/readyz")
    assert ready.status == 200
    assert (await ready.json())["checks"]["migrations"] == {"ok": True, "missing": []}


async def test_a_town_that_was_filled_long_ago_has_no_late_worker_when_it_is_cloned(filled: Filled, postgres: Embedded) -> None:
    copied = await filled.template_of("small_town")
    owner = await asyncpg.connect(postgres.address_of(copied))
    assert await owner.execute("UPDATE work SET due_at = due_at - interval '10 minutes'") != "UPDATE 0"
    filled.present_at["small_town"] -= 600
    await filled.template_of("small_town")
    assert await owner.fetchval("SELECT min(due_at) > clock_timestamp() - interval '1 minute' FROM work")
    await owner.close()


async def test_the_metrics_count_requests_by_operation(browser: Browser) -> None:
    await browser.get("/api/v1/incidents")
    text = await (await browser.get("/metrics")).text()

    assert 'tocsin_http_requests_total{operation="list_all_incidents",status="401"} 1.0' in text


async def test_the_metrics_say_how_the_whole_service_is(browser: Browser, owner: asyncpg.Connection) -> None:
    text = await (await browser.get("/metrics")).text()
    assert "tocsin_database_up 1.0" in text and "tocsin_communities_held 0.0" in text
    assert "tocsin_work_oldest_seconds " in text
    await owner.execute("UPDATE community SET may_send = false")
    assert "tocsin_communities_held 1.0" in await (await browser.get("/metrics")).text()


async def test_what_is_held_back_is_no_delay_of_the_worker(clerk: Api, browser: Browser, owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE community SET may_send = false")
    await clerk.declare()
    late = "UPDATE work SET due_at = clock_timestamp() - interval '1 hour' WHERE lane = 'alert'"
    assert await owner.execute(late) == "UPDATE 1"
    assert (await browser.get("/readyz")).status == 200
    await owner.execute("UPDATE community SET may_send = true")
    assert (await browser.get("/readyz")).status == 503
