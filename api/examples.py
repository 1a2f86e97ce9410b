"""An example of what can be sent, made of the examples that the fields carry."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_BY_TYPE: Mapping[str, object] = {"integer": 1, "boolean": True, "array": [], "object": {}}
_BY_FORMAT: Mapping[str, object] = {"date": "2026-11-27", "date-time": "2026-11-27T20:00:00+08:00"}


def example_of(schema: Json, schemas: Mapping[str, Json]) -> object:
    """Fields that may be left out are, unless they carry an example; `schemas` are those that a $ref may name."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        inner = schema["properties"]
        wanted = [*schema.get("required", ()), *(name for name, one in inner.items() if "examples" in one)]
        return {name: example_of(inner[name], schemas) for name in dict.fromkeys(wanted)}
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", ""), "…"))
