"""Who looks at a page that is rendered once for many: somebody of whom only that is known in which all of them are equal.

What belongs to one of them (tokens of forms, names) are marks in the text, put in for each reader afterwards. A page that asks for anything
else of its visitor is no page for many: it cannot show one reader what is another's, because it was never told.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import NoReturn

from api.auth.devices import Device
from api.auth.roles import Permission, Role
from api.auth.sessions import Session, grants

_SECRET = token_hex(8)
"""New in each process, so that nobody can write a mark into a note."""


def _mark(name: str) -> str:
    return f"\ue000{_SECRET}{name}\ue001"


CSRF, NAME, DEVICE_CSRF, DEVICE_NAME = MARKS = (_mark("c"), _mark("n"), _mark("d"), _mark("v"))


class PersonalError(Exception):
    """The page depends on who looks at it."""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """In place of a session: its community, roles, how it was opened, and whether it is at a desk device."""

    community_id: int
    roles: frozenset[Role]
    by_pin: bool
    at_desk: bool

    @property
    def is_named(self) -> bool:
        return True

    @property
    def csrf(self) -> str:
        return CSRF

    @property
    def name(self) -> str:
        return NAME

    @property
    def device(self) -> Device | None:
        return Device(0, self.community_id, DEVICE_NAME, DEVICE_CSRF, datetime.fromtimestamp(0, UTC)) if self.at_desk else None

    def may(self, permission: Permission) -> bool:
        return grants(self.roles, by_pin=self.by_pin, permission=permission)

    def must_be_able_to(self, permission: Permission) -> None:
        """Raise PersonalError where a session would be refused: the refusal is the session's own."""
        if not self.may(permission):
            raise PersonalError

    def actor(self) -> NoReturn:
        """Nobody in particular: raises PersonalError."""
        raise PersonalError


def onlooker_of(session: Session) -> Onlooker:
    """What the session has in common with others."""
    return Onlooker(session.community_id, session.roles, session.by_pin, session.device is not None)


def belongings(session: Session) -> dict[str, str]:
    """What is put in the marks' places, as it is (not escaped)."""
    device = session.device
    own = {CSRF: session.csrf, NAME: session.name}
    return own if device is None else {**own, DEVICE_CSRF: device.csrf, DEVICE_NAME: device.name}
