"""When residents are told of a planned cut, and whether it is told as early as the law wants. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from people.communities import Community, is_night, night_ends_at

Kind = Literal["power_cut", "water_cut"]
What = Literal["announced", "evening", "soon", "changed", "cancelled", "restored"]
EVENING = time(19, 0)
"""When people are home and not asleep; the reminder may be moved or left out."""
SOON = timedelta(minutes=30)
BEFORE_NIGHT = timedelta(minutes=30)
NEWS_SECONDS = 6 * 3600.0
"""How long a notice may be late, where nothing makes it wrong before."""
LEGAL_NOTICE: dict[Kind, timedelta] = {"power_cut": timedelta(days=7), "water_cut": timedelta(hours=24)}
"""How long before a supplier has to announce: 电力供应与使用条例 art. 28 (planned maintenance of power supply, seven days), 城市供水条例 art. 22
(water, 24 hours). It is the supplier's duty; here it is a warning."""


@dataclass(frozen=True, slots=True)
class Due:
    """One notice and its instant."""

    what: What
    at: datetime


def notices_of(
    community: Community, *, announce_at: datetime, starts_at: datetime, evening: time | None, soon: timedelta | None
) -> list[Due]:
    """The announcement and its reminders. What would wake people is told before their night, unless they were told by then."""
    first = announcement_at(community, announce_at, starts_at)
    due = [Due("announced", first)]
    for what, at in (("evening", _evening_before(community, starts_at, evening)), ("soon", starts_at - soon if soon else None)):
        told = [one.at for one in due]
        if at is not None and (moved := _by_day(community, at)) > max(told) and moved < starts_at and (moved == at or len(due) == 1):
            due.append(Due("evening" if what == "evening" else "soon", moved))
    return due


def announcement_at(community: Community, wanted: datetime, starts_at: datetime) -> datetime:
    """An announcement waits for the morning, unless the cut begins before that."""
    morning = night_ends_at(community, wanted)
    return morning if is_night(community, wanted) and morning < starts_at else wanted


def news_for_seconds(what: What, *, starts_at: datetime, ends_at: datetime, now: datetime) -> float:
    """How long a notice is news: that power will be cut at 14:00 is none at 15:00. Whoever is told only after it began may still hear until when."""
    if what not in ("announced", "evening", "soon"):
        return NEWS_SECONDS
    over = starts_at if starts_at > now else ends_at
    return max(60.0, min(NEWS_SECONDS, (over - now).total_seconds()))


def is_short_notice(kind: Kind, *, by_supplier: bool, announced_at: datetime, starts_at: datetime) -> bool:
    """Whether residents hear of it later than the law wants of a supplier."""
    return by_supplier and starts_at - announced_at < LEGAL_NOTICE[kind]


def _evening_before(community: Community, starts_at: datetime, evening: time | None) -> datetime | None:
    if evening is None:
        return None
    zone = ZoneInfo(community.zone)
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(day, evening, zone).astimezone(starts_at.tzinfo)


def _by_day(community: Community, at: datetime) -> datetime:
    """`at`, or half an hour before the night in which it would be."""
    if not is_night(community, at):
        return at
    zone = ZoneInfo(community.zone)
    local = at.astimezone(zone)
    begins = datetime.combine(local.date(), community.night_from, zone)
    begins = begins if begins <= local else begins - timedelta(days=1)
    return begins.astimezone(at.tzinfo) - BEFORE_NIGHT


def next_due(due: Sequence[datetime]) -> datetime | None:
    """The earliest; None where nothing is left."""
    return min(due, default=None)
