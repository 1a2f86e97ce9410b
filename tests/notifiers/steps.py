"""The steps of delivery, each in a transaction of its own, for tests that look between them."""

from datetime import timedelta

from notifiers.announcements import Announced, Announcement, announce
from notifiers.channels.shape import Outcome
from notifiers.delivery.claims import Claimed, Room, claim
from notifiers.delivery.settling import Result, settle
from notifiers.delivery.verdicts import Standing
from tests.notifiers.town import Town
from tocsin.base.database import Database
from tocsin.base.work import Lane

_STATES = """
SELECT message_id, no, state FROM delivery_all
UNION
SELECT r.message_id, a.delivery_no, CASE WHEN r.lease_until IS NULL THEN 'queued' ELSE 'sending' END
FROM delivery_range AS r
JOIN audience_member AS a ON a.message_id = r.message_id AND a.channel_id = r.channel_id AND a.delivery_no BETWEEN r.first_no AND r.last_no
WHERE (r.lease_until IS NOT NULL OR a.reach = 'trying') AND a.delivery_no <> ALL (coalesce(r.passed_over, '{}'))
  AND NOT EXISTS (SELECT FROM delivery_all AS d WHERE d.message_id = r.message_id AND d.no = a.delivery_no)
ORDER BY message_id, no"""


async def post(database: Database, town: Town, announcement: Announcement) -> Announced:
    """Announce and commit."""
    async with database.community(town.community) as tx:
        return await announce(tx, announcement)


async def take(
    database: Database, town: Town, channel: int, *, room: int = 100, lane: Lane = "alert", repeats: bool = False,
    lease_seconds: float = 20.0, ahead: float = 0.0,
) -> list[Claimed]:  # fmt: skip
    """Claim from one channel, as if it were `ahead` seconds later."""
    async with database.community(town.community) as tx:
        now = tx.machine_now + timedelta(seconds=ahead)
        return await claim(tx, lane, [Room(channel, room, repeats)], now=now, lease_seconds=lease_seconds)


def came(claimed: Claimed, outcome: Outcome, *, repeats: bool = False, by_hand: bool = False) -> Result:
    """The result of a claim."""
    standing = Standing(claimed.attempts, claimed.maybe_sent, repeats, claimed.life_safety, claimed.alert)
    return Result(
        claimed.message_id,
        claimed.no,
        claimed.token,
        outcome,
        standing,
        by_hand=by_hand,
        range_id=claimed.range_id,
        member_no=claimed.member_no,
    )


async def finish(database: Database, town: Town, *results: Result) -> None:
    """Settle results."""
    async with database.community(town.community) as tx:
        await settle(tx, results, tx.machine_now)


async def states(town: Town) -> list[tuple[int, str]]:
    """All deliveries: number and state, the queue's and the settled."""
    rows = await town.owner.fetch(_STATES)
    return [(row["no"], row["state"]) for row in rows]


async def reaches(town: Town) -> list[str]:
    """Where the members of all messages stand."""
    rows = await town.owner.fetch("SELECT reach, reason FROM audience_member ORDER BY message_id, member_no")
    return [row["reach"] if row["reason"] is None else f"{row['reach']}: {row['reason']}" for row in rows]
