"""Which role may do what: one table, read by the interface, the pages and the documentation."""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["clerk", "night_desk", "department_lead", "supervisor", "administrator"]
Permission = Literal[
    "read", "declare", "call", "desk", "steer", "answer", "confirm", "drill", "directory", "roster", "reveal", "care", "wall", "enrol",
    "administer",
]  # fmt: skip

ROLES: tuple[Role, ...] = get_args(Role)

GRANTS: Mapping[Role, frozenset[Permission]] = {
    "clerk": frozenset({"read", "declare", "call", "desk", "answer", "confirm", "directory", "reveal"}),
    "night_desk": frozenset({"read", "declare", "call", "desk", "steer", "answer", "confirm", "reveal"}),
    "department_lead": frozenset({"read", "declare", "answer", "confirm", "roster", "reveal"}),
    "supervisor": frozenset(
        {"read", "declare", "call", "desk", "steer", "answer", "confirm", "drill", "directory", "roster", "reveal", "care", "wall", "enrol"}
    ),
    "administrator": frozenset(get_args(Permission)),
}
"""read: see incidents. declare: start one, add reports, facts and visits. call: note how a call by hand or a task of the desk ended. desk:
call-backs, complaints, repairs, notes, updates, corrections. steer:
severity, place, merge, broadcasts, resolve, reopen, close, cancel, stop, resume (the night desk is alone, so it may). answer: write an
answer down for somebody. confirm: sign what closing waits for. drill: start one. directory: change people and places (the night desk,
with no list to carry away, may not). roster: give and change shifts. reveal: see a whole number or mailbox, which is noted; a department
lead only those of staff. care: see why somebody needs help first, which is noted too. wall: make addresses of wallboards, and
withdraw them. enrol: desk devices, staff numbers and PINs. administer: accounts, tokens, channels."""

DEVICE_GRANTS: frozenset[Permission] = frozenset({"read", "declare", "call"})
"""What an enrolled desk device may do while nobody is signed on at it, on the pages that are open to it (api/console/routes.py)."""

WITHHELD_FROM_PIN: frozenset[Permission] = frozenset({"directory", "roster", "care", "wall", "enrol", "administer"})
"""What a log-in by PIN never gives, whatever the role. Four digits on a shared keyboard are enough for what concerns the incident at hand,
and can be seen and corrected there. Who is told and who is alerted the next time, why somebody needs help, and who may log in or look on ask for more."""


def roles_that_may(permission: Permission) -> frozenset[Role]:
    """The roles that hold `permission`."""
    return frozenset(role for role, granted in GRANTS.items() if permission in granted)


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Whether one of `roles` holds `permission`."""
    return any(permission in GRANTS[role] for role in roles)


def cover(roles: frozenset[Role], other: frozenset[Role]) -> bool:
    """Whether `roles` hold everything that `other` hold: nobody lends a right that they do not have."""
    return all(may(roles, permission) for role in other for permission in GRANTS[role])
