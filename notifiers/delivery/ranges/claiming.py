"""Claims pieces of ranges: hundreds of deliveries by the lease of one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Lane

SQL = load_queries(__package__)
PIECES = 8
"""Pieces of so many ranges at most make one claim."""


@dataclass(slots=True)
class InRange:
    """One delivery of a range on the wire; `member_no` leads the members whom it reaches. Not frozen, as Result is not."""

    range_id: int
    message_id: int
    no: int
    member_no: int
    person_id: int
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name."""

    id: int
    name: str


async def claim_ranges(
    tx: Tx, lane: Lane, channel_id: int, room: int, *, now: datetime, until: datetime, repeats_told_apart: bool
) -> list[InRange]:
    """Claim up to `room` deliveries of what waits in ranges at this channel, leased `until` then; `now` is machine time."""
    claimed: list[InRange] = []
    for _ in range(PIECES):
        left = room - len(claimed)
        if left <= 0:
            break
        piece = await tx.rows(SQL.claim_range, InRange, tx.community, lane, channel_id, left, now, until, tx.now, repeats_told_apart)
        if not piece:
            break
        claimed += piece
    return claimed


async def names_of(tx: Tx, person_ids: Iterable[int]) -> dict[int, str]:
    """The names of these persons."""
    return {one.id: one.name for one in await tx.rows(SQL.names_of, Name, tx.community, sorted(set(person_ids)))}
