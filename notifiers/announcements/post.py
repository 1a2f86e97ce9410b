"""Announces: the message, its texts and routes, the sealed audience and, for what is small or urgent, its deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from notifiers.announcements.model import Announced, Announcement, AudienceIds, Means
from notifiers.delivery import fan_out
from notifiers.delivery.sealing.meant import Meant
from notifiers.delivery.sealing.seals import Sealed, extents, give_up_unsealed, leave, seal, seal_few, seal_now
from notifiers.delivery.segments import count_segments
from notifiers.errors import DrillMarkMissingError, NoTextError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
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


async def announce(tx: Tx, announcement: Announcement) -> Announced:
    """Post a message in this transaction: when it commits, everybody it concerns is on disk with where they stand.

    Raises NoTextError and DrillMarkMissingError. The caller hints at the lane once committed (Wakeups.after_commit).
    """
    return (await announce_all(tx, [announcement]))[0]


async def announce_all(tx: Tx, announcements: Sequence[Announcement]) -> list[Announced]:
    """The same for several, in their order, with as many statements as for one: those that concern few are sealed together."""
    for one in announcements:
        _check(one)
    new = {one.number: one.id for one in await _insert(tx, announcements)} if announcements else {}
    sealed = await _seal_all(tx, {id_: announcements[number] for number, id_ in new.items()})
    announced = []
    for number, one in enumerate(announcements):
        if number in new:
            posted = sealed.get(new[number])
        else:
            posted = await tx.maybe(SQL.message_of_effect, Sealed, tx.community, one.subject, one.effect_key)
        if posted is None:
            raise RuntimeError("a message was sealed twice, or the one that stood in the way is not there")
        announced.append(Announced(posted.id, posted.size, posted.unreachable, already=number not in new))
    return announced


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
        [one.all_clear for one in some],
    )  # fmt: skip


async def _seal_all(tx: Tx, messages: Mapping[int, Announcement]) -> dict[int, Sealed]:
    meant = {id_: _meant(one) for id_, one in messages.items()}
    goes = await extents(tx, meant)
    later = {id_ for id_, one in messages.items() if one.may_be_sealed_later and (goes[id_].many or goes[id_].unsealed)}
    for id_ in sorted(later):
        await leave(tx, id_, meant[id_])
    sealed = [Sealed(id_, 0, 0, 0, 0) for id_ in later]
    now = sorted(messages.keys() - later)
    await seal_now(tx, {other for id_ in now if goes[id_].unsealed for other in meant[id_].leans_on})
    if taken_back := {other for id_ in now if goes[id_].unsealed and messages[id_].lane == "correction" for other in meant[id_].leans_on}:
        await give_up_unsealed(tx, taken_back)
    sealed += [await seal(tx, id_, meant[id_], list(messages[id_].texts)) for id_ in now if goes[id_].many]
    sealed += await seal_few(tx, {id_: meant[id_] for id_ in now if not goes[id_].many}, rows_below=fan_out.RANGE_FROM)
    for one in sealed:
        await _fan_out(tx, one, messages[one.id])
    return {one.id: one for one in sealed}


def _meant(one: Announcement) -> Meant:
    to, ids = one.to, AudienceIds.of(one.to)
    return Meant(
        held=to.held, but_not_told_by=to.but_not_told_by, without=to.without,
        people=ids.people, residents_of=ids.residents_of, served_by=ids.served_by, priority=ids.priority, powered=ids.powered,
        homes=ids.homes, told_by=ids.told_by, held_by=ids.held_by,
    )  # fmt: skip


async def _fan_out(tx: Tx, sealed: Sealed, announcement: Announcement) -> None:
    if sealed.made:
        lower(tx, announcement.lane)
    if sealed.to_fan_out and (announcement.lane == "alert" or sealed.size <= SMALL):
        await fan_out.fan_out_page(tx, sealed.id, sealed.to_fan_out)
    elif sealed.to_fan_out:
        lower(tx, "fan_out")
