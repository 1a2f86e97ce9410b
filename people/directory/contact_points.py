"""Somebody's addresses: in which order they are tried, for what purposes, how good they are, and whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from people.errors import ChangedMeanwhileError, ContactPointTakenError, ContactPointUnknownError, PersonUnknownError
from people.persons import NewContactPoint, Quality, normalise_address
from people.search.index import reindex_people
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One address of a person.

    `rank`: the first choice is 0. `consent`: purposes of alert, emergency, notice. `quality_reason` says why the quality is what it is, since
    `quality_at` (story time, UTC); `failures` in a row since it last worked. `proxy_name` and `proxy_relation`: it is somebody else's, and the
    person counts as reached only when they confirm.
    """

    id: int
    person_id: int
    kind: str
    address: str
    rank: int
    consent: list[str]
    consent_source: str
    quality: Quality
    quality_reason: str | None
    quality_at: datetime | None
    failures: int
    proxy_name: str | None
    proxy_relation: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ContactPointChange:
    """What is to be noted of an address; the address itself is given anew, as another contact point."""

    rank: int
    consent: Sequence[str]
    consent_source: str
    proxy: tuple[str, str] | None


async def contact_points_of(tx: Tx, person_id: int) -> list[ContactPoint]:
    """Somebody's addresses, in the order in which they are tried."""
    return await tx.rows(SQL.contact_points_of, ContactPoint, tx.community, person_id)


async def contact_point(tx: Tx, contact_point_id: int) -> ContactPoint:
    """One address, held until the transaction ends; raises ContactPointUnknownError."""
    point = await tx.maybe(SQL.contact_point, ContactPoint, tx.community, contact_point_id)
    if point is None:
        raise ContactPointUnknownError(value=contact_point_id)
    return point


async def give_contact_point(tx: Tx, new: NewContactPoint) -> int:
    """Add an address that the person does not have yet; its id. Raises AddressWrongError, PersonUnknownError, ContactPointTakenError."""
    address = normalise_address(new.kind, new.address)
    try:
        added = await tx.value(
            SQL.insert_contact_point, tx.community, new.person_id, new.kind, address, new.rank, list(new.consent), new.quality,
            new.proxy[0] if new.proxy else None, new.proxy[1] if new.proxy else None, new.consent_source,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as problem:
        raise ContactPointTakenError(field="/address") from problem
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=new.person_id) from problem
    await reindex_people(tx, [new.person_id])
    lower(tx, "quality")
    return int(added)


async def change_contact_point(tx: Tx, contact_point_id: int, version: int, change: ContactPointChange) -> None:
    """Note something else of an address; raises ContactPointUnknownError, ChangedMeanwhileError."""
    await _check(tx, contact_point_id, version)
    name, relation = change.proxy or (None, None)
    await tx.run(
        SQL.update_contact_point, tx.community, contact_point_id, change.rank, list(change.consent), change.consent_source, name, relation
    )


async def remove_contact_point(tx: Tx, contact_point_id: int, version: int) -> None:
    """The address is not theirs any more; raises ContactPointUnknownError, ChangedMeanwhileError."""
    point = await _check(tx, contact_point_id, version)
    await tx.run(SQL.delete_contact_point, tx.community, contact_point_id)
    await reindex_people(tx, [point.person_id])


async def _check(tx: Tx, contact_point_id: int, version: int) -> ContactPoint:
    point = await contact_point(tx, contact_point_id)
    if point.version != version:
        raise ChangedMeanwhileError(present=point.version)
    return point
