"""Which delivery a gateway means that names only its own id: by that id where it is known, else by the one number that it can be.

The id is known from the gateway's answer on. A receipt that overtakes the answer, or follows one that never came, means the only
delivery to its number that is on the wire or may have been sent; where there are several, nobody can say which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from notifiers.channels.shape import Accepted
from notifiers.links import make_reference
from people.errors import AddressWrongError
from people.persons import normalise_phone
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

if TYPE_CHECKING:
    from notifiers.delivery.settling import Result

SQL = load_queries(__package__)
KEPT = timedelta(days=7)
"""Operators report up to three days late."""


@dataclass(frozen=True, slots=True)
class Named:
    """A delivery."""

    community_id: int
    message_id: int
    no: int

    @property
    def reference(self) -> str:
        return make_reference(self.community_id, self.message_id, self.no)


@dataclass(frozen=True, slots=True)
class NamedRef:
    """A delivery, by the id that its gateway gave it."""

    ref: str
    community_id: int
    message_id: int
    no: int


class SeveralError(Exception):
    """The number has several deliveries that could be meant, and the gateway's id is not known (yet)."""


async def note_refs(tx: Tx, results: Sequence[Result]) -> None:
    """Keep the gateway's own ids of what it took, also where the word came too late to count."""
    named = [(one, one.outcome.gateway_ref) for one in results if one.named_by_gateway and isinstance(one.outcome, Accepted)]
    known = [(one, ref) for one, ref in named if ref]
    if known:
        await tx.run(
            SQL.note_refs, tx.community, [one.message_id for one, _ in known], [one.no for one, _ in known], [ref for _, ref in known],
            tx.machine_now,
        )  # fmt: skip


async def find_by_refs(database: Database, gateway_id: int, refs: Sequence[str]) -> dict[str, Named]:
    """The deliveries that a gateway means by its own ids; what it has not told us (yet) is absent."""
    if not refs:
        return {}
    async with database.floor() as tx:
        rows = await tx.rows(SQL.deliveries_of_refs, NamedRef, gateway_id, list(refs))
    return {one.ref: Named(one.community_id, one.message_id, one.no) for one in rows}


async def find_delivery(database: Database, gateway_id: int, *, gateway_ref: str, address: str) -> Named | None:
    """The delivery meant by a gateway's own id and a number; None when it is none of ours. Raises SeveralError."""
    known = await find_by_refs(database, gateway_id, [gateway_ref])
    return known.get(gateway_ref) or await find_by_number(database, gateway_id, address)


async def find_by_number(database: Database, gateway_id: int, address: str) -> Named | None:
    """The one delivery to a number that a gateway's unknown id can mean; raises SeveralError."""
    async with database.floor() as tx:
        communities = await tx.column(SQL.communities_of_gateway, gateway_id)
    found: list[Named] = []
    for community_id in communities:
        async with database.community(community_id) as tx:
            found += await tx.rows(SQL.maybe_sent_to, Named, community_id, gateway_id, as_stored(address))
    if len(found) > 1:
        raise SeveralError()
    return found[0] if found else None


async def forget_old(tx: Tx) -> int:
    """Drop the community's ids that no receipt will name any more; how many."""
    return await tx.run(SQL.forget_refs, tx.community, tx.machine_now - KEPT)


def as_stored(address: str) -> str:
    """The number as our tables have it: gateways leave the country code out. What is no number stays as it is."""
    try:
        return normalise_phone(address)
    except AddressWrongError:
        return address
