"""A repeat of a request with the same Idempotency-Key gets the first one's answer and does nothing.

The key's row is inserted before the effect and completed in the effect's own transaction. Of repeats that run at once, one
inserts and the others wait on its row; when it commits they replay its answer, when it fails the next one takes its turn. A refused
request leaves nothing behind, so it may be corrected and sent again under the same key. Keys are kept for 24 hours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg

from api.errors import IdempotencyKeyWrongError, IdempotencyMismatchError, StillRunningError
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

if TYPE_CHECKING:  # a worker, which forgets old keys, serves no pages
    from aiohttp import web

SQL = load_queries(__package__)
KEPT = timedelta(hours=24)
FORGOTTEN_AT_ONCE = 5_000
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and the key it came with; `principal` is who asked, so that keys of others never meet."""

    principal: str
    key: str
    method: str
    path: str
    body: bytes

    @property
    def scope(self) -> str:
        return f"{self.principal} {self.method} {self.path}"

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True, slots=True)
class Before:
    """The answer that was given to this key."""

    request_hash: bytes
    status: int
    body: str


def key_of(request: web.Request) -> str | None:
    """The Idempotency-Key header, bare or in quotes; raises IdempotencyKeyWrongError when it cannot be one."""
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        return None
    key = sent[1:-1] if len(sent) > 1 and sent[0] == sent[-1] == '"' else sent
    if not 0 < len(key) <= _LONGEST or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyWrongError(value=key[:40])
    return key


async def begin(tx: Tx, asked: Asked) -> Before | None:
    """None when this request is the first with its key; otherwise the answer to replay.

    Raises IdempotencyMismatchError for another body under the same key, StillRunningError when the first takes too long.
    """
    await tx.run(SQL.forget_key, tx.community, asked.scope, asked.key, tx.now - KEPT)
    try:
        inserted = await tx.run(SQL.insert_key, tx.community, asked.scope, asked.key, asked.digest, tx.now)
    except asyncpg.LockNotAvailableError as problem:
        raise StillRunningError(value=asked.key) from problem
    if inserted:
        return None
    before = await tx.maybe(SQL.answer_before, Before, tx.community, asked.scope, asked.key)
    if before is None:
        raise StillRunningError(value=asked.key)
    if before.request_hash != asked.digest:
        raise IdempotencyMismatchError(value=asked.key)
    return before


async def finish(tx: Tx, asked: Asked, status: int, body: str) -> None:
    """Store the answer beside the effect."""
    await tx.run(SQL.complete_key, tx.community, asked.scope, asked.key, status, body)


async def run_once(database: Database, community_id: int) -> int:
    """Chore: forget answers older than 24 hours, the oldest first and not too many at a time; how many."""
    async with database.community(community_id) as tx:
        return await tx.run(SQL.forget_old_keys, tx.community, tx.now - KEPT, FORGOTTEN_AT_ONCE)
