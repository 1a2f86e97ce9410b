"""The messages of an incident, with their texts and where those stand whom each concerns."""

from dataclasses import dataclass
from datetime import datetime

from notifiers.delivery.pausing import PausedWhy
from notifiers.errors import MessageUnknownError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message; `texts` by language with the slots of the last mile, the seven places sum to `size`, and are 0 until it is `counted`;
    `unsealable`: that failed, and nobody has been told. Times are story time."""

    id: int
    subject: int | None
    kind: str
    audience: str
    drill: bool
    texts: dict[str, str]
    posted_at: datetime
    expires_at: datetime
    stopped_at: datetime | None
    paused_at: datetime | None
    paused_why: PausedWhy | None
    counted: bool
    unsealable: bool
    size: int
    confirmed: int
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int


async def messages_of(tx: Tx, incident_id: int, *, after: int = 0, limit: int = 50) -> list[MessageView]:
    """The incident's messages behind id `after`, the oldest first."""
    return await tx.rows(SQL.messages_of, MessageView, tx.community, incident_id, after, limit)


async def one_message(tx: Tx, message_id: int) -> MessageView:
    """One message; raises MessageUnknownError."""
    found = await tx.maybe(SQL.one_message, MessageView, tx.community, message_id)
    if found is None:
        raise MessageUnknownError(value=message_id, id=message_id)
    return found
