"""Who visits a page: an account with a session, or an enrolled desk device at which nobody is signed on.

A session is an opaque cookie, stored as its hash, ended by log-out, by disabling the account, or after 12 hours. There is no shorter idle limit
on purpose: a desk may wait a whole shift for the call, and must not be asked for a password then. When it does end, the desk device goes on
without a name, so that no log-in stands between a ringing phone and a declaration.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web

from api.auth import cookies
from api.auth.devices import Device, cookie_of, read_device
from api.auth.random_tokens import digest, new_token
from api.auth.roles import DEVICE_GRANTS, WITHHELD_FROM_PIN, Permission, Role, may
from api.errors import CommunityForbiddenError, PermissionLackingError, PinNotEnoughError
from api.keys import CONTEXT, SESSION_LANGUAGE
from incidents.actors import Actor
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.settings import Settings

SQL = load_queries(__package__)
LIFE = timedelta(hours=12)
COOKIE = "tocsin"
_VISITOR = web.RequestKey("visitor", object)


def grants(roles: frozenset[Role], *, by_pin: bool, permission: Permission) -> bool:
    """Whether a session of these roles holds `permission`."""
    return may(roles, permission) and not (by_pin and permission in WITHHELD_FROM_PIN)


@dataclass(frozen=True, slots=True)
class Session:
    """An open session of one account in one community; `csrf` goes into every form. `device`: the desk device of this community at which
    it is looked at, if it is one; `by_pin` where the account signed on at it by PIN."""

    account_id: int
    company_id: int
    community_id: int
    login: str
    name: str
    language: str
    roles: frozenset[Role]
    person_id: int | None
    csrf: str = field(repr=False)
    device: Device | None = None
    by_pin: bool = False

    @property
    def is_named(self) -> bool:
        return True

    def may(self, permission: Permission) -> bool:
        return grants(self.roles, by_pin=self.by_pin, permission=permission)

    def must_be_able_to(self, permission: Permission) -> None:
        """Raise PermissionLackingError, or PinNotEnoughError where a log-in by password would do."""
        if self.may(permission):
            return
        if may(self.roles, permission):
            raise PinNotEnoughError()
        raise PermissionLackingError(permission=permission, roles=", ".join(sorted(self.roles)))

    def actor(self) -> Actor:
        """As whom the record will name them."""
        at = self.device.id if self.device is not None and self.by_pin else None
        return Actor("account", self.name, account_id=self.account_id, person_id=self.person_id, device_id=at)


@dataclass(frozen=True, slots=True)
class Nameless:
    """A desk device at which nobody is signed on: it may declare and what belongs to it, and is named in the record as itself."""

    device: Device

    @property
    def is_named(self) -> bool:
        return False

    @property
    def community_id(self) -> int:
        return self.device.community_id

    @property
    def name(self) -> str:
        return self.device.name

    @property
    def csrf(self) -> str:
        return self.device.csrf

    @property
    def by_pin(self) -> bool:
        return False

    def may(self, permission: Permission) -> bool:
        return permission in DEVICE_GRANTS

    def must_be_able_to(self, permission: Permission) -> None:
        """Raise PermissionLackingError where somebody must sign on first."""
        if not self.may(permission):
            raise PermissionLackingError(permission=permission, roles=self.device.name)

    def actor(self) -> Actor:
        """As what the record will name it."""
        return Actor("device", self.device.name, device_id=self.device.id)


Visitor = Session | Nameless


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
    by_pin: bool
    csrf: str = field(repr=False)


async def open_session(tx: Tx, *, account_id: int, community_id: int, device_id: int | None = None) -> str:
    """Store a new session; the value of its cookie. `device_id` where it was opened by PIN: it holds at that device alone."""
    token = new_token()
    await tx.run(SQL.insert_session, digest(token), account_id, community_id, new_token(), tx.now, tx.now + LIFE, device_id)
    return token


async def read_visitor(request: web.Request) -> Visitor | None:
    """Who sent the request, read once: the session that holds, else the desk device; None without either."""
    if _VISITOR in request:
        known = request[_VISITOR]
        return known if isinstance(known, Session | Nameless) else None
    context = request.app[CONTEXT]
    token, desk = request.cookies.get(cookies.cookie_name(context.settings, COOKIE)), cookie_of(request, context.settings)
    visitor: Visitor | None = None
    if token or desk:
        async with context.database.floor() as tx:
            device = await read_device(tx, desk) if desk else None
            visitor = Nameless(device) if device is not None else None
            if token:
                row = await tx.maybe(SQL.read_session, SessionRow, digest(token), tx.now, device.id if device is not None else None)
                visitor = _session(row, device) if row is not None and row.roles else visitor
    request[_VISITOR] = visitor
    if isinstance(visitor, Session):
        request[SESSION_LANGUAGE] = visitor.language
    return visitor


async def read_visitor_again(request: web.Request) -> Visitor | None:
    """As `read_visitor`, for a page that reads itself again with everybody else's: a session of a browser that is no desk in one round trip."""
    context = request.app[CONTEXT]
    token = request.cookies.get(cookies.cookie_name(context.settings, COOKIE))
    if not token or cookie_of(request, context.settings):
        return await read_visitor(request)
    rows = await context.database.at_once(SQL.read_session, SessionRow, digest(token), await context.database.story_lately(), None)
    visitor = _session(rows[0], None) if rows and rows[0].roles else None
    request[_VISITOR] = visitor
    if visitor is not None:
        request[SESSION_LANGUAGE] = visitor.language
    return visitor


