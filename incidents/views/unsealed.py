"""Whether those whom messages of an incident concern are all known yet: figures and lists lack whoever is still to be counted."""

from dataclasses import dataclass

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Unsealed:
    """`counting`: a message is still to be sealed, in a moment; `unsealable`: so many could not be, and nobody was told by them."""

    counting: bool = False
    unsealable: int = 0


async def unsealed(tx: Tx, incident_id: int) -> Unsealed:
    """Messages to residents that are not stopped."""
    return await tx.maybe(SQL.unsealed, Unsealed, tx.community, incident_id) or Unsealed()
