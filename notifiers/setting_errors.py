"""Checks a gateway's settings against its kind's model, and says what is wrong in our own errors: field and way out."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from notifiers.channels.shape import ChannelSettings
from notifiers.errors import (
    SettingError,
    SettingMissingError,
    SettingNotEncryptedError,
    SettingPrivateError,
    SettingUnknownError,
    SettingUrlError,
    SettingWrongError,
)

_BY_TYPE: Mapping[str, type[SettingError]] = {
    "missing": SettingMissingError,
    "url_wrong": SettingUrlError,
    "not_encrypted": SettingNotEncryptedError,
    "address_private": SettingPrivateError,
}
_SIGNS = {
    "gt": ">",
    "ge": "≥",
    "lt": "<",
    "le": "≤",
    "min_length": "≥",
    "max_length": "≤",
}


def check_settings(model: type[ChannelSettings], settings: Mapping[str, object]) -> ChannelSettings:
    """The checked settings; raises the SettingError of the first that is wrong, its field under /settings."""
    try:
        return model.model_validate(dict(settings))
    except ValidationError as problem:
        error = problem.errors(include_url=False, include_input=False)[0]
        raise _refusal(model, dict(error)) from None


def _refusal(model: type[BaseModel], error: Mapping[str, Any]) -> SettingError:
    limits: Mapping[str, object] = error.get("ctx", {})
    path = [str(limits["setting"])] if "setting" in limits else [str(part) for part in error["loc"]]
    pointer = "".join(f"/{part}" for part in ["settings", *path])
    name = ".".join(path)
    kind = str(error["type"])
    if kind == "extra_forbidden":
        return SettingUnknownError(field=pointer, name=name, known=", ".join(_known(model, path[:-1])))
    if kind in _BY_TYPE:
        return _BY_TYPE[kind](field=pointer, name=name)
    return SettingWrongError(field=pointer, name=name, expected=_expected(kind, limits))


def _known(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        inner = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return sorted(model.model_fields)


def _expected(kind: str, limits: Mapping[str, object]) -> str:
    """What would have been right, in signs and names that need no language: "≤ 30", "'text' or 'template'", "bool"."""
    for limit, sign in _SIGNS.items():
        if limit in limits:
            return f"{sign} {limits[limit]}"
    if "expected" in limits:
        return str(limits["expected"])
    return kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_wrong")
