"""Which columns of a statement can be null, as far as its plan shows; and whether a type of ours can hold a column."""

import re
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, NewType, Union

from tests.house.explained import Column, Explained, Node

HOLDS: dict[str, tuple[type, ...]] = {
    "int2": (int,), "int4": (int,), "int8": (int,), "float4": (float,), "float8": (float,), "numeric": (Decimal,),
    "bool": (bool,), "text": (str,), "varchar": (str,), "name": (str,), "bytea": (bytes,), "uuid": (str,),
    "timestamptz": (datetime,), "timestamp": (datetime,), "date": (date,), "time": (time,), "interval": (timedelta,),
    "jsonb": (dict, Mapping, list, Sequence, str, int, bool),
}  # fmt: skip
"""What asyncpg makes of each of PostgreSQL's types."""

_ARRAYS = (list, tuple, Sequence, frozenset)
_PLAIN = re.compile(r"^\(?(?:(\w+)\.)?([a-z]\w*)\)?$")
_NEVER_NULL = re.compile(
    r"^\(*(count\(|COALESCE\(.*, ('|\d|false|true)|EXISTS|ANY \(|\(?\w+\.\w+ IS (NOT )?NULL|'[^']*'::|\d+$|false$|true$)"
)


def may_be_null(column: Column, one: Explained, not_null: frozenset[tuple[str, str]]) -> bool | None:
    """True or False where the plan shows it, None where it does not. `not_null`: (table, column) pairs declared so."""
    if _NEVER_NULL.match(column.expression):
        return False
    if column.expression.startswith("NULL::"):
        return True
    plain = _PLAIN.match(column.expression)
    relations = [node for node in one.nodes if node.table is not None]
    sources = [node for node in relations if plain and plain[1] in (node.facts["Alias"], None)]
    if plain is None or not sources or (plain[1] is None and len(relations) > 1):
        return None
    if any(node.nullable for node in sources):
        return True
    if all((node.table, plain[2]) in not_null or _proves(node, plain[2]) for node in sources):
        return False
    # What an INSERT or UPDATE gives back is what it wrote, whatever the column could hold.
    return None if any(node.writes for node in sources) else True


def _proves(node: Node, column: str) -> bool:
    """Whether the scan's own conditions leave no row in which the column is null."""
    name = f"{node.facts['Alias']}.{column}"
    return name in node.conditions and f"{name} IS NULL" not in node.conditions and " OR " not in node.conditions


def is_optional(type_: Any) -> bool:
    """Whether None is among the values of the type."""
    return type_ in (Any, object) or type(None) in _alternatives(type_)


def can_hold(type_: Any, column: str) -> bool:
    """Whether what asyncpg makes of this column type ("int8", "text[]") is of the type, None left aside."""
    if column.endswith("[]"):
        return any(
            one in (Any, object)
            or (typing.get_origin(one) or one) in _ARRAYS
            and all(can_hold(inner, column[:-2]) for inner in _inner(one))
            for one in _alternatives(type_)
        )
    return any(one in (Any, object) or _plain(one) in HOLDS.get(column, ()) for one in _alternatives(type_) if one is not type(None))


def _inner(type_: Any) -> list[Any]:
    return [one for one in typing.get_args(type_) if one is not Ellipsis]


def _alternatives(type_: Any) -> list[Any]:
    if isinstance(type_, NewType):
        return _alternatives(type_.__supertype__)
    origin = typing.get_origin(type_)
    if origin in (Union, types.UnionType):
        return [inner for one in typing.get_args(type_) for inner in _alternatives(one)]
    if origin is Literal:
        return list({type(one) for one in typing.get_args(type_)})
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(type_)[0])
    return [type_]


def _plain(type_: Any) -> Any:
    return typing.get_origin(type_) or type_
