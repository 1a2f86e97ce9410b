"""Calls that the desk makes: handed to it by the channel "by hand", settled by a key pressed after dialling."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from notifiers.delivery.lastmile import fill
from notifiers.delivery.reach import SQL, Settled, lock_messages
from notifiers.delivery.receipts import restate, standings
from notifiers.errors import DeliveryUnknownError
from people.persons import PreferredMeans
from tocsin.base.database import Tx

CallResult = Literal["answered", "not_answered", "switched_off", "wrong_number"]


@dataclass(frozen=True, slots=True)
class CallToMake:
    """Somebody the desk has to call, and what to say. `since` is story time.

    `text` is in `language`, the one of the community's that is nearest to what they speak (`speaks`, a BCP 47 tag; `dialect`: as the office
    noted it). `preferred_means`: how they want to be told. `proxy_name`, `proxy_relation`: whose number it is, where it is somebody else's.
    """

    message_id: int
    no: int
    person_id: int
    name: str
    number: str
    since: datetime
    text: str
    language: str
    code: str
    speaks: str
    dialect: str
    preferred_means: PreferredMeans
    proxy_name: str | None
    proxy_relation: str | None


async def waiting(tx: Tx, subject: int) -> list[CallToMake]:
    """The calls of this subject that nobody made yet, the oldest first; none to people who know by now."""
    calls = await tx.rows(SQL.calls_waiting, CallToMake, tx.community, subject)
    return [replace(one, text=fill(one.text, link="", code=one.code, name=one.name)) for one in calls]


async def finish(tx: Tx, message_id: int, no: int, result: CallResult) -> None:
    """What came of a call. Answered confirms its people; anything else sends them on to their next way.

    Pressed twice it counts once. Raises DeliveryUnknownError when this is no call of this community.
    """
    heads = await lock_messages(tx, [message_id])
    standing = (await standings(tx, [(message_id, no)])).get((message_id, no))
    if standing is None or not standing.by_hand:
        raise DeliveryUnknownError(field="/message", value=message_id, message_id=message_id, no=no)
    if standing.state in ("accepted", "failed") and result == "answered":
        await restate(tx, heads, [Settled(message_id, no, "delivered", by_hand=True)])
    elif standing.state == "accepted":
        await restate(tx, heads, [Settled(message_id, no, "failed", result, by_hand=True)])
