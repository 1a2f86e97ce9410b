"""Alerts departments, tells the others who took it, and stands people down."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.conductor.case import Alerted, Case
from incidents.conductor.words import texts_of
from notifiers.announcements import (
    Announced,
    Announcement,
    People,
    To,
    announce,
    announce_all,
)
from people.persons import persons
from people.rosters import OnCall
from playbooks.engine import effects as wanted
from playbooks.engine.events import AllWaysFailed, Event, NobodyOnDuty
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
NOTICE_SECONDS = 3600
"""A "taken" or "stand down" older than an hour helps nobody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alert that an incident's engine wants."""

    case: Case
    effect: wanted.Alert


@dataclass(frozen=True, slots=True)
class PostedAlert:
    """What became of it: whom the directory meant, and the message to them; None where there was nobody."""

    wanted: Wanted
    people: list[OnCall]
    announced: Announced | None


async def post_alerts(alerts: Sequence[Wanted]) -> list[PostedAlert]:
    """Post alerts of one transaction together, in their order."""
    if not alerts:
        return []
    tx, wakeups = alerts[0].case.tx, alerts[0].case.wakeups
    people = [await one.case.duty.people(one.effect.who) for one in alerts]
    addressed = [(one, who) for one, who in zip(alerts, people, strict=True) if who]
    posted = await announce_all(tx, [_announcement(one, who) for one, who in addressed])
    if posted:
        wakeups.after_commit(tx, "alert")
        await tx.run(
            SQL.insert_alerts, tx.community, [one.message_id for one in posted], [one.case.incident.id for one, _ in addressed],
            [one.effect.alert for one, _ in addressed], [one.effect.rung for one, _ in addressed], tx.now,
            [not _reaches_nobody(one) for one in posted],
        )  # fmt: skip
    announced = iter(posted)
    return [PostedAlert(one, who, next(announced) if who else None) for one, who in zip(alerts, people, strict=True)]


def _reaches_nobody(announced: Announced) -> bool:
    return announced.size > 0 and announced.unreachable == announced.size


def note_alert(posted: PostedAlert) -> list[Event]:
    """Write it on the record; what follows at once: nobody on duty, or nobody with a working way."""
    case, effect, people, announced = posted.wanted.case, posted.wanted.effect, posted.people, posted.announced
    body: dict[str, object] = {**effect.model_dump(mode="json", exclude={"kind"}), "persons": [who.person_id for who in people]}
    if announced is None:
        case.ledger.append(case.tx.now, "alert", "effect", body)
        case.red.append("nobody_on_duty")
        return [NobodyOnDuty(alert=effect.alert, rung=effect.rung)]
    case.ledger.append(case.tx.now, "alert", "effect", {**body, "message": announced.message_id})
    case.alerted.extend(Alerted(who.person_id, who.name, who.department_key, who.tier, who.role, effect.ring) for who in people)
    if _reaches_nobody(announced):
        case.red.append("all_ways_failed")
        return [AllWaysFailed(alert=effect.alert, rung=effect.rung)]
    return []


def _announcement(one: Wanted, people: list[OnCall]) -> Announcement:
    incident, effect = one.case.incident, one.effect
    return Announcement(
        subject=incident.id,
        effect_key=effect.id,
        kind="alert",
        lane="alert",
        means="ring" if effect.ring else "write",
        audience_kind="staff",
        to=To(People(tuple(who.person_id for who in people))),
        drill=incident.drill,
        life_safety=effect.life_safety,
        code=incident.code,
        link="answer",
        expires_seconds=effect.expires_seconds,
        texts=texts_of(one.case, effect.text_key, effect.variables),
    )


async def taken(case: Case, effect: wanted.Taken) -> None:
    """Tell everybody else whom this ladder alerted who has taken it."""
    alerted = await case.tx.column(SQL.alerted_persons, case.tx.community, case.incident.id, effect.alert)
    others = [person for person in alerted if person != effect.by_person]
    name = (await persons(case.tx, [effect.by_person]))[effect.by_person].name
    message = await tell_staff(case, effect, others, name=name)
    case.ledger.append(
        case.tx.now, "taken", "effect", {**effect.model_dump(mode="json", exclude={"kind"}), "persons": others, "message": message}
    )


async def stand_down(case: Case, effect: wanted.StandDown) -> None:
    """Tell everybody whom this ladder alerted that they need not come."""
    alerted = await case.tx.column(SQL.alerted_persons, case.tx.community, case.incident.id, effect.alert)
    message = await tell_staff(case, effect, alerted)
    case.ledger.append(
        case.tx.now, "stand_down", "effect",
        {**effect.model_dump(mode="json", exclude={"kind"}), "persons": alerted, "message": message},
    )  # fmt: skip


async def tell_staff(
    case: Case, effect: wanted.Taken | wanted.StandDown | wanted.Correction, to: list[int], *, name: str | None = None
) -> int | None:
    """Send staff a word that asks for nothing; the message's id, None when there is nobody to tell."""
    if not to:
        return None
    text_key = effect.staff_text_key if isinstance(effect, wanted.Correction) else effect.text_key
    announcement = Announcement(
        subject=case.incident.id,
        effect_key=f"{effect.id}/staff",
        kind="notice",
        lane="correction",
        means="write",
        audience_kind="staff",
        to=To(People(tuple(to))),
        drill=case.incident.drill,
        life_safety=False,
        code=case.incident.code,
        link="",
        expires_seconds=NOTICE_SECONDS,
        texts=texts_of(case, text_key, effect.variables, name=name),
    )
    announced = await announce(case.tx, announcement)
    case.wakeups.after_commit(case.tx, "correction")
    return announced.message_id
