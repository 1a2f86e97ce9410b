"""Recognises a restored copy by the numbers that PostgreSQL gave to the data directory and to the database.

A dump that was restored differs in one of them. A copy of the files (a snapshot, a base backup, a promoted standby) does not,
and must not: after a fail-over the service has to go on sending.
"""

from dataclasses import dataclass

from people.sending.permission import hold_sending
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which database: `cluster` is empty where the server does not tell."""

    cluster: str
    database_oid: int


async def recognise(tx: Tx) -> list[int]:
    """Hold all sending when this database is a copy of the one that was seen last; the communities that are held by it now."""
    here = await _present(tx)
    known = await tx.maybe(SQL.known_identity, Identity)
    if known is None:
        await tx.run(SQL.first_identity, here.cluster, here.database_oid, tx.now)
        return []
    if known == here:
        return []
    await tx.run(SQL.new_identity, here.cluster, here.database_oid, tx.now)
    return await hold_sending(tx, None)


async def _present(tx: Tx) -> Identity:
    cluster = await tx.value(SQL.cluster) if await tx.value(SQL.may_read_cluster) else ""
    return Identity(str(cluster), int(await tx.value(SQL.database_oid)))
