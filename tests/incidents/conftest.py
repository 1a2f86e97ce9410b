"""The small town with a channel for SMS and the desk's telephone; nothing is sent unless a test does."""

import asyncpg
import pytest

from incidents.actors import Actor
from incidents.desk.changes import Desk
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database, Tx
from tocsin.base.work import Wakeups

CLERK = Actor("account", "陈静", account_id=1)


@pytest.fixture
async def town(small_town: SmallTown, community: int, owner: asyncpg.Connection) -> SmallTown:
    """The small town, reachable by SMS and, last, by the desk's telephone."""
    for kind, rank in (("sms", 0), ("by_hand", 9)):
        gateway = await owner.fetchval(
            "INSERT INTO gateway (company_id, kind, name, settings, hook_key, sink, rate_per_second, burst, created_at)"
            " SELECT company_id, $2, $2, '{}', $2, true, 100, 100, story_now() FROM community WHERE id = $1 RETURNING id",
            community,
            "http_sms" if kind == "sms" else kind,
        )
        await owner.execute(
            "INSERT INTO channel (community_id, gateway_id, kind, rank, sink) VALUES ($1, $2, $3, $4, true)",
            community,
            gateway,
            kind,
            rank,
        )
    return small_town


@pytest.fixture
def wakeups(database: Database) -> Wakeups:
    """Hints, which nobody hears here."""
    return Wakeups(database)


def desk_of(tx: Tx, wakeups: Wakeups) -> Desk:
    """The clerk Chen Jing at work in a transaction."""
    return Desk(tx, wakeups, CLERK)
