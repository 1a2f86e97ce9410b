"""Announces: the message, its texts and routes, the sealed audience and, for what is small or urgent, its deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from notifiers.announcements.model import Announced, Announcement, AudienceIds, Means, People, To
from notifiers.delivery.fan_out import fan_out_page
from notifiers.delivery.segments import count_segments
from notifiers.errors import DrillMarkMissingError, NoTextError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
MANY = 300
"""Places and members from which on the seal reads tables from end to end instead of row by row; a building's homes are fewer."""
SMALL = 200
"""Audiences up to this size become deliveries in the transaction that announces them; bigger ones in pages, by the chore."""
DRILL_MARKS = ("【演练】", "[DRILL]")
LAST_RESORT = 1000
"""Added to the rank of a call by hand that stands behind everything written."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A medium by which messages of some means leave; `later` is added to its channels' rank."""

    means: Means
    alerts_only: bool
    medium: str
    contact_kinds: str
    later: int = 0


WAYS_OUT = (
    WayOut("write", False, "sms", "mobile"),
    WayOut("write", False, "email", "email"),
    WayOut("write", False, "chat", "chat"),
    WayOut("write", True, "by_hand", "mobile,landline", LAST_RESORT),
    WayOut("ring", False, "voice", "mobile,landline"),
    WayOut("ring", False, "by_hand", "mobile,landline"),
)
"""Which kinds of contact point (with commas between) each medium reaches."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """A new message, by its number in the order of what was announced."""

    number: int
    id: int


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
    return (await announce_all(tx, [announcement]))[0]


async def announce_all(tx: Tx, announcements: Sequence[Announcement]) -> list[Announced]:
    """The same for several, in their order, with as many statements as for one: those to people named one by one are sealed together."""
    for one in announcements:
        _check(one)
    new = {one.number: one.id for one in await _insert(tx, announcements)} if announcements else {}
    sealed = await _seal_people(tx, {id_: announcements[number] for number, id_ in new.items() if _names_people(announcements[number].to)})
    announced = []
    for number, one in enumerate(announcements):
        if number not in new:
            posted = await tx.maybe(SQL.message_of_effect, Posted, tx.community, one.subject, one.effect_key)
        else:
            posted = sealed.get(new[number]) or await _seal(tx, new[number], one)
        if posted is None:
            raise RuntimeError("the message that stood in the way is not there")
        announced.append(Announced(posted.id, posted.size, posted.unreachable, already=number not in new))
    return announced


def _names_people(to: To) -> bool:
    """Whether nobody is meant but people named one by one."""
    return all(isinstance(one, People) for one in to.audiences) and not (to.held or to.but_not_told_by or to.without)


def _check(announcement: Announcement) -> None:
    if not announcement.texts:
        raise NoTextError(field="/texts")
    for language, text in announcement.texts.items():
        if announcement.drill and not any(mark in text.text for mark in DRILL_MARKS):
            raise DrillMarkMissingError(language=language)


async def _insert(tx: Tx, some: Sequence[Announcement]) -> list[Inserted]:
    texts = [(number, language, text) for number, one in enumerate(some) for language, text in one.texts.items()]
    return await tx.rows(
        SQL.insert_messages, Inserted, tx.community, tx.now,
        list(range(len(some))), [one.subject for one in some], [one.effect_key for one in some], [one.kind for one in some],
        [one.lane for one in some], [one.means for one in some], [one.audience_kind for one in some], [one.drill for one in some],
        [one.life_safety for one in some], [one.code for one in some], [one.link for one in some],
        [tx.now + timedelta(seconds=one.expires_seconds) for one in some],
        [number for number, _, _ in texts], [language for _, language, _ in texts], [text.key for _, _, text in texts],
        [dict(text.variables) for _, _, text in texts], [text.subject for _, _, text in texts], [text.text for _, _, text in texts],
        [count_segments(text.text) for _, _, text in texts],
        [way.means for way in WAYS_OUT], [way.alerts_only for way in WAYS_OUT], [way.medium for way in WAYS_OUT],
        [way.contact_kinds for way in WAYS_OUT], [way.later for way in WAYS_OUT], [one.only_channel for one in some],
        [tx.machine_now + timedelta(seconds=one.undo_seconds) if one.undo_seconds else None for one in some],
    )  # fmt: skip


async def _seal_people(tx: Tx, messages: Mapping[int, Announcement]) -> dict[int, Posted]:
    if not messages:
        return {}
    pairs = [(id_, person) for id_, one in messages.items() for person in AudienceIds.of(one.to).people]
    posted = await tx.rows(
        SQL.seal_people, Posted, tx.community, list(messages), tx.now, tx.machine_now,
        [id_ for id_, _ in pairs], [person for _, person in pairs],
    )  # fmt: skip
    for one in posted:
        if one.size > one.unreachable:
            lower(tx, messages[one.id].lane)
    return {one.id: one for one in posted}


async def _are_many(tx: Tx, ids: AudienceIds) -> bool:
    if len(ids.homes) >= MANY:
        return True
    return bool(
        await tx.value(
            SQL.are_many, tx.community, [*ids.residents_of, *ids.priority, *ids.powered], ids.served_by, [*ids.told_by, *ids.held_by], MANY
        )
    )


async def _seal(tx: Tx, message_id: int, one: Announcement) -> Posted:
    ids = AudienceIds.of(one.to)
    many = await _are_many(tx, ids)
    if many:
        await tx.run(SQL.plan_for, "force_custom_plan", "off")
    posted = await tx.maybe(
        SQL.seal, Posted, tx.community, message_id, tx.now, list(one.texts), one.to.held, list(one.to.but_not_told_by),
        ids.people, ids.residents_of, ids.served_by, ids.priority, ids.powered, ids.homes, ids.told_by, ids.held_by,
        list(one.to.without),
    )  # fmt: skip
    if many:
        await tx.run(SQL.plan_for, "force_generic_plan", "on")
    if posted is None:
        raise RuntimeError("a message was sealed twice")
    if posted.to_fan_out and (one.lane == "alert" or posted.size <= SMALL):
        await fan_out_page(tx, message_id, posted.to_fan_out)
    elif posted.to_fan_out:
        lower(tx, "fan_out")
    return posted
