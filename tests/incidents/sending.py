"""What is queued leaves: claimed and taken by the gateway, without a network."""

import asyncpg

from notifiers.channels.shape import Accepted
from notifiers.delivery import fan_out
from notifiers.delivery.claims import Room, claim
from notifiers.delivery.settling import Result, settle
from notifiers.delivery.verdicts import Standing
from tests.harness.small_town import RESIDENTS, STAFF, SmallTown
from tocsin.base.database import Database
from tocsin.base.work import DELIVERY_LANES, Wakeups

CHENS_PHONE = "+8613900000008"
"""Mr Chen lives nowhere until a story lets him."""
PHONES = {CHENS_PHONE: "chen"} | {phone: name for name, (_, phone, *_) in (STAFF | RESIDENTS).items()}
Got = dict[str, list[str]]


async def everything_leaves(database: Database, town: SmallTown, owner: "asyncpg.Connection[asyncpg.Record]") -> Got:
    """Send whatever is queued; the texts that left, by the name of whose telephone it is, or its number."""
    got: Got = {}
    await fan_out.run_once(database, Wakeups(database), town.community_id)
    rooms = [Room(row["id"], 1000, repeats_told_apart=False) for row in await owner.fetch("SELECT id FROM channel WHERE kind = 'sms'")]
    for lane in DELIVERY_LANES:
        async with database.community(town.community_id) as tx:
            claimed = await claim(tx, lane, rooms, now=tx.machine_now, lease_seconds=60)
            taken = [one for one in claimed if not one.expired]
            standing = Standing(attempts=1, maybe_sent=False, repeats_told_apart=False, life_safety=False, alert=False)
            await settle(tx, [Result(one.message_id, one.no, one.token, Accepted(), standing) for one in taken], tx.machine_now)
        for one in taken:
            got.setdefault(PHONES.get(one.address, one.address), []).append(one.words.text)
    return got
