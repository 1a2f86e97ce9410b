"""Accounts: made, given roles, disabled."""

from dataclasses import dataclass, field

import asyncpg

from api.auth.passwords import hash_password
from api.auth.roles import Role
from api.auth.sessions import end_sessions_of
from tocsin.base.database import Tx
from tocsin.base.errors import TocsinError
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


class LoginTakenError(TocsinError):
    """values: value."""

    code = "login_taken"


class LoginUnknownError(TocsinError):
    """values: value."""

    code = "login_unknown"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made; without a password it logs in by links only."""

    company_id: int
    login: str
    display_name: str
    password: str | None = field(default=None, repr=False)
    language: str = "zh-CN"


async def create_account(tx: Tx, new: NewAccount) -> int:
    """Store an account on the floor; raises LoginTakenError, PasswordUnfitError."""
    hashed = await hash_password(new.password) if new.password is not None else None
    login = new.login.strip().lower()
    try:
        account_id: int = await tx.value(SQL.insert_account, new.company_id, login, new.display_name, hashed, new.language, tx.now)
    except asyncpg.UniqueViolationError as problem:
        raise LoginTakenError(field="/login", value=login) from problem
    return account_id


async def add_membership(tx: Tx, *, account_id: int, community_id: int, role: Role, person_id: int | None = None) -> None:
    """Give an account a role in a community; the same again changes nothing but the person."""
    await tx.run(SQL.upsert_membership, account_id, community_id, role, person_id)


async def remove_membership(tx: Tx, *, account_id: int, community_id: int, role: Role) -> bool:
    """Take a role from an account, from its next request on; False where it did not have it."""
    return await tx.run(SQL.remove_membership, account_id, community_id, role) > 0


async def find_account(tx: Tx, *, company_id: int, login: str) -> int:
    """The id of an account that may log in; raises LoginUnknownError."""
    account_id: int | None = await tx.value(SQL.account_of_login, company_id, login.strip().lower())
    if account_id is None:
        raise LoginUnknownError(field="/login", value=login)
    return account_id


async def disable_account(tx: Tx, *, company_id: int, login: str) -> None:
    """End an account and every session of it; raises LoginUnknownError."""
    account_id = await tx.value(SQL.disable_account, company_id, login.strip().lower(), tx.now)
    if account_id is None:
        raise LoginUnknownError(field="/login", value=login)
    await end_sessions_of(tx, account_id)
