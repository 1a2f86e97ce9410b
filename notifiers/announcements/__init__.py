"""The one entry: announce something to somebody, see who was reached, stop it."""

from notifiers.announcements.model import (
    Announced,
    Announcement,
    Audience,
    HeldBy,
    Homes,
    People,
    PriorityIn,
    ResidentsOf,
    ServedBy,
    Text,
    To,
    ToldBy,
)
from notifiers.announcements.post import announce
from notifiers.announcements.reached import Counters, Member, confirm, counters, members, stop, withdraw_codes

__all__ = [
    "Announced",
    "Announcement",
    "Audience",
    "Counters",
    "HeldBy",
    "Homes",
    "Member",
    "People",
    "PriorityIn",
    "ResidentsOf",
    "ServedBy",
    "Text",
    "To",
    "ToldBy",
    "announce",
    "confirm",
    "counters",
    "members",
    "stop",
    "withdraw_codes",
]
