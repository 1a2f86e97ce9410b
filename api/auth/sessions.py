"""Sessions of browsers: an opaque cookie, stored as its hash, ended by log-out, by disabling the account, or after 12 hours.

There is no shorter idle limit on purpose: a desk may wait a whole shift for the call, and must not be asked for a password then.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web

from api.auth.random_tokens import digest, new_token
from api.auth.roles import Permission, Role, may
from api.errors import CommunityForbiddenError, PermissionLackingError
from api.keys import CONTEXT, SESSION_LANGUAGE
from incidents.actors import Actor
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.settings import Settings

SQL = load_queries(__package__)
LIFE = timedelta(hours=12)
_SESSION = web.RequestKey("session", object)


@dataclass(frozen=True, slots=True)
class Session:
    """An open session of one account in one community; `csrf` goes into every form."""

    account_id: int
    company_id: int
    community_id: int
    login: str
    name: str
    language: str
    roles: frozenset[Role]
    person_id: int | None
    csrf: str = field(repr=False)

    def may(self, permission: Permission) -> bool:
        return may(self.roles, permission)

    def actor(self) -> Actor:
        """As whom the record will name them."""
        return Actor("account", self.name, account_id=self.account_id, person_id=self.person_id)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as it lies in the database; it has no roles when the membership ended."""

    account_id: int
    company_id: int
    community_id: int
    login: str
    name: str
    language: str
    roles: list[Role] | None
    person_id: int | None
    csrf: str = field(repr=False)


async def open_session(tx: Tx, *, account_id: int, community_id: int) -> str:
    """Store a new session on the floor; the value of its cookie."""
    token = new_token()
    await tx.run(SQL.insert_session, digest(token), account_id, community_id, new_token(), tx.now, tx.now + LIFE)
    return token


async def read_session(request: web.Request) -> Session | None:
    """The request's session, read once a request; None without one that holds."""
    if _SESSION in request:
        known = request[_SESSION]
        return known if isinstance(known, Session) else None
    context = request.app[CONTEXT]
    token = request.cookies.get(cookie_name(context.settings))
    session = None
    if token:
        async with context.database.floor() as tx:
            row = await tx.maybe(SQL.read_session, SessionRow, digest(token), tx.now)
        session = _session(row) if row is not None and row.roles else None
    request[_SESSION] = session
    if session is not None:
        request[SESSION_LANGUAGE] = session.language
    return session


def _session(row: SessionRow) -> Session:
    return Session(
        account_id=row.account_id,
        company_id=row.company_id,
        community_id=row.community_id,
        login=row.login,
        name=row.name,
        language=row.language,
        roles=frozenset(row.roles or ()),
        person_id=row.person_id,
        csrf=row.csrf,
    )


async def require_session(request: web.Request, permission: Permission | None = None) -> Session:
    """The session of a page's visitor; sends them to the log-in page without one, raises PermissionLackingError without the permission."""
    session = await read_session(request)
    if session is None:
        target = f"/login?next={quote(request.path_qs, safe='')}" if request.method == "GET" else "/login"
        raise web.HTTPSeeOther(target)
    if permission is not None and not session.may(permission):
        raise PermissionLackingError(permission=permission, roles=", ".join(sorted(session.roles)))
    return session


async def end_session(request: web.Request) -> None:
    """Log out: the session is gone from the database, whoever kept a copy of the cookie."""
    context = request.app[CONTEXT]
    token = request.cookies.get(cookie_name(context.settings))
    if token:
        async with context.database.floor() as tx:
            await tx.run(SQL.delete_session, digest(token))


async def end_sessions_of(tx: Tx, account_id: int) -> int:
    """End every session of an account; how many."""
    return await tx.run(SQL.delete_sessions_of, account_id)


async def change_community(request: web.Request, session: Session, community_id: int) -> str:
    """A new session of the same account in another of its communities; raises CommunityForbiddenError without a membership there."""
    async with request.app[CONTEXT].database.floor() as tx:
        if community_id not in await tx.column(SQL.communities_of_account, session.account_id):
            raise CommunityForbiddenError(value=community_id)
        await tx.run(SQL.delete_session, digest(request.cookies[cookie_name(request.app[CONTEXT].settings)]))
        return await open_session(tx, account_id=session.account_id, community_id=community_id)


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach the service over https."""
    return settings.public_url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """Over https the name binds the cookie to this host and to https; over plain http browsers would refuse such a name."""
    return "__Host-tocsin" if is_secure(settings) else "tocsin"


def set_cookie(response: web.StreamResponse, settings: Settings, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(settings),
        token,
        path="/",
        httponly=True,
        secure=is_secure(settings),
        samesite="Lax",
        max_age=int(LIFE.total_seconds()),
    )


def drop_cookie(response: web.StreamResponse, settings: Settings) -> None:
    """Take it back."""
    response.del_cookie(cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="Lax")
