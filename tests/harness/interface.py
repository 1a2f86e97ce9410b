"""The interface as it was promised: docs/openapi.json, and what of a newer document would break a client that was written for it.

`python -m tests.harness.interface` (or `make interface`) writes the file, unless something in it would break; `--break` writes it all the same.
A client is held to what docs/operations.md asks of it: it ignores properties and words that it does not know, and sends no others than it was told.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.openapi import make_document
from api.routes import ROUTES
from tocsin.base.settings import Settings

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
Json = Mapping[str, Any]
LEAST, MOST = ("minimum", "minLength", "minItems", "minProperties"), ("maximum", "maxLength", "maxItems", "maxProperties")


def present_document() -> dict[str, Any]:
    """The document that the service gives now, in English, under the address it has out of the box."""
    return make_document(ROUTES, version="1", server=Settings().public_url, language="en")


def promised_document() -> dict[str, Any]:
    """The document in the file."""
    promised: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return promised


def as_text(document: Json) -> str:
    """How the file holds it: one line a value, so that a change is read in its difference."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def breaking_changes(before: Json, after: Json) -> list[str]:
    """What of `after` a client of `before` would fail on, a line each; none is []."""
    return list(_Comparison(before, after).operations())


@dataclass(frozen=True)
class _Comparison:
    before: Json
    after: Json

    def operations(self) -> Iterator[str]:
        for path, methods in self.before["paths"].items():
            for method, old in methods.items():
                name = f"{method.upper()} {path}"
                new = self.after["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{name}: is gone"
                    continue
                yield from self._parameters(name, old, new)
                yield from self._body(name, old, new)
                yield from self._answers(name, old, new)

    def _parameters(self, name: str, old: Json, new: Json) -> Iterator[str]:
        known = {(one["in"], one["name"]): one for one in old["parameters"]}
        present = {(one["in"], one["name"]): one for one in new["parameters"]}
        for key, one in known.items():
            if key not in present:
                yield f"{name}: parameter {key[1]} is gone"
            else:
                yield from self._taken(f"{name}: parameter {key[1]}", one["schema"], present[key]["schema"], ())
        yield from (
            f"{name}: parameter {one['name']} must be sent" for key, one in present.items()
            if one["required"] and not (key in known and known[key]["required"])
        )  # fmt: skip

    def _body(self, name: str, old: Json, new: Json) -> Iterator[str]:
        had, has = old.get("requestBody"), new.get("requestBody")
        if has is None:
            if had is not None:
                yield f"{name}: takes no body any more"
            return
        if has["required"] and not (had or {"required": False})["required"]:
            yield f"{name}: a body must be sent"
        for media, content in (had or {"content": {}})["content"].items():
            if media not in has["content"]:
                yield f"{name}: takes no {media} any more"
            else:
                yield from self._taken(f"{name}: body", content["schema"], has["content"][media]["schema"], ())

    def _answers(self, name: str, old: Json, new: Json) -> Iterator[str]:
        for status, answer in old["responses"].items():
            if not status.startswith("2"):
                continue
            if status not in new["responses"]:
                yield f"{name}: does not answer {status} any more"
                continue
            for media, content in answer.get("content", {}).items():
                given = new["responses"][status].get("content", {}).get(media)
                if given is None:
                    yield f"{name}: does not answer in {media} any more"
                else:
                    yield from self._given(f"{name}: answer", content["schema"], given["schema"], ())

    def _taken(self, where: str, old: Json, new: Json, seen: tuple[str, ...]) -> Iterator[str]:
        """What may be sent must still be taken."""
        label = old.get("$ref", "")
        if label and label in seen:
            return
        old, new, seen = self._at(self.before, old), self._at(self.after, new), (*seen, label)
        yield from (f"{where}: {one} is not taken any more" for one in sorted(_types(old) - _types(new)) if "any" not in _types(new))
        yield from _narrower(where, old, new)
        if "items" in old and "items" in new:
            yield from self._taken(f"{where}[]", old["items"], new["items"], seen)
        for name, inner in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from self._taken(f"{where}.{name}", inner, new["properties"][name], seen)
            elif new.get("additionalProperties") is False:
                yield f"{where}.{name}: is not taken any more"
        yield from (f"{where}.{name}: must be sent" for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))))
        yield from self._variants(where, old, new, seen, self._taken)

    def _given(self, where: str, old: Json, new: Json, seen: tuple[str, ...]) -> Iterator[str]:
        """What was always answered is answered still, in the same shape. New words of an enumeration are no break."""
        label = old.get("$ref", "")
        if label and label in seen:
            return
        old, new, seen = self._at(self.before, old), self._at(self.after, new), (*seen, label)
        yield from (f"{where}: may be {one} now" for one in sorted(_types(new) - _types(old)) if "any" not in _types(old))
        if "items" in old and "items" in new:
            yield from self._given(f"{where}[]", old["items"], new["items"], seen)
        for name, inner in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}.{name}: is gone"
            else:
                yield from self._given(f"{where}.{name}", inner, new["properties"][name], seen)
        present = set(new.get("properties", ()))
        yield from (
            f"{where}.{name}: may be missing now"
            for name in sorted((set(old.get("required", ())) & present) - set(new.get("required", ())))
        )
        yield from self._variants(where, old, new, seen, self._given)

    def _variants(self, where: str, old: Json, new: Json, seen: tuple[str, ...], compare: Any) -> Iterator[str]:
        """Of shapes with several forms, those of one type are compared with each other."""
        others = {kind: one for one in new.get("anyOf", [new]) for kind in _types(self._at(self.after, one))}
        for one in old.get("anyOf", []):
            for kind in _types(self._at(self.before, one)) & set(others):
                yield from compare(where, one, others[kind], seen)

    @staticmethod
    def _at(document: Json, schema: Json) -> Json:
        """What a reference stands for; a shape with several forms also has the types of each."""
        if "$ref" in schema:
            found: Json = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            return found
        if "anyOf" in schema:
            return {**schema, "types": {kind for one in schema["anyOf"] for kind in _types(_Comparison._at(document, one))}}
        return schema


def _types(schema: Json) -> set[str]:
    if "types" in schema:
        return set(schema["types"])
    kind = schema.get("type", "any")
    return {kind} if isinstance(kind, str) else set(kind)


def _narrower(where: str, old: Json, new: Json) -> Iterator[str]:
    """Values that were taken and are not any more."""
    if "enum" in new or "const" in new:
        words = set(map(str, new.get("enum", [new.get("const")])))
        had = set(map(str, old.get("enum", [old["const"]] if "const" in old else []))) or {"anything else"}
        yield from (f"{where}: {word} is not taken any more" for word in sorted(had - words))
    for limit in LEAST:
        if new.get(limit, 0) > old.get(limit, 0) or (limit == "minimum" and limit in new and limit not in old):
            yield f"{where}: {limit} is {new[limit]} now"
    yield from (f"{where}: {limit} is {new[limit]} now" for limit in MOST if limit in new and new[limit] < old.get(limit, float("inf")))
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: must be written as {new['pattern']} now"


def main() -> None:
    """Write the file, unless a client of the one that is there would fail."""
    present = present_document()
    breaks = breaking_changes(promised_document(), present) if FILE.exists() else []
    if breaks and "--break" not in sys.argv[1:]:
        sys.exit(
            "\n".join(
                [*breaks, "", "A client would fail on this. Keep what was promised, or write it with --break and say so in CHANGELOG.md."]
            )
        )
    FILE.write_text(as_text(present), "utf-8")


if __name__ == "__main__":
    main()
