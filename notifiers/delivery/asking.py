"""Chore: asks gateways how a message stands, where they can say. What comes of it is a receipt like any other.

No transaction is open while a gateway is asked.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.channels.shape import Asked, Asking, ReceiptIn
from notifiers.delivery.incoming import take_receipts
from notifiers.delivery.inquiries import ask_again_at
from notifiers.delivery.reach import SQL
from notifiers.gateways import get_gateway, open_channel
from notifiers.links import make_reference
from tocsin.base.database import Database, Tx
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets
from tocsin.base.work import Wakeups, hold, raise_to

KEPT = timedelta(days=4)
"""So long it is known that something was asked: as long as receipts come in."""
BATCH = 20
ROUNDS = 10
"""Of one run; what is left is due at once, and other communities have their turn between."""
AT_ONCE = 10
ASK_SECONDS = 8.0
log = logger("asking")


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to ask about now, as it stands; `sent_at` is UTC."""

    message_id: int
    no: int
    gateway_id: int
    asked: int
    state: str
    address: str
    gateway_ref: str
    sent_at: datetime


async def run_once(database: Database, secrets: Secrets, wakeups: Wakeups, public_url: str, community_id: int) -> int:
    """Ask about everything of the community that is due; how many receipts came of it."""
    heard = 0
    for _ in range(ROUNDS):
        async with database.community(community_id) as tx:
            due = await _take_due(tx)
        by_gateway: dict[int, list[Due]] = defaultdict(list)
        for one in due:
            if one.state in ("unknown", "accepted"):
                by_gateway[one.gateway_id].append(one)
        for gateway_id, some in by_gateway.items():
            said = await _ask(database, secrets, public_url, community_id, gateway_id, some)
            heard += (await take_receipts(database, wakeups, gateway_id, said))["new"]
        if len(due) < BATCH:
            break
    async with database.community(community_id) as tx:
        await tx.run(SQL.forget_inquiries, community_id, tx.machine_now - KEPT)
        if await hold(tx, "inquiries"):
            await raise_to(tx, "inquiries", await tx.value(SQL.next_inquiry, community_id))
    return heard


async def _take_due(tx: Tx) -> list[Due]:
    """What is due, each put off to its next turn before it is asked: a worker that dies asks nobody for ever."""
    due = await tx.rows(SQL.due_inquiries, Due, tx.community, tx.machine_now, BATCH)
    if due:
        await tx.run(
            SQL.put_off_inquiries, tx.community, [one.message_id for one in due], [one.no for one in due],
            [ask_again_at(one.asked + 1, one.state, tx.machine_now) for one in due],
        )  # fmt: skip
    return due


async def _ask(
    database: Database, secrets: Secrets, public_url: str, community_id: int, gateway_id: int, due: Sequence[Due]
) -> list[ReceiptIn]:
    async with database.floor() as tx:
        gateway = await get_gateway(tx, gateway_id)
    try:
        channel = open_channel(gateway, secrets, public_url)
    except Exception as problem:  # noqa: BLE001 - whatever is wrong with one gateway must not stop the others
        log.error("gateway_not_opened", gateway=gateway_id, problem=type(problem).__name__)
        return []
    free = asyncio.Semaphore(AT_ONCE)

    async def one_by_one(one: Due, asking: Asking) -> list[ReceiptIn]:
        asked = Asked(make_reference(community_id, one.message_id, one.no), one.address, one.gateway_ref, one.sent_at)
        try:
            async with free, asyncio.timeout(ASK_SECONDS):
                return list(await asking.ask(asked))
        except TimeoutError:
            return []
        except Exception as problem:  # noqa: BLE001 - a channel's defect must not end the chore
            log.error("channel_raised", gateway=gateway_id, problem=type(problem).__name__)
            return []

    try:
        if not channel.abilities.asks or not isinstance(channel, Asking):
            return []
        return [receipt for said in await asyncio.gather(*(one_by_one(one, channel) for one in due)) for receipt in said]
    finally:
        await channel.close()
