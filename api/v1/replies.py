"""What people wrote that answers no open alert: a human at the desk reads it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from api.cursors import make_cursor, read_cursor
from api.fields import Shown
from api.route import Call
from api.v1.shapes import Id, Page, masked
from tocsin.base.queries import load_queries

SQL = load_queries("api")
_NEWEST = 2**63 - 1
Outcome = Literal["unmatched", "ambiguous", "not_understood"]


@dataclass(frozen=True, slots=True)
class UnmatchedReply:
    """A reply as it lies in the database."""

    id: int
    address: str
    text: str
    received_at: datetime
    outcome: Outcome


class ReplyShown(Shown):
    """One reply; the number is whole only for the desk."""

    id: Id
    address: str
    text: str
    received_at: datetime
    outcome: Outcome


class ReplyList(Shown):
    """A page of replies, newest first."""

    items: list[ReplyShown]
    next: str | None


async def list_unmatched_replies(call: Call, query: Page) -> ReplyList:
    """List replies that no open alert could be found for."""
    before = read_cursor(query.after, 1)[0] if query.after else _NEWEST
    found = await call.tx.rows(SQL.unmatched_replies, UnmatchedReply, call.tx.community, before, query.limit)
    whole = call.caller.may("desk")
    items = [
        ReplyShown(
            id=str(one.id), address=one.address if whole else masked(one.address), text=one.text, received_at=one.received_at,
            outcome=one.outcome,
        )
        for one in found
    ]  # fmt: skip
    return ReplyList(items=items, next=make_cursor(found[-1].id) if len(found) == query.limit else None)
