"""The OpenAPI 3.1 document, made of the same rows and models that route and validate; one for each language."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.auth.callers import COMMUNITY_HEADER
from api.examples import Json, example_of
from api.fields import Shown, Versioned
from api.route import Route
from tocsin.base.texts import say

REFERENCE = "#/components/schemas/{model}"
REFUSAL = "#/components/responses/{status}"
FAILURE = 500
OCTETS = "application/octet-stream"
EVENTS = "text/event-stream"


class ProblemError(Shown):
    """One fault; `pointer` is a JSON pointer into what was sent."""

    pointer: str
    detail: str
    value: object = None


class Problem(Shown):
    """A refusal, as in RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[ProblemError] = []
    request_id: str


def make_document(routes: Sequence[Route], *, version: str, server: str, language: str) -> Json:
    """The whole document, its words in `language`."""
    models = {model for route in routes for model in (route.body, route.answer) if model is not None} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    modes: list[tuple[type[BaseModel], Any]] = [(one, _mode(one)) for one in ordered]
    _, schemas = models_json_schema(modes, ref_template=REFERENCE)
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas["$defs"], language)
    statuses = sorted({status for route in routes for status in refusals_of(route)} | {FAILURE})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin", "version": version, "description": say(language, "docs.about")},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "responses": {str(status): _problem(say(language, f"problem.{status}")) for status in statuses},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def refusals_of(route: Route) -> Sequence[int]:
    """Every status with which this operation may refuse."""
    statuses = {401, 403, 422, 503, *route.problems}
    if "{" in route.path:
        statuses.add(404)
    if route.body is not None or route.takes_file:
        statuses |= {400, 413, 415}
    if route.query is not None and "after" in route.query.model_fields:
        statuses.add(400)
    if route.method != "GET" and route.effect:
        statuses |= {400, 409}
    if route.matches:
        statuses |= {412, 428}
    return sorted(statuses)


def _mode(model: type[BaseModel]) -> str:
    return "serialization" if issubclass(model, Shown) else "validation"


def _operation(route: Route, schemas: Json, language: str) -> Json:
    responses: Json = {str(route.status): _success(route, language)}
    responses |= {str(status): {"$ref": REFUSAL.format(status=status)} for status in refusals_of(route)}
    responses["default"] = {"$ref": REFUSAL.format(status=FAILURE)}
    operation: Json = {
        "operationId": route.operation_id,
        "summary": say(language, f"operation.{route.operation_id}"),
        "description": say(language, "docs.roles", roles=", ".join(sorted(route.roles))),
        "tags": [route.path.split("/")[3]],
        "parameters": [*_path_parameters(route), *_query_parameters(route, language), *_headers(route, language)],
        "responses": responses,
    }
    if route.body is not None:
        schema = _reference(route.body)
        required = any(field.is_required() for field in route.body.model_fields.values())
        content = {"application/json": {"schema": schema, "example": example_of(schema, schemas)}}
        operation["requestBody"] = {"required": required, "content": content}
    if route.takes_file:
        in_form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "contentMediaType": OCTETS}}}
        files: Json = {OCTETS: {"schema": {"type": "string"}}, "multipart/form-data": {"schema": in_form}}
        operation["requestBody"] = {"required": True, "content": files}
    return operation


def _path_parameters(route: Route) -> list[Json]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"}} for name in names]


def _query_parameters(route: Route, language: str) -> list[Json]:
    if route.streams and route.gives == EVENTS:
        after = {"type": "string", "pattern": "^[0-9]{1,9}$"}
        return [{"name": "after", "in": "query", "required": False, "description": say(language, "docs.last_event"), "schema": after}]
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    required = schema.get("required", [])
    return [{"name": name, "in": "query", "required": name in required, "schema": inner} for name, inner in schema["properties"].items()]


def _headers(route: Route, language: str) -> list[Json]:
    headers: list[Json] = [_header(COMMUNITY_HEADER, say(language, "docs.community"))]
    if route.idempotent:
        headers.append(_header("Idempotency-Key", say(language, "docs.key")))
    if route.matches:
        headers.append(_header("If-Match", say(language, "docs.version"), required=True))
    if route.streams and route.gives == EVENTS:
        headers.append(_header("Last-Event-ID", say(language, "docs.last_event")))
    return headers


def _header(name: str, description: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string", "maxLength": 255}}


def _success(route: Route, language: str) -> Json:
    if route.streams:
        word = "docs.stream" if route.gives == EVENTS else "docs.done"
        return {"description": say(language, word), "content": {route.gives: {"schema": {"type": "string"}}}}
    assert route.answer is not None, f"{route.operation_id} does not say what it answers"
    answered: Json = {"description": say(language, "docs.done"), "content": {"application/json": {"schema": _reference(route.answer)}}}
    headers: Json = {}
    if route.idempotent:
        headers["Idempotent-Replayed"] = {"description": say(language, "docs.replayed"), "schema": {"type": "string"}}
    if route.method == "GET" and "next" in route.answer.model_fields:
        headers["Link"] = {"description": say(language, "docs.link"), "schema": {"type": "string"}}
    if issubclass(route.answer, Versioned):
        headers["ETag"] = {"description": say(language, "docs.tag"), "schema": {"type": "string"}}
    return answered | ({"headers": headers} if headers else {})


def _problem(description: str) -> Json:
    return {"description": description, "content": {"application/problem+json": {"schema": _reference(Problem)}}}


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": REFERENCE.format(model=model.__name__)}
