"""Tokens of other systems: `Authorization: Bearer …`."""

from dataclasses import dataclass
from datetime import datetime

from api.auth.random_tokens import digest, new_token
from api.auth.roles import Role
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
PREFIX = "tocsin_"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be made; without `community_id` it may be used for every community of the company."""

    company_id: int
    community_id: int | None
    name: str
    role: Role
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token that holds now."""

    company_id: int
    community_id: int | None
    name: str
    role: Role


async def create_token(tx: Tx, new: NewToken) -> str:
    """Store a token on the floor and return it; it is not shown again."""
    token = new_token(PREFIX)
    await tx.run(SQL.insert_token, digest(token), new.company_id, new.community_id, new.name, new.role, tx.now, new.expires_at)
    return token


async def read_token(tx: Tx, token: str) -> StoredToken | None:
    """The token, unless it is unknown, revoked or expired."""
    return await tx.maybe(SQL.read_token, StoredToken, digest(token), tx.now)


async def revoke_token(tx: Tx, *, company_id: int, name: str) -> int:
    """End all tokens of that name; how many."""
    return await tx.run(SQL.revoke_token, company_id, name, tx.now)


async def belongs_to(tx: Tx, *, community_id: int, company_id: int) -> bool:
    """Whether the community is one of the company's."""
    return await tx.value(SQL.community_of_company, community_id, company_id) is not None
