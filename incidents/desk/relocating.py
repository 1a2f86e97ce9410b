"""The incident is elsewhere. Whoever was alerted hears where to go; of the residents only those wrongly told get a correction, and only
those newly concerned get the first message, at the new place.

It is a difference of sets. *Told*: persons at home whom a message for the incident's place told, unless they were corrected since.
*Concerned*: whom the same messages would mean at the new place. Told and not concerned: correction. Concerned and not told: first
message. Both: nothing. What had not left is stopped first, so that nobody is told of the old place any more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.conductor.audiences import resolve_audience, told_by_incident
from incidents.conductor.broadcasts import BROADCAST_SECONDS, post_to_residents
from incidents.conductor.case import Case, set_timer
from incidents.conductor.words import texts_of
from incidents.desk.own_words import set_phrase
from notifiers.announcements import Announcement, People, To, ToldBy, announce, stop
from notifiers.announcements.forecast import audience_of
from notifiers.delivery.sealing.seals import seal_all_about
from people.communities import is_night, night_ends_at
from people.places import Place, name_of
from playbooks.engine.advice import variables_now
from playbooks.engine.effects import Broadcast
from playbooks.language.model import TellAction
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")
Pair = tuple[int, int | None]
"""A person at one home."""


@dataclass(frozen=True, slots=True)
class AtHome:
    """A person at one home, as it lies in the database."""

    person_id: int
    home_id: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of it: messages to staff, to those wrongly told, and to those newly concerned; how many deliveries never left."""

    staff_message: int | None = None
    correction: int | None = None
    first_messages: tuple[int, ...] = ()
    stopped: int = 0


async def relocate(case: Case, place: Place) -> Moved:
    """Move the incident and set right what was said; the caller writes the event, whose number is the ledger's next, and saves."""
    old, no = case.place, case.ledger.head_no + 1
    case.incident.place_id, case.place = place.id, place
    staff = await _tell_alerted(case, old, no)
    broadcasts = await _place_broadcasts(case)
    if not broadcasts:
        return Moved(staff)
    await seal_all_about(case.tx, [case.incident.id])
    messages = tuple(await case.tx.column(SQL.messages_of_steps, case.tx.community, case.incident.id, list(broadcasts)))
    stopped = await stop(case.tx, messages)
    told = await _told(case, messages)
    concerned = {step: await _pairs(case, step) for step in broadcasts}
    everybody = {pair for pairs in concerned.values() for pair in pairs}
    correction = await _correct(case, old, messages, told, everybody, no)
    first = await _tell_newly_concerned(case, broadcasts, concerned, told, no)
    return Moved(staff, correction, tuple(first), stopped)


async def _tell_alerted(case: Case, old: Place, no: int) -> int | None:
    """Everybody whom this incident alerted: go there, not here."""
    people = await case.tx.column(CONDUCTOR_SQL.all_alerted_persons, case.tx.community, case.incident.id)
    if not people:
        return None
    announced = await announce(
        case.tx,
        Announcement(
            subject=case.incident.id,
            effect_key=f"moved-staff/{no}",
            kind="notice",
            lane="correction",
            means="write",
            audience_kind="staff",
            to=To(People(tuple(people))),
            drill=case.incident.drill,
            life_safety=case.plan.playbook.life_safety,
            code=case.incident.code,
            link="",
            expires_seconds=BROADCAST_SECONDS,
            texts=set_phrase(case, "incident.moved_staff", "moved_staff", _values(case, old)),
        ),
    )
    case.wakeups.after_commit(case.tx, "correction")
    return announced.message_id


def _values(case: Case, old: Place) -> dict[str, dict[str, object]]:
    return {
        language: {
            "title": case.plan.playbook.title[language],
            "place": name_of(case.place, language),
            "old_place": name_of(old, language),
            "phone": case.community.desk_phone,
            "code": case.incident.code,
        }
        for language in case.community.languages
    }


