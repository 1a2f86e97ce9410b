"""What pydantic found wrong, as faults that name the field and the way out."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from api.errors import BodyInvalidError, FieldFault

_EXPECTED = {
    "string": "=field.a_string",
    "int": "=field.a_whole_number",
    "float": "=field.a_number",
    "bool": "=field.yes_or_no",
    "dict": "=field.an_object",
    "mapping": "=field.an_object",
    "model": "=field.an_object",
    "list": "=field.a_list",
    "tuple": "=field.a_list",
    "datetime": "=field.a_time",
    "timezone": "=field.a_time",
}


class Body(BaseModel):
    """A request's body or query: unknown fields are refused, strings are not made of numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Shown(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(frozen=True)


class Versioned(Shown):
    """Something that can be changed; its `version` is the answer's ETag, to be sent back as If-Match."""

    version: int


def check_body(model: type[BaseModel], raw: bytes) -> BaseModel:
    """JSON text as `model`, without turning one type into another; raises BodyInvalidError with every fault."""
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as problem:
        raise _invalid(model, problem, query=False) from None


def check_query(model: type[BaseModel], values: Mapping[str, str]) -> BaseModel:
    """Query parameters as `model`; raises BodyInvalidError whose pointers are "?name"."""
    for name, value in values.items():
        if "\0" in value:
            raise BodyInvalidError([FieldFault(f"?{name}", "field.nul", {})])
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        raise _invalid(model, problem, query=True) from None


def _invalid(model: type[BaseModel], problem: ValidationError, *, query: bool) -> BodyInvalidError:
    errors = problem.errors(include_url=False, include_context=True)
    return BodyInvalidError([_fault(model, error, query) for error in errors])


def pointer(location: Sequence[int | str]) -> str:
    """A JSON pointer of a location within a document; "" is the document itself."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _fault(model: type[BaseModel], error: Mapping[str, Any], query: bool) -> FieldFault:
    kind: str = error["type"]
    location: tuple[int | str, ...] = error["loc"]
    if location and location[-1] == "[key]":
        location = location[:-1]
    place = f"?{location[0]}" if query and location else pointer(location)
    context: Mapping[str, object] = error.get("ctx", {})
    if kind == "missing":
        return FieldFault(place, "field.missing", {"name": location[-1]})
    if kind == "extra_forbidden":
        return _unknown(model, place, location)
    return FieldFault(place, *_wrong(kind, context), value=error["input"])


def _unknown(model: type[BaseModel], place: str, location: Sequence[int | str]) -> FieldFault:
    known = _fields_at(model, location[:-1])
    name = str(location[-1])
    near = get_close_matches(name, known, n=1)
    if near:
        return FieldFault(place, "field.unknown_near", {"name": name, "near": near[0]}, name)
    return FieldFault(place, "field.unknown", {"name": name, "known": ", ".join(known)}, name)


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The names of the fields of the model at `location` within `model`."""
    schema = model.model_json_schema()
    here = schema
    for part in location:
        if isinstance(part, int):
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(part, here)
        for option in here.get("anyOf", []):
            if "$ref" in option:
                here = option
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rpartition("/")[2]]
    return list(here.get("properties", {}))


def _wrong(kind: str, context: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    if kind in ("literal_error", "enum"):
        return "field.one_of", {"known": str(context.get("expected", "")).replace("'", "")}
    if kind in ("string_too_short", "too_short"):
        return "field.too_short", {"limit": context.get("min_length", 1)}
    if kind in ("string_too_long", "too_long"):
        return "field.too_long", {"limit": context.get("max_length", "")}
    if kind in ("greater_than_equal", "greater_than"):
        return "field.too_small", {"limit": context.get("ge", context.get("gt", ""))}
    if kind in ("less_than_equal", "less_than"):
        return "field.too_big", {"limit": context.get("le", context.get("lt", ""))}
    if kind == "string_pattern_mismatch":
        return "field.pattern", {"pattern": context.get("pattern", "")}
    expected = _EXPECTED.get(kind.split("_")[0])
    if expected:
        return "field.wrong_type", {"expected": expected}
    return "field.wrong", {}
