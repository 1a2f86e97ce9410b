"""Announces: the message, its texts and routes, the sealed audience and, for what is small or urgent, its deliveries."""

from dataclasses import dataclass
from datetime import timedelta

from notifiers.announcements.model import Announced, Announcement, AudienceIds
from notifiers.delivery.fan_out import fan_out_page
from notifiers.delivery.segments import count_segments
from notifiers.errors import DrillMarkMissingError, NoTextError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
SMALL = 200
"""Audiences up to this size become deliveries in the transaction that announces them; bigger ones in pages, by the chore."""
DRILL_MARKS = ("【演练】", "[DRILL]")
REACHES = {"sms": "mobile", "email": "email", "chat": "chat", "voice": "mobile,landline", "by_hand": "mobile,landline"}
"""Kinds of contact point that each medium reaches."""
MEANS = {"write": ("sms", "email", "chat"), "ring": ("voice", "by_hand")}
LAST_RESORT = 1000
"""Added to the rank of a call by hand that stands behind everything written."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A sealed message; `to_fan_out`: how many of its deliveries do not exist yet."""

    id: int
    size: int
    unreachable: int
    to_fan_out: int


async def announce(tx: Tx, announcement: Announcement) -> Announced:
    """Post a message in this transaction: when it commits, everybody it concerns is on disk with where they stand.

    Raises NoTextError and DrillMarkMissingError. The caller hints at the lane once committed (Wakeups.after_commit).
    """
    _check(announcement)
    message_id = await _insert(tx, announcement)
    if message_id is None:
        posted = await tx.maybe(SQL.message_of_effect, Posted, tx.community, announcement.subject, announcement.effect_key)
        if posted is None:
            raise RuntimeError("the message that stood in the way is not there")
        return Announced(posted.id, posted.size, posted.unreachable, already=True)
    ids, to = AudienceIds.of(announcement.to), announcement.to
    if ids.only_people and not to.held and not to.but_not_told_by and not to.without:
        posted = await _seal_people(tx, message_id, announcement, ids)
    else:
        posted = await _seal(tx, message_id, announcement, ids)
    return Announced(posted.id, posted.size, posted.unreachable, already=False)


def _check(announcement: Announcement) -> None:
    if not announcement.texts:
        raise NoTextError(field="/texts")
    for language, text in announcement.texts.items():
        if announcement.drill and not any(mark in text.text for mark in DRILL_MARKS):
            raise DrillMarkMissingError(language=language)


async def _insert(tx: Tx, one: Announcement) -> int | None:
    texts = list(one.texts.values())
    media = [*MEANS[one.means], *(["by_hand"] if one.means == "write" and one.kind == "alert" else [])]
    later = [LAST_RESORT if medium == "by_hand" and one.means == "write" else 0 for medium in media]
    message_id: int | None = await tx.value(
        SQL.insert_message, tx.community, one.subject, one.effect_key, one.kind, one.lane, one.means, one.audience_kind,
        one.drill, one.life_safety, one.code, one.link, tx.now, tx.now + timedelta(seconds=one.expires_seconds),
        list(one.texts), [text.key for text in texts], [dict(text.variables) for text in texts], [text.subject for text in texts],
        [text.text for text in texts], [count_segments(text.text) for text in texts],
        media, [REACHES[medium] for medium in media], later,
    )  # fmt: skip
    return message_id


async def _seal_people(tx: Tx, message_id: int, one: Announcement, ids: AudienceIds) -> Posted:
    posted = await tx.maybe(SQL.seal_people, Posted, tx.community, message_id, tx.now, tx.machine_now, list(one.texts), ids.people)
    if posted is None:
        raise RuntimeError("a message was sealed twice")
    if posted.size > posted.unreachable:
        lower(tx, one.lane)
    return posted


async def _seal(tx: Tx, message_id: int, one: Announcement, ids: AudienceIds) -> Posted:
    posted = await tx.maybe(
        SQL.seal, Posted, tx.community, message_id, tx.now, list(one.texts), one.to.held, list(one.to.but_not_told_by),
        ids.people, ids.residents_of, ids.served_by, ids.priority, ids.powered, ids.homes, ids.told_by, ids.held_by,
        list(one.to.without),
    )  # fmt: skip
    if posted is None:
        raise RuntimeError("a message was sealed twice")
    if posted.to_fan_out and (one.lane == "alert" or posted.size <= SMALL):
        await fan_out_page(tx, message_id, posted.to_fan_out)
    elif posted.to_fan_out:
        lower(tx, "fan_out")
    return posted
