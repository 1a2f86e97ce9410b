"""Who asks over the JSON interface: a token, or a browser with a session."""

from dataclasses import dataclass

from aiohttp import web

from api.auth.random_tokens import digest
from api.auth.roles import Permission, Role, may
from api.auth.sessions import Session, read_session
from api.auth.tokens import StoredToken, belongs_to, read_token
from api.errors import (
    CommunityForbiddenError,
    CommunityMissingError,
    CredentialsMissingError,
    CredentialsWrongError,
    PermissionLackingError,
)
from api.keys import CONTEXT
from incidents.actors import Actor
from tocsin.base.database import Tx

COMMUNITY_HEADER = "Tocsin-Community"


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks, within one community. `principal` tells callers apart and is stored with idempotency keys."""

    principal: str
    community_id: int
    roles: frozenset[Role]
    actor: Actor
    session: Session | None = None

    def may(self, permission: Permission) -> bool:
        return self.session.may(permission) if self.session is not None else may(self.roles, permission)

    def must_be_able_to(self, permission: Permission) -> None:
        """Raise PermissionLackingError when none of the roles holds `permission`, PinNotEnoughError where a password would do."""
        if self.session is not None:
            self.session.must_be_able_to(permission)
        elif not self.may(permission):
            raise PermissionLackingError(permission=permission, roles=", ".join(sorted(self.roles)))


async def authenticate(request: web.Request) -> Caller:
    """The caller; raises an AuthError that says what is lacking."""
    header = request.headers.get("Authorization")
    if header is None:
        session = await read_session(request)
        if session is None:
            raise CredentialsMissingError()
        return Caller(f"account:{session.account_id}", session.community_id, session.roles, session.actor(), session)
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise CredentialsWrongError()
    return await _by_token(request, token.strip())


async def _by_token(request: web.Request, token: str) -> Caller:
    async with request.app[CONTEXT].database.floor() as tx:
        stored = await read_token(tx, token)
        if stored is None:
            raise CredentialsWrongError()
        community_id = await _community(tx, stored, request.headers.get(COMMUNITY_HEADER))
    principal = f"token:{digest(token).hex()[:16]}"
    return Caller(principal, community_id, frozenset({stored.role}), Actor("token", stored.name))


async def _community(tx: Tx, token: StoredToken, named: str | None) -> int:
    """The community a token speaks for; one that is not its company's is refused like one that does not exist."""
    if named is None:
        if token.community_id is None:
            raise CommunityMissingError()
        return token.community_id
    if not (named.isascii() and named.isdigit() and len(named) < 19):
        raise CommunityForbiddenError(value=named[:20])
    community_id = int(named)
    if token.community_id not in (None, community_id):
        raise CommunityForbiddenError(value=named)
    if not await belongs_to(tx, community_id=community_id, company_id=token.company_id):
        raise CommunityForbiddenError(value=named)
    return community_id
