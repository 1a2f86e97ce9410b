"""Somebody's transaction that was forgotten keeps every dead row of the queue: a claim costs the same all the while, and the service says so."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.metrics import Metrics
from api.service_state import service_state
from notifiers.delivery import line
from notifiers.delivery.worker import Sender
from tests.harness.gateways import sms_gateway
from tests.notifiers.steps import post
from tests.notifiers.town import SECRETS, SETTINGS, Town, alert
from tocsin.app.cli import status_words
from tocsin.base.database import Database, connect
from tocsin.base.work import Wakeups

PEOPLE = 300
IN_FLIGHT = 6


@pytest.fixture
async def forgotten(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that was left in the middle of a transaction that has looked."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await connection.fetchval("SELECT count(*) FROM person")
    yield connection
    await connection.close()


async def test_a_claim_passes_over_nothing_that_was_claimed_before(
    database_url: str,
    database: Database,
    owner: asyncpg.Connection,
    community: int,
    monkeypatch: pytest.MonkeyPatch,
    forgotten: asyncpg.Connection,
) -> None:
    for limit in ("LOOK_SECONDS", "LONGEST_LOOK_SECONDS"):
        monkeypatch.setattr(line, limit, 60.0)
    town = Town(owner, community)
    people = await town.owner.fetch(
        "WITH made AS (INSERT INTO person (community_id, kind, name, language) SELECT $1, 'staff', 'Zhang', 'en' FROM generate_series(1, $2)"
        " RETURNING id) INSERT INTO contact_point (community_id, person_id, kind, address, consent, quality)"
        " SELECT $1, id, 'mobile', '+86170' || lpad(id::text, 8, '0'), '{alert}', 'good' FROM made RETURNING person_id",
        town.community, PEOPLE,
    )  # fmt: skip
    async with sms_gateway() as gateway:
        await town.channel(await town.gateway("http_sms", settings=gateway.settings(in_flight=IN_FLIGHT)), "sms")
        await post(database, town, alert(*(row["person_id"] for row in people)))
        before = await _entries_read(town.owner)
        own = await connect(database_url, size=4)
        sender = Sender(own, SECRETS, Wakeups(own), SETTINGS)
        await sender.run_once()
        await sender.close()
        await own.close()
    assert len(gateway.sent) == PEOPLE and await town.owner.fetchval("SELECT count(*) FROM delivery") == 0
    assert await _entries_read(town.owner) - before < PEOPLE * PEOPLE / IN_FLIGHT / 4, "claims read what is dead again and again"


async def test_the_service_says_whose_transaction_is_old_and_how_old(
    database: Database, monkeypatch: pytest.MonkeyPatch, forgotten: asyncpg.Connection
) -> None:
    pid = forgotten.get_server_pid()
    state = await service_state(database)
    assert state.oldest is not None
    assert (state.oldest.pid, state.oldest.who, state.oldest.state) == (pid, "postgres", "idle in transaction")
    assert status_words.checks_of(state)["transactions"] == {"ok": True}
    monkeypatch.setattr(status_words, "OLD_SECONDS", 0.0)
    found = status_words.checks_of(state)["transactions"]
    assert (found["ok"], found["pid"]) == (False, pid)
    numbers = Metrics()
    numbers.service.state = state
    assert f"tocsin_database_oldest_transaction_seconds {state.oldest.seconds}" in numbers.exposition()[0].decode()
    await forgotten.execute("ROLLBACK")
    assert (await service_state(database)).oldest is None


async def _entries_read(owner: asyncpg.Connection) -> int:
    """How many entries of the queue's index were read, by connections that have ended."""
    await owner.execute("SELECT pg_stat_clear_snapshot()")
    return int(await owner.fetchval("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'delivery_waiting'"))
