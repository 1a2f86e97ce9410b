"""Alerts departments, tells the others who took it, and stands people down."""

from incidents.conductor.case import Alerted, Case
from incidents.conductor.words import texts_of
from notifiers.announcements import (
    Announced,
    Announcement,
    People,
    To,
    announce,
)
from people.persons import persons
from people.rosters import OnCall
from playbooks.engine import effects as wanted
from playbooks.engine.events import AllWaysFailed, Event, NobodyOnDuty
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
NOTICE_SECONDS = 3600
"""A "taken" or "stand down" older than an hour helps nobody."""


async def alert(case: Case, effect: wanted.Alert) -> list[Event]:
    """Post the alert. Nobody on duty, or nobody with a working way, is an event at once."""
    people = await case.duty.people(effect.who)
    body: dict[str, object] = {**effect.model_dump(mode="json", exclude={"kind"}), "persons": [one.person_id for one in people]}
    if not people:
        case.ledger.append(case.tx.now, "alert", "effect", body)
        case.red.append("nobody_on_duty")
        return [NobodyOnDuty(alert=effect.alert, rung=effect.rung)]
    announced = await _post_alert(case, effect, people)
    case.ledger.append(case.tx.now, "alert", "effect", {**body, "message": announced.message_id})
    case.alerted.extend(Alerted(one.person_id, one.name, one.department_key, one.tier, one.role, effect.ring) for one in people)
    if announced.size > 0 and announced.unreachable == announced.size:
        await case.tx.run(SQL.unwatch, case.tx.community, announced.message_id)
        case.red.append("all_ways_failed")
        return [AllWaysFailed(alert=effect.alert, rung=effect.rung)]
    return []


async def _post_alert(case: Case, effect: wanted.Alert, people: list[OnCall]) -> Announced:
    announced = await announce(
        case.tx,
        Announcement(
            subject=case.incident.id,
            effect_key=effect.id,
            kind="alert",
            lane="alert",
            means="ring" if effect.ring else "write",
            audience_kind="staff",
            to=To(People(tuple(one.person_id for one in people))),
            drill=case.incident.drill,
            life_safety=effect.life_safety,
            code=case.incident.code,
            link="answer",
            expires_seconds=effect.expires_seconds,
            texts=texts_of(case, effect.text_key, effect.variables),
        ),
    )
    case.wakeups.after_commit(case.tx, "alert")
    await case.tx.run(SQL.insert_alert, case.tx.community, announced.message_id, case.incident.id, effect.alert, effect.rung, case.tx.now)
    return announced


async def taken(case: Case, effect: wanted.Taken) -> None:
    """Tell everybody else whom this ladder alerted who has taken it, and stop what is still on its way to them."""
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
