"""No object of ours shows a secret when it is printed, logged or part of an error."""

import dataclasses
import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_type_hints

import pytest
from pydantic import BaseModel

from tests.house.columns import can_hold
from tests.house.tree import module_of, python_files
from tocsin.base.errors import SettingsError
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings, load_settings

SECRET = "correct-horse-battery-staple-0123456789"
WORDS = {"secret", "password", "cookie", "csrf", "authorization", "credentials", "passphrase", "sealed"}
"""A text in a field whose name has one of these parts (secret_key, password_hash) is nobody's to see; so is a `token`."""

SHOWN = {
    "notifiers.channels.wire.tencent.TencentSettings.secret_id": "the half of the key pair that is sent in the open; the other is sealed apart",
    "notifiers.channels.tencent_sms.settings.TencentSmsSettings.secret_id": "the same",
}
"""Fields that are called so and may be seen: module.Class.field, with the reason."""


@pytest.mark.parametrize("name", ["secret_key", "secret_key_previous", "database_url"])
def test_settings_show_no_secret(name: str) -> None:
    value = f"postgresql://tocsin:{SECRET}@db/tocsin" if name == "database_url" else SECRET
    settings = Settings.model_validate({name: value})

    assert SECRET not in f"{settings!r} {settings!s} {settings}"


def test_a_wrong_setting_is_named_and_its_value_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LEASE_SECONDS", SECRET)
    with pytest.raises(SettingsError, match="TOCSIN_LEASE_SECONDS") as refused:
        load_settings()
    assert SECRET not in f"{refused.value!r} {refused.value} {dict(refused.value.values)}"


def test_the_keys_show_nothing() -> None:
    keys = Secrets(SECRET, SECRET + "before")
    assert SECRET not in f"{keys!r} {keys!s}"
    assert SECRET not in keys.mark("a", "text") + keys.seal("text")


def test_no_field_that_holds_a_secret_is_shown_with_its_object() -> None:
    shown = [f"{where}.{field}" for where, field, is_shown in _fields() if is_shown and f"{where}.{field}" not in SHOWN]
    assert shown == [], "field(repr=False), or SecretStr"


def _fields() -> Iterator[tuple[str, str, bool]]:
    """Every text field with the name of a secret, in all classes of the product, and whether repr() shows it."""
    for path in python_files():
        module = import_module(module_of(path)) if path.name != "__main__.py" else None
        for name, class_ in inspect.getmembers(module, inspect.isclass):
            if class_.__module__ != module_of(path):
                continue
            for field, is_shown in _shown_fields(class_):
                if _is_called_a_secret(field) and can_hold(get_type_hints(class_)[field], "text"):
                    yield f"{module_of(path)}.{name}", field, is_shown


def _shown_fields(class_: type[Any]) -> list[tuple[str, bool]]:
    if dataclasses.is_dataclass(class_):
        return [(one.name, one.repr) for one in dataclasses.fields(class_)]
    if issubclass(class_, BaseModel):
        return [(name, bool(one.repr)) for name, one in class_.model_fields.items()]
    return []


def _is_called_a_secret(name: str) -> bool:
    return name == "token" or bool(WORDS & set(name.split("_")))
