"""Holding and allowing what leaves: while a community is held, its incidents run on and its messages wait in their queue."""

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


async def hold_sending(tx: Tx, community_id: int | None) -> list[int]:
    """Send nothing more for the community, or for all (None), from the next claim on; those that were not held before."""
    return await tx.column(SQL.set_may_send, community_id, False)


async def allow_sending(tx: Tx, community_id: int | None) -> list[int]:
    """Send again for the community, or for all (None), also what has waited and not expired; those that were held before."""
    return await tx.column(SQL.set_may_send, community_id, True)


async def held_communities(tx: Tx) -> list[int]:
    """The communities for which nothing is sent."""
    return await tx.column(SQL.held)
