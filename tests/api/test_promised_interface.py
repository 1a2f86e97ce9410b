"""What the interface has promised holds: docs/openapi.json is what it says now, and nothing in it would break a client."""

from copy import deepcopy
from typing import Any

import pytest

from tests.harness.interface import as_text, breaking_changes, present_document, promised_document

BODY: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["fire", "power_cut"]},
        "words": {"type": "string", "maxLength": 400},
        "minutes": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
        "homes": {"type": "array", "items": {"type": "string"}},
    },
}  # fmt: skip
ANSWER: dict[str, Any] = {
    "type": "object", "required": ["id", "links"],
    "properties": {"id": {"type": "string"}, "at": {"type": "string"}, "links": {"$ref": "#/components/schemas/Links"}},
}  # fmt: skip
LINKS: dict[str, Any] = {
    "type": "object",
    "required": ["self"],
    "properties": {"self": {"type": "string"}, "next": {"$ref": "#/components/schemas/Links"}},
}
QUERY: dict[str, Any] = {"name": "q", "in": "query", "required": False, "schema": {"type": "string"}}


def _document() -> dict[str, Any]:
    """A small interface: one operation that takes, answers, and refers to itself."""
    operation = {
        "parameters": [deepcopy(QUERY)],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}},
        "responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}}, "422": {}},
    }
    schemas = {"Body": deepcopy(BODY), "Answer": deepcopy(ANSWER), "Links": deepcopy(LINKS)}
    return {"paths": {"/x": {"post": operation}}, "components": {"schemas": schemas}}


def _changed(at: str, value: object) -> dict[str, Any]:
    """The small interface with one thing else; `value` None takes it away."""
    document = _document()
    *way, last = at.split(".")
    here: Any = {"op": document["paths"]["/x"]["post"], "paths": document["paths"], **document["components"]["schemas"]}
    for part in way:
        here = here[int(part)] if isinstance(here, list) else here[part]
    if value is None:
        del here[last]
    elif isinstance(here, list):
        here[int(last)] = value
    else:
        here[last] = value
    return document


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        ("paths./x", None, "POST /x: is gone"),
        ("op.requestBody", None, "takes no body any more"),
        ("op.responses.201", None, "does not answer 201 any more"),
        ("op.parameters.0", {**QUERY, "required": True}, "parameter q must be sent"),
        ("op.parameters.0", {**QUERY, "name": "text"}, "parameter q is gone"),
        ("Body.required", ["kind", "words"], "body.words: must be sent"),
        ("Body.properties.words", None, "body.words: is not taken any more"),
        ("Body.properties.words", {"type": "string", "maxLength": 300}, "body.words: maxLength is 300 now"),
        ("Body.properties.words", {"type": "integer"}, "body.words: string is not taken any more"),
        ("Body.properties.kind", {"type": "string", "enum": ["fire"]}, "body.kind: power_cut is not taken any more"),
        ("Body.properties.minutes", {"type": "integer", "minimum": 1}, "body.minutes: null is not taken any more"),
        ("Body.properties.minutes.anyOf.0.minimum", 5, "body.minutes: minimum is 5 now"),
        ("Body.properties.homes.items", {"type": "string", "pattern": "^[0-9]+$"}, "body.homes[]: must be written as ^[0-9]+$ now"),
        ("Answer.properties.id", None, "answer.id: is gone"),
        ("Answer.properties.id", {"type": "integer"}, "answer.id: may be integer now"),
        ("Answer.properties.id", {"anyOf": [{"type": "string"}, {"type": "null"}]}, "answer.id: may be null now"),
        ("Answer.required", ["id"], "answer.links: may be missing now"),
        ("Links.properties.self", None, "answer.links.self: is gone"),
    ],
)  # fmt: skip
def test_what_a_client_would_fail_on_is_named(at: str, value: object, said: str) -> None:
    found = breaking_changes(_document(), _changed(at, value))

    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("paths./y", {"get": {}}),
        ("op.parameters", [QUERY, {**QUERY, "name": "more"}]),
        ("Body.properties.more", {"type": "string"}),
        ("Body.required", []),
        ("Body.properties.words", {"type": "string", "maxLength": 500}),
        ("Body.properties.kind", {"type": "string", "enum": ["fire", "power_cut", "gas_smell"]}),
        ("Body.properties.words", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("Answer.properties.more", {"type": "string"}),
        ("Answer.required", ["id", "links", "at"]),
        ("op.responses.409", {}),
    ],
)  # fmt: skip
def test_what_a_client_does_not_notice_is_no_break(at: str, value: object) -> None:
    assert breaking_changes(_document(), _changed(at, value)) == []


def test_nothing_that_was_promised_is_broken() -> None:
    present, promised = present_document(), promised_document()

    assert breaking_changes(promised, present) == [], (
        "keep what was promised, or run `make interface ARGS=--break` and tell users in CHANGELOG.md"
    )
    assert as_text(present) == as_text(promised), "docs/openapi.json is not what the interface says now: run `make interface`"
