"""What residents are told of a planned cut: its words, whom they are for, and posting them. No incident: nothing answers, no playbook runs."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from incidents.planned.schedule import Kind, What, news_for_seconds
from notifiers.announcements import Announcement, ResidentsOf, ServedBy, Text, To, ToldBy, announce
from people.communities import Community, get_community
from people.places import Place, get_place, name_of
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.texts import say

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Work:
    """A planned cut as it lies in the database."""

    id: int
    kind: Kind
    place_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `message_id` None: not posted, or nobody had been told."""

    id: int
    planned_id: int
    what: What
    due_at: datetime
    posted_at: datetime | None
    message_id: int | None
    dropped_at: datetime | None


async def work_of(tx: Tx, planned_id: int, *, lock: bool = False) -> Work | None:
    """The planned cut, held with `lock`; None where there is none of this id."""
    return await tx.maybe(SQL.lock_work if lock else SQL.one_work, Work, tx.community, planned_id)


def audience_of_work(place: Place) -> To:
    """Whoever lives there, or whom the facility serves."""
    return To(ServedBy(place.id) if place.kind == "facility" else ResidentsOf(place.id))


async def post_notice(tx: Tx, notice: Notice) -> int | None:
    """Announce it; its message, None where nobody had been told. Held by whoever posts it."""
    work = await work_of(tx, notice.planned_id)
    if work is None:
        return None
    place, community = await get_place(tx, work.place_id), await get_community(tx, tx.community)
    to = audience_of_work(place)
    if notice.what in ("changed", "cancelled", "restored"):
        told = tuple(await tx.column(SQL.messages_of_work, tx.community, work.id))
        if not told:
            return None
        to = To(ToldBy(told))
    announced = await announce(
        tx,
        Announcement(
            subject=None,
            effect_key=f"planned/{notice.id}",
            kind="broadcast",
            lane="notice" if notice.what != "cancelled" else "correction",
            means="write",
            audience_kind="residents",
            to=to,
            drill=False,
            life_safety=False,
            code="",
            link="",
            expires_seconds=news_for_seconds(notice.what, starts_at=work.starts_at, ends_at=work.ends_at, now=tx.now),
            texts=texts_of_notice(community, place, work, notice.what),
        ),
    )
    return announced.message_id


def texts_of_notice(community: Community, place: Place, work: Work, what: What) -> dict[str, Text]:
    """Its words in each language of the community, under a stable key, so that a gateway may have them registered."""
    key = f"planned.{work.kind}.{what}"
    texts = {}
    for language in community.languages:
        values = _values(community, place, work, language)
        texts[language] = Text(
            key=key, variables=values, text=say(language, key, **values), subject=say(language, f"planned.{work.kind}.subject")
        )
    return texts


def _values(community: Community, place: Place, work: Work, language: str) -> dict[str, object]:
    zone = ZoneInfo(community.zone)
    starts, ends = work.starts_at.astimezone(zone), work.ends_at.astimezone(zone)
    until = ends.strftime("%H:%M")
    ended = (work.ended_at or work.ends_at).astimezone(zone)
    return {
        "place": name_of(place, language),
        "date": _date(language, starts),
        "from": starts.strftime("%H:%M"),
        "until": until if starts.date() == ends.date() else f"{_date(language, ends)} {until}",
        "time": ended.strftime("%H:%M"),
        "phone": community.desk_phone,
    }


def _date(language: str, at: datetime) -> str:
    return say(language, "planned.date", day=at.day, month_name=say(language, f"planned.month.{at.month}"))
