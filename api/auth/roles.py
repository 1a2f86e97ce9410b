"""Which role may do what: one table, read by the interface, the pages and the documentation."""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["clerk", "night_desk", "department_lead", "supervisor", "administrator"]
Permission = Literal["read", "declare", "desk", "steer", "answer", "confirm", "drill", "administer"]

ROLES: tuple[Role, ...] = get_args(Role)

GRANTS: Mapping[Role, frozenset[Permission]] = {
    "clerk": frozenset({"read", "declare", "desk", "answer", "confirm"}),
    "night_desk": frozenset({"read", "declare", "desk", "steer", "answer", "confirm"}),
    "department_lead": frozenset({"read", "declare", "answer", "confirm"}),
    "supervisor": frozenset({"read", "declare", "desk", "steer", "answer", "confirm", "drill"}),
    "administrator": frozenset({"read", "declare", "desk", "steer", "answer", "confirm", "drill", "administer"}),
}
"""read: see incidents. declare: start one, add reports and facts. desk: calls, tasks, repairs, notes, updates. steer: severity, place,
resolve, reopen, close, cancel, stop (the night desk is alone, so it may). answer: write an answer down for somebody. confirm: sign
what closing waits for. drill: start one. administer: accounts, tokens, channels."""


def roles_that_may(permission: Permission) -> frozenset[Role]:
    """The roles that hold `permission`."""
    return frozenset(role for role, granted in GRANTS.items() if permission in granted)


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Whether one of `roles` holds `permission`."""
    return any(permission in GRANTS[role] for role in roles)
