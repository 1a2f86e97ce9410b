"""Reads the `queries.sql` that lies beside the code that runs it.

A statement is written as

    -- name: claim_due
    -- fills: notifiers.delivery.claims.Claimed
    -- One line of why.
    SELECT …

`fills` is optional; a house test prepares every statement and compares its columns with that type.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_FILLS = re.compile(r"^-- fills: ([\w.]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement: `text` is the SQL, `fills` the dotted name of the type of a row, if it has one."""

    name: str
    text: str
    fills: str | None
    package: str


class Queries:
    """The statements of one package, by name as attributes."""

    def __init__(self, package: str, queries: dict[str, Query]) -> None:
        self.package = package
        self.by_name = queries

    def __getattr__(self, name: str) -> Query:
        try:
            return self.by_name[name]
        except KeyError:
            raise AttributeError(f"{self.package}/queries.sql has no statement named {name}") from None


def parse_queries(package: str, sql: str) -> dict[str, Query]:
    """Split the text of a queries.sql into its statements; raises ValueError on a name used twice."""
    pieces = _NAME.split(sql)
    queries: dict[str, Query] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if name in queries:
            raise ValueError(f"{package}/queries.sql: {name} stands there twice")
        fills = _FILLS.search(body)
        queries[name] = Query(name, body.strip(), fills.group(1) if fills else None, package)
    return queries


@cache
def load_queries(package: str) -> Queries:
    """The statements of `package` (a dotted name), read once from its queries.sql."""
    return Queries(package, parse_queries(package, files(package).joinpath("queries.sql").read_text("utf-8")))
