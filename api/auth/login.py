"""Log-in by password or by one-time link; wrong tries make the next one slower, for the account and for the peer, and lock nobody out."""

from dataclasses import dataclass, field
from datetime import timedelta

from api.auth import passwords
from api.auth.random_tokens import digest, new_token
from api.auth.sessions import open_session
from api.errors import LogInLinkWrongError, LogInRefusedError, SlowDownError
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
LINK_LIFE = timedelta(hours=24)
_FREE_FOR_AN_ACCOUNT, _FREE_FOR_A_PEER = 4, 20
_LONGEST_WAIT = 30
_FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as log-in needs it; `community_id` is the first community it is a member of."""

    id: int
    password_hash: str | None = field(repr=False)
    community_id: int | None


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a successful log-in gives: the cookie's value."""

    cookie: str = field(repr=False)
    account_id: int
    community_id: int


async def log_in(database: Database, *, login: str, password: str, peer: str) -> NewSession:
    """Check a password and open a session. Raises SlowDownError, or LogInRefusedError that does not say what was wrong."""
    account = await check_password(database, login=login, password=password, peer=peer)
    async with database.floor() as tx:
        assert account.community_id is not None
        cookie = await open_session(tx, account_id=account.id, community_id=account.community_id)
    return NewSession(cookie, account.id, account.community_id)


async def check_password(database: Database, *, login: str, password: str, peer: str, account_id: int | None = None) -> AccountRow:
    """Whose password it is, where they have a role in a community; `account_id` where it must be this one's.

    Raises SlowDownError, or LogInRefusedError that does not say what was wrong.
    """
    name = login.replace("\0", "").strip().lower()[:200]
    by_account, by_peer = f"account:{name}", f"peer:{peer}"
    async with database.floor() as tx:
        await _take_try(tx, by_account, _FREE_FOR_AN_ACCOUNT)
        await _take_try(tx, by_peer, _FREE_FOR_A_PEER)
        accounts = await tx.rows(SQL.accounts_by_login, AccountRow, name)
    account = await _first_matching([one for one in accounts if account_id in (None, one.id)], password)
    if account is None or account.community_id is None:
        raise LogInRefusedError()
    async with database.floor() as tx:
        await tx.run(SQL.forget_failures, [by_account])
        await tx.run(SQL.give_back_try, by_peer)
        await _renew_hash(tx, account, password)
    return account


async def _take_try(tx: Tx, bucket: str, free: int) -> None:
    """Count a try before it is judged, so that tries made side by side neither slip through nor hold up whoever else logs in.

    Raises SlowDownError; what was counted in the transaction is then undone.
    """
    if await tx.value(SQL.take_try, bucket, free, _LONGEST_WAIT, _FORGOTTEN_AFTER) is None:
        raise SlowDownError(seconds=await tx.value(SQL.wait_seconds, [bucket]) or 1)


async def _first_matching(accounts: list[AccountRow], password: str) -> AccountRow | None:
    """Logins are unique within a company only; the password tells which is meant."""
    for account in accounts or [AccountRow(0, None, None)]:
        if await passwords.is_password(password, account.password_hash):
            return account
    return None


async def _renew_hash(tx: Tx, account: AccountRow, password: str) -> None:
    if account.password_hash is not None and passwords.needs_rehash(account.password_hash):
        await tx.run(SQL.set_password, account.id, await passwords.hash_password(password))


async def make_link(tx: Tx, account_id: int) -> str:
    """A token that logs this account in once within 24 hours; for `/login/<token>`."""
    token = new_token()
    await tx.run(SQL.insert_link, digest(token), account_id, tx.now + LINK_LIFE)
    return token


async def is_link(database: Database, token: str) -> bool:
    """Whether the link would log in; looking does not use it up."""
    async with database.floor() as tx:
        return await tx.value(SQL.link_holds, digest(token), tx.now) is not None


async def log_in_by_link(database: Database, token: str) -> NewSession:
    """Use the link up and open a session; raises LogInLinkWrongError."""
    async with database.floor() as tx:
        account = await tx.maybe(SQL.use_link, AccountRow, digest(token), tx.now)
        if account is None or account.community_id is None:
            raise LogInLinkWrongError()
        cookie = await open_session(tx, account_id=account.id, community_id=account.community_id)
    return NewSession(cookie, account.id, account.community_id)