async def _place_broadcasts(case: Case) -> dict[str, Broadcast]:
    """The newest broadcast of each step whose audience follows from the incident's place, in the order of the playbook."""
    latest: dict[str, Broadcast] = {}
    for body in await case.tx.column(SQL.broadcast_events, case.tx.community, case.incident.id):
        said = {key: value for key, value in json.loads(body).items() if key in Broadcast.model_fields}
        effect = Broadcast.model_validate(said)
        latest[effect.step] = effect
    return {name: latest[name] for name in case.plan.playbook.steps if name in latest and _follows_place(case, name)}


def _follows_place(case: Case, step: str) -> bool:
    action = case.plan.playbook.steps[step].action
    if not isinstance(action, TellAction):
        return False
    words = action.audience
    return bool(words.residents_of or words.homes_served_by or words.priority)


async def _told(case: Case, messages: Sequence[int]) -> set[Pair]:
    """Whom these messages told, at which home, and who was not corrected since."""
    corrections = await told_by_incident(case.tx, case.incident.id, "moved")
    rows = await case.tx.rows(SQL.told_at_home, AtHome, case.tx.community, [*messages, *corrections])
    return {(one.person_id, one.home_id) for one in rows}


async def _pairs(case: Case, step: str) -> set[Pair]:
    """Whom this step's words mean at the place as it is now."""
    action = case.plan.playbook.steps[step].action
    if not isinstance(action, TellAction):
        return set()
    audiences = await resolve_audience(case, action.audience)
    everybody = await audience_of(case.tx, To(audiences))
    return {(person, home) for person, home in everybody.told_at_home() if person is not None}


async def _correct(case: Case, old: Place, messages: tuple[int, ...], told: set[Pair], concerned: set[Pair], no: int) -> int | None:
    rightly = {person for person, _ in concerned}
    if all(person in rightly for person, _ in told):
        return None
    return await post_to_residents(
        case,
        effect_key=f"moved#{no}",
        to=To((ToldBy(messages),), without=tuple(sorted(rightly))),
        texts=set_phrase(case, "incident.moved_residents", "moved_residents", _values(case, old)),
        lane="correction",
    )


async def _tell_newly_concerned(
    case: Case, broadcasts: dict[str, Broadcast], concerned: dict[str, set[Pair]], told: set[Pair], no: int
) -> list[int]:
    posted = []
    homes_told = {home for _, home in told}
    for step, effect in broadcasts.items():
        knowing = {person for person, home in concerned[step] if home in homes_told}
        if all(person in knowing for person, _ in concerned[step]):
            continue
        posted.append(await _tell_first(case, effect, knowing, no))
        homes_told |= {home for _, home in concerned[step]}
    return posted


async def _tell_first(case: Case, effect: Broadcast, knowing: set[int], no: int) -> int:
    action = case.plan.playbook.steps[effect.step].action
    assert isinstance(action, TellAction), "only steps that tell have broadcasts"
    held = effect.night != "send" and is_night(case.community, case.tx.now)
    key = _without_claims(case, effect)
    message = await post_to_residents(
        case,
        effect_key=f"{effect.id.partition('/')[0]}/moved-{no}",
        to=To(await resolve_audience(case, action.audience), without=tuple(sorted(knowing)), held=held),
        texts=texts_of(case, key, variables_now(case.plan.playbook, case.state, key, case.tx.now)),
        asks_safety=effect.asks_safety,
    )
    if held and effect.night == "morning":
        await set_timer(case.tx, case.incident.id, f"morning:{message}", night_ends_at(case.community, case.tx.now))
    return message


def _without_claims(case: Case, effect: Broadcast) -> str:
    """The text to begin with: what was claimed (an engineer is on site) was true of the old place."""
    claims = case.plan.playbook.texts[effect.text_key].claims is not None
    return case.plan.playbook.steps[effect.step].text_key or effect.text_key if claims else effect.text_key
