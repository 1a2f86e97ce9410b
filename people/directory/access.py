"""Looking at what is not everybody's to see leaves a line: who, when, whose, and what for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from people.directory.contact_points import contact_point
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: `kind` as the record names actors (account, token, …)."""

    kind: str
    name: str
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the log; `what`: address, reason. `at` is story time (UTC)."""

    id: int
    at: datetime
    actor_kind: str
    actor_name: str
    what: str
    person_id: int
    contact_point_id: int | None
    why: str


async def look_at_address(tx: Tx, contact_point_id: int, who: Looker, why: str) -> str:
    """The whole address, once the look is noted in the same transaction; raises ContactPointUnknownError."""
    point = await contact_point(tx, contact_point_id)
    await tx.run(SQL.note_look, tx.community, tx.now, who.kind, who.name, who.account_id, point.person_id, point.id, why)
    return point.address


@dataclass(frozen=True, slots=True)
class NumberLookedAt:
    """The number (E.164) under which somebody is called first."""

    person_id: int
    number: str


async def look_at_numbers(tx: Tx, person_ids: Sequence[int], who: Looker, why: str) -> dict[int, str]:
    """The first number of each of these people who has one, each look noted in the same transaction."""
    values = (list(person_ids), tx.now, who.kind, who.name, who.account_id, why)
    found = await tx.rows(SQL.look_at_numbers, NumberLookedAt, tx.community, *values)
    return {one.person_id: one.number for one in found}


async def look_at_reason(tx: Tx, person_id: int, who: Looker, why: str) -> str | None:
    """Why somebody needs help first; None where nothing is noted of them. The database itself notes the look."""
    reason: str | None = await tx.value(SQL.look_at_reason, tx.community, person_id, tx.now, who.kind, who.name, who.account_id, why)
    return reason


async def looks(tx: Tx, *, person_id: int | None = None, before: int | None = None, limit: int = 50) -> list[Look]:
    """The log, the newest first; `before`: the id of the last line of the page before."""
    return await tx.rows(SQL.looks, Look, tx.community, person_id, before or _NEWEST, limit)
