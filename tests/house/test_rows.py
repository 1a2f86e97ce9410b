"""Every statement that fills a type gives that type's fields: their names, their types, and nulls only where None is allowed."""

import dataclasses
import inspect
import typing
from collections import defaultdict
from importlib import import_module
from typing import Any

import pytest

from tests.house.columns import can_hold, is_optional, may_be_null
from tests.house.conftest import Ask
from tests.house.explained import Explained
from tests.house.statements import statements

NEVER_NULL_ALL_THE_SAME = {
    ("api.answer_before", "body"): "the check idempotency_answer_is_whole gives every status its body",
    ("notifiers.gateways_set_aside", "why"): "the check gateway_permit_set_aside_is_probed gives every instant its reason",
    ("notifiers.delivery.set_apart", "at"): "its condition says so; the plan's partial index says it in the plan's stead",
    ("incidents.answers.members_of_deliveries", "person_id"): "the check audience_member_is_somebody_or_a_home: nobody has no delivery",
    ("notifiers.delivery.sealing.left", "to_seal"): "its condition says so",
    ("incidents.conductor.reporting_homes", "id"): "its condition says so",
    ("notifiers.delivery.other_ways", "no"): "it is what the members are found by",
    ("incidents.views.open_call_backs", "due"): "its condition says so; the plan's partial index says it in the plan's stead",
    ("incidents.views.open_complaints", "due"): "its condition says so; the plan's partial index says it in the plan's stead",
}
"""Columns that look as if they could be null, and the reason why they cannot."""

FILLING = {key: query.fills for key, query in statements().items() if query.fills is not None}


@pytest.fixture(scope="session")
def not_null(ask: Ask) -> frozenset[tuple[str, str]]:
    """The columns that are declared NOT NULL."""
    rows = ask(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND a.attnotnull AND a.attnum > 0"
    )
    return frozenset((row["relname"].removesuffix("_rest"), row["attname"]) for row in rows)


def _type(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _fields(type_: Any) -> dict[str, Any]:
    """What can be given to the type by name, and the type of each."""
    hints = typing.get_type_hints(type_, include_extras=True)
    return {name: hints[name] for name in inspect.signature(type_).parameters}


def _needed(type_: Any) -> set[str]:
    return {name for name, one in inspect.signature(type_).parameters.items() if one.default is inspect.Parameter.empty}


def test_every_type_that_is_filled_is_a_dataclass() -> None:
    assert [f"{key}: {name}" for key, name in FILLING.items() if not dataclasses.is_dataclass(_type(name))] == []


@pytest.mark.parametrize("key", FILLING)
def test_columns_are_the_types_fields(key: str, explained: dict[str, Explained]) -> None:
    type_ = _type(FILLING[key])
    names = [column.name for column in explained[key].columns]

    assert len(names) == len(set(names))
    assert set(names) - set(_fields(type_)) == set(), "columns that the type has no field for"
    assert _needed(type_) - set(names) == set(), "fields that no column fills"


@pytest.mark.parametrize("key", FILLING)
def test_columns_are_of_the_types_that_the_fields_have(key: str, explained: dict[str, Explained]) -> None:
    fields = _fields(_type(FILLING[key]))

    assert [f"{one.name} is {one.type}" for one in explained[key].columns if not can_hold(fields[one.name], one.type)] == []


@pytest.mark.parametrize("key", FILLING)
def test_what_can_be_null_may_be_none(key: str, explained: dict[str, Explained], not_null: frozenset[tuple[str, str]]) -> None:
    fields = _fields(_type(FILLING[key]))
    nulls = {one.name for one in explained[key].columns if may_be_null(one, explained[key], not_null)}
    proven = {column for statement, column in NEVER_NULL_ALL_THE_SAME if statement == key}

    assert proven <= nulls, "these need no reason any more"
    assert [name for name in sorted(nulls - proven) if not is_optional(fields[name])] == []


def test_what_may_be_none_can_be_null(explained: dict[str, Explained], not_null: frozenset[tuple[str, str]]) -> None:
    """A field that no statement ever fills with null says so in its type; otherwise every reader has to ask for nothing."""
    sources: dict[tuple[str, str], list[bool | None]] = defaultdict(list)
    for key, name in FILLING.items():
        for column in explained[key].columns:
            sources[name, column.name].append(may_be_null(column, explained[key], not_null))
    needless = [
        f"{name}.{field}"
        for (name, field), nulls in sources.items()
        if all(null is False for null in nulls) and is_optional(_fields(_type(name))[field])
    ]
    assert needless == []
