"""Which role may do what: one table, read by the interface, the pages and the documentation."""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["clerk", "night_desk", "department_lead", "supervisor", "administrator"]
Permission = Literal[
    "read", "declare", "desk", "steer", "answer", "confirm", "drill", "directory", "roster", "reveal", "care", "administer"
]  # fmt: skip

ROLES: tuple[Role, ...] = get_args(Role)

GRANTS: Mapping[Role, frozenset[Permission]] = {
    "clerk": frozenset({"read", "declare", "desk", "answer", "confirm", "directory", "reveal"}),
    "night_desk": frozenset({"read", "declare", "desk", "steer", "answer", "confirm", "reveal"}),
    "department_lead": frozenset({"read", "declare", "answer", "confirm", "roster", "reveal"}),
    "supervisor": frozenset({"read", "declare", "desk", "steer", "answer", "confirm", "drill", "directory", "roster", "reveal", "care"}),
    "administrator": frozenset(
        {"read", "declare", "desk", "steer", "answer", "confirm", "drill", "directory", "roster", "reveal", "care", "administer"}
    ),
}
"""read: see incidents. declare: start one, add reports, facts and visits. desk: calls, tasks, repairs, notes, updates, corrections. steer:
severity, place, merge, broadcasts, resolve, reopen, close, cancel, stop, resume (the night desk is alone, so it may). answer: write an
answer down for somebody. confirm: sign what closing waits for. drill: start one. directory: change people and places (the night desk,
with no list to carry away, may not). roster: give and change shifts. reveal: see a whole number or mailbox, which is noted; a department
lead only those of staff. care: see why somebody needs help first, which is noted too. administer: accounts, tokens, channels."""


def roles_that_may(permission: Permission) -> frozenset[Role]:
    """The roles that hold `permission`."""
    return frozenset(role for role, granted in GRANTS.items() if permission in granted)


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Whether one of `roles` holds `permission`."""
    return any(permission in GRANTS[role] for role in roles)
