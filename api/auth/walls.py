"""Addresses of wallboards: whoever has one sees the wall of its community, without a log-in and until it is withdrawn."""

import re
from dataclasses import dataclass
from datetime import datetime

from api.auth.random_tokens import digest, new_token
from api.errors import WallWithdrawnError
from notifiers.errors import LinkRefusedError
from notifiers.links import base36
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
_TOKEN = re.compile(r"([0-9a-z]{1,13})-[A-Za-z0-9_-]{43}")
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wall:
    """One address that was made; the address itself is not known any more."""

    id: int
    name: str
    made_by: str
    made_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


async def make_wall(tx: Tx, name: str, by: str) -> str:
    """The token of a new address, `<public_url>/wall/<token>`; it is given out once."""
    token = new_token(f"{base36(tx.community)}-")
    await tx.run(SQL.insert_wall, tx.community, digest(token), name, by, tx.now)
    return token


async def withdraw_wall(tx: Tx, wall_id: int, by: str) -> bool:
    """The address leads nowhere from now on; False where there was none to withdraw."""
    return await tx.run(SQL.withdraw_wall, tx.community, wall_id, by, tx.now) > 0


async def walls(tx: Tx) -> list[Wall]:
    """Every address there was, those that hold first, then the newest."""
    return await tx.rows(SQL.walls, Wall, tx.community)


def community_of_wall(token: str) -> int:
    """The community that a token names; raises LinkRefusedError where it is none of ours. Says nothing of whether it holds."""
    match = _TOKEN.fullmatch(token)
    community_id = int(match.group(1), 36) if match else 0
    if not 0 < community_id <= _LARGEST_ID:
        raise LinkRefusedError()
    return community_id


async def read_wall(tx: Tx, token: str) -> Wall:
    """The wall of this token; raises LinkRefusedError where none was made so, WallWithdrawnError."""
    wall = await tx.maybe(SQL.read_wall, Wall, tx.community, digest(token))
    if wall is None:
        raise LinkRefusedError()
    if wall.withdrawn_at is not None:
        raise WallWithdrawnError()
    return wall
