"""The OpenAPI 3.1 document, made of the same rows and models that route and validate."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.auth.callers import COMMUNITY_HEADER
from api.fields import Shown
from api.route import Route

REFERENCE = "#/components/schemas/{model}"
Json = dict[str, Any]


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


OCTETS = "application/octet-stream"


def make_document(routes: Sequence[Route], *, version: str, server: str) -> Json:
    """The whole document."""
    models = {model for route in routes for model in (route.body, route.answer) if model is not None} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    modes: list[tuple[type[BaseModel], Any]] = [(one, _mode(one)) for one in ordered]
    _, schemas = models_json_schema(modes, ref_template=REFERENCE)
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": version,
            "description": "Emergency notification and incident coordination for residential communities.",
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _mode(model: type[BaseModel]) -> str:
    return "serialization" if issubclass(model, Shown) else "validation"


def _operation(route: Route) -> Json:
    operation: Json = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "description": f"Roles: {', '.join(sorted(route.roles))}.",
        "tags": [route.path.split("/")[3]],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_headers(route)],
        "responses": {str(route.status): _success(route), "4XX": _problem("Refused"), "5XX": _problem("Failed; try again")},
    }
    if route.body is not None:
        required = any(field.is_required() for field in route.body.model_fields.values())
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": _reference(route.body)}}}
    if route.takes_file:
        in_form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "contentMediaType": OCTETS}}}
        content = {OCTETS: {"schema": {"type": "string"}}, "multipart/form-data": {"schema": in_form}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(route: Route) -> list[Json]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"}} for name in names]


def _query_parameters(route: Route) -> list[Json]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    required = schema.get("required", [])
    return [{"name": name, "in": "query", "required": name in required, "schema": inner} for name, inner in schema["properties"].items()]


def _headers(route: Route) -> list[Json]:
    headers: list[Json] = [_header(COMMUNITY_HEADER, "Which community, for a token of the whole company")]
    if route.idempotent:
        headers.append(_header("Idempotency-Key", "A repeat with the same key gets the first answer; kept for 24 hours"))
    if route.matches:
        headers.append(_header("If-Match", "The version that was seen, as its ETag gave it", required=True))
    if route.streams and route.gives == "text/event-stream":
        headers.append(_header("Last-Event-ID", "Number of the last event that was read"))
    return headers


def _header(name: str, description: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string", "maxLength": 255}}


def _success(route: Route) -> Json:
    if route.streams:
        return {"description": "Done", "content": {route.gives: {"schema": {"type": "string"}}}}
    assert route.answer is not None, f"{route.operation_id} does not say what it answers"
    answered: Json = {"description": "Done", "content": {"application/json": {"schema": _reference(route.answer)}}}
    if route.idempotent:
        answered["headers"] = {
            "Idempotent-Replayed": {"description": "true where this is the first one's answer", "schema": {"type": "string"}}
        }
    return answered


def _problem(description: str) -> Json:
    return {"description": description, "content": {"application/problem+json": {"schema": _reference(Problem)}}}


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": REFERENCE.format(model=model.__name__)}
