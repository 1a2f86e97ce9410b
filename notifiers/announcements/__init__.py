"""The one entry: announce something to somebody, see who was reached, stop it, take the stop back."""

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
from notifiers.announcements.post import announce, announce_all
from notifiers.announcements.reached import (
    Counters,
    Member,
    confirm,
    confirm_deliveries,
    confirm_persons,
    counters,
    leave_out,
    members,
    stop,
    withdraw_codes,
)
from notifiers.announcements.resuming import MessageFacts, Resumed, message_facts, resume
from notifiers.delivery.pausing import pause, unpause

__all__ = [
    "Announced",
    "Announcement",
    "Audience",
    "Counters",
    "HeldBy",
    "Homes",
    "Member",
    "MessageFacts",
    "People",
    "PriorityIn",
    "ResidentsOf",
    "Resumed",
    "ServedBy",
    "Text",
    "To",
    "ToldBy",
    "announce",
    "announce_all",
    "confirm",
    "confirm_deliveries",
    "confirm_persons",
    "counters",
    "leave_out",
    "members",
    "message_facts",
    "pause",
    "resume",
    "stop",
    "unpause",
    "withdraw_codes",
]