async def read_session(request: web.Request) -> Session | None:
    """The request's session; None without one that holds, whatever the device."""
    visitor = await read_visitor(request)
    return visitor if isinstance(visitor, Session) else None


def _session(row: SessionRow, device: Device | None) -> Session:
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
        device=device if device is not None and device.community_id == row.community_id else None,
        by_pin=row.by_pin,
    )


async def require_visitor(request: web.Request, permission: Permission, *, nameless: bool = False, again: str | None = None) -> Visitor:
    """The visitor of a page, where they may: a desk device without a name only where `nameless`.

    Sends everybody else to where they say who they are, and from there to `again` (by default the page, where it was only to be
    looked at). Raises PermissionLackingError, PinNotEnoughError.
    """
    visitor = await read_visitor(request)
    target = again or (request.path_qs if request.method == "GET" else "/")
    if visitor is None:
        raise web.HTTPSeeOther(f"/login?next={quote(target, safe='')}" if target != "/" else "/login")
    if isinstance(visitor, Nameless) and not nameless:
        raise web.HTTPSeeOther(f"/sign-on?next={quote(target, safe='')}")
    visitor.must_be_able_to(permission)
    return visitor


async def require_session(request: web.Request) -> Session:
    """The session of somebody who changes something of their own; sends them to the log-in page without one."""
    session = await read_session(request)
    if session is None:
        raise web.HTTPSeeOther("/login")
    return session


async def end_session(request: web.Request) -> None:
    """Log out: the session is gone from the database, whoever kept a copy of the cookie."""
    context = request.app[CONTEXT]
    token = request.cookies.get(cookies.cookie_name(context.settings, COOKIE))
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
        await tx.run(SQL.delete_session, digest(request.cookies[cookies.cookie_name(request.app[CONTEXT].settings, COOKIE)]))
        return await open_session(tx, account_id=session.account_id, community_id=community_id)


def set_cookie(response: web.StreamResponse, settings: Settings, token: str) -> None:
    """Give the browser its session."""
    cookies.keep(response, settings, COOKIE, token, int(LIFE.total_seconds()))


def drop_cookie(response: web.StreamResponse, settings: Settings) -> None:
    """Take it back."""
    cookies.drop(response, settings, COOKIE)
