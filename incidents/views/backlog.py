"""What a community has under way: what an operator looks at before a restored copy may send."""

from dataclasses import dataclass

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Incidents that are not over, and deliveries that wait and have not expired."""

    open_incidents: int
    waiting: int


async def backlog(tx: Tx) -> Backlog:
    """That of the transaction's community."""
    return await tx.maybe(SQL.backlog, Backlog, tx.community, tx.now) or Backlog(0, 0)
