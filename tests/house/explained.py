"""What PostgreSQL says of a statement: its columns, the plan that one plan for all values gives, what it reads and writes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg

from tests.house.statements import BY_OWNER, key_of, sql_of
from tocsin.base.database import SERVICE_ROLE, SESSION
from tocsin.base.queries import Query

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
PLANNED = re.compile(r"^(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.MULTILINE)
_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "TID Cond")


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a plan; `nullable` where an outer join above it may fill its columns with nulls."""

    facts: dict[str, Any]
    nullable: bool

    @property
    def kind(self) -> str:
        return str(self.facts["Node Type"])

    @property
    def table(self) -> str | None:
        """The table it reads or writes; a partition counts as its table."""
        name = self.facts.get("Relation Name")
        return None if name is None else str(name).removesuffix("_rest")

    @property
    def writes(self) -> bool:
        return self.kind == "ModifyTable"

    @property
    def conditions(self) -> str:
        """Everything that chooses its rows, as text."""
        return " AND ".join(str(self.facts[name]) for name in _CONDITIONS if name in self.facts)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result: `type` is PostgreSQL's name ("int8", "text[]"), `expression` what it is computed from."""

    name: str
    type: str
    expression: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A statement as PostgreSQL understands it; `plan` is None for what is not planned (SET)."""

    query: Query
    parameters: int
    columns: tuple[Column, ...]
    plan: dict[str, Any] | None

    @property
    def nodes(self) -> list[Node]:
        return [] if self.plan is None else list(_nodes(self.plan, nullable=False))


def _nodes(plan: dict[str, Any], *, nullable: bool) -> Iterator[Node]:
    yield Node(plan, nullable)
    join = plan.get("Join Type")
    for below in plan.get("Plans", ()):
        side = below.get("Parent Relationship")
        filled = join == "Full" or (join == "Left" and side == "Inner") or (join == "Right" and side == "Outer")
        yield from _nodes(below, nullable=nullable or filled)


async def explain(connection: Connection, query: Query) -> Explained:
    """Prepare the statement and explain its generic plan, with the rights and the row-level security of the session's role.

    Raises what PostgreSQL raises when the statement does not fit the schema or the role may not run it.
    """
    text = sql_of(query)
    prepared = await connection.prepare(text)
    parameters = len(prepared.get_parameters())
    plan = None
    if PLANNED.search(text):
        await connection.execute(f"PREPARE house AS {text}")
        try:
            nulls = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
            plan = json.loads(await connection.fetchval(f"EXPLAIN (VERBOSE, COSTS, FORMAT JSON) EXECUTE house{nulls}"))[0]["Plan"]
        finally:
            await connection.execute("DEALLOCATE house")
    attributes = prepared.get_attributes()
    expressions = (plan or {}).get("Output", [])
    columns = tuple(
        Column(one.name, one.type.name, expressions[index] if index < len(expressions) else "") for index, one in enumerate(attributes)
    )
    return Explained(query, parameters, columns, plan)


async def explain_all(connection: Connection, queries: dict[str, Query]) -> tuple[dict[str, Explained], dict[str, str]]:
    """Every statement that PostgreSQL accepts, and for the others what it said."""
    explained: dict[str, Explained] = {}
    refused: dict[str, str] = {}
    for key, query in queries.items():
        try:
            async with connection.transaction():
                explained[key] = await explain(connection, query)
        except asyncpg.PostgresError as problem:
            refused[key] = str(problem)
    return explained, refused


async def as_service(connection: Connection, community_id: int) -> None:
    """Go on as the service does: its role, its settings, one community; to be called within a transaction."""
    for name, value in SESSION.items():
        await connection.execute(f"SET LOCAL {name} = '{value}'")
    await connection.execute(f"SET LOCAL ROLE {SERVICE_ROLE}")
    await connection.execute(f"SET LOCAL app.community = '{community_id:d}'")


def of_service(queries: dict[str, Query]) -> dict[str, Query]:
    """The statements that the service itself runs."""
    return {key: query for key, query in queries.items() if key_of(query) not in BY_OWNER}
