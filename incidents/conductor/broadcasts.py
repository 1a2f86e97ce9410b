"""Tells residents: resolves a playbook's audience in the directory, and posts; holds back at night; corrects what was wrongly told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from incidents.conductor.alerts import tell_staff
from incidents.conductor.case import Case, set_timer
from incidents.conductor.words import texts_of
from notifiers.announcements import (
    Announcement,
    Audience,
    HeldBy,
    Homes,
    PriorityIn,
    ResidentsOf,
    ServedBy,
    Text,
    To,
    ToldBy,
    announce,
    message_facts,
    stop,
)
from notifiers.delivery.sealing.seals import seal_all_about
from people.communities import night_ends_at
from people.places import ancestor_of_kind
from playbooks.engine import effects as wanted
from playbooks.language.model import Audience as AudienceWords
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
BROADCAST_SECONDS = 2 * 3600
"""News of an emergency that could not be sent for two hours is no longer news."""
MORNING_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class HeldText:
    """One language of a message that is held until morning."""

    language: str
    key: str
    variables: dict[str, str]
    text: str
    subject: str


async def resolve_audience(case: Case, words: AudienceWords) -> tuple[Audience, ...]:
    """What the playbook's words mean here and now."""
    audiences: list[Audience] = []
    if words.residents_of is not None:
        audiences.append(ResidentsOf(await _place_of(case, words.residents_of)))
    if words.homes_served_by is not None:
        audiences.append(ServedBy(case.place.id))
    if words.priority:
        audiences.append(PriorityIn(case.place.id, powered_only=False))
    if words.reporters:
        homes = await case.tx.column(SQL.reporting_homes, case.tx.community, case.incident.id)
        audiences.append(Homes(tuple(homes)))
    if words.told_by is not None:
        audiences.append(ToldBy(await told_messages(case, words.told_by)))
    if words.held_by is not None:
        audiences.append(HeldBy(await told_messages(case, words.held_by)))
    return tuple(audiences)


async def told_messages(case: Case, step: str = "all") -> tuple[int, ...]:
    """The messages by which this incident has told residents; of one step, or of all."""
    return await told_by_incident(case.tx, case.incident.id, step)


async def told_by_incident(tx: Tx, incident_id: int, step: str = "all") -> tuple[int, ...]:
    """The same of an incident that nobody holds; what an incident that became part of it has told counts as well."""
    only = None if step == "all" else step
    return tuple(await tx.column(SQL.broadcasts_of, tx.community, incident_id, only))


async def but_not_those_corrected(tx: Tx, incident_id: int, to: To) -> To:
    """Whoever was told last that it does not concern their home gets nothing that goes to those who were told."""
    if not any(isinstance(audience, ToldBy) for audience in to.audiences):
        return to
    corrected = await tx.column(SQL.corrected_away, tx.community, incident_id)
    if corrected and await seal_all_about(tx, [incident_id]):  # it may have told some of them since
        corrected = await tx.column(SQL.corrected_away, tx.community, incident_id)
    return replace(to, without=(*to.without, *corrected)) if corrected else to


async def _place_of(case: Case, words: str) -> int:
    if words == "place":
        return case.place.id
    around = await ancestor_of_kind(case.tx, case.place.id, words)
    return case.place.id if around is None else around.id


async def broadcast(case: Case, effect: wanted.Broadcast) -> None:
    """Post to residents now, or seal and hold: until something takes the homes over, or until the night ends."""
    audiences = await resolve_audience(case, effect.audience)
    already = await told_messages(case) if effect.audience.except_told else ()
    message = await post_to_residents(
        case,
        effect_key=effect.id,
        to=To(audiences, but_not_told_by=already, held=effect.night != "send"),
        texts=texts_of(case, effect.text_key, effect.variables),
        asks_safety=effect.asks_safety,
        may_be_sealed_later=True,
    )
    body = effect.model_dump(mode="json", exclude={"kind"})
    case.ledger.append(case.tx.now, "broadcast", "effect", {**body, "message": message})
    if effect.night == "morning":
        await set_timer(case.tx, case.incident.id, f"morning:{message}", night_ends_at(case.community, case.tx.now))


async def send_held(case: Case, message_id: int) -> int | None:
    """The night is over: the homes that `message_id` holds get its text as it stands. The new message's id; None where it was stopped."""
    if (await message_facts(case.tx, message_id)).stopped_at is not None:
        return None
    texts = await held_texts(case, message_id)
    message = await post_to_residents(
        case, effect_key=f"morning/{message_id}", to=To((HeldBy((message_id,)),)), texts=texts, expires_seconds=MORNING_SECONDS,
        may_be_sealed_later=True,
    )  # fmt: skip
    case.ledger.append(case.tx.now, "morning", "timer", {"held": message_id, "message": message})
    return message


async def held_texts(case: Case, message_id: int) -> dict[str, Text]:
    """The texts of a message, to send them again."""
    stored = await case.tx.rows(SQL.texts_of_message, HeldText, case.tx.community, message_id)
    return {one.language: Text(key=one.key, variables=one.variables, text=one.text, subject=one.subject) for one in stored}


async def post_to_residents(
    case: Case,
    *,
    effect_key: str,
    to: To,
    texts: dict[str, Text],
    asks_safety: bool = False,
    lane: Literal["correction"] | None = None,
    expires_seconds: int = BROADCAST_SECONDS,
    undo_seconds: float = 0,
    may_be_sealed_later: bool = False,
) -> int:
    """One message to residents about this incident; its id."""
    to = await but_not_those_corrected(case.tx, case.incident.id, to)
    life_safety = case.plan.playbook.life_safety
    announced = await announce(
        case.tx,
        Announcement(
            subject=case.incident.id,
            effect_key=effect_key,
            kind="broadcast",
            lane=lane or ("urgent" if case.incident.severity != "minor" else "notice"),
            means="write",
            audience_kind="residents",
            to=to,
            drill=case.incident.drill,
            life_safety=life_safety and asks_safety,
            code="",
            link="resident",
            expires_seconds=expires_seconds,
            texts=texts,
            undo_seconds=undo_seconds,
            may_be_sealed_later=may_be_sealed_later,
        ),
    )
    case.wakeups.after_commit(case.tx, "urgent")
    return announced.message_id


async def correct(case: Case, effect: wanted.Correction) -> None:
    """It was a false alarm: stop what is queued, then one correction to exactly those who were told."""
    unsent: Sequence[int] = await case.tx.column(SQL.unsent_messages, case.tx.community, case.incident.id)
    stopped = await stop(case.tx, tuple(unsent))
    told = await told_messages(case)
    residents = None
    if told:
        residents = await post_to_residents(
            case,
            effect_key=f"{effect.id}/residents",
            to=To((ToldBy(told),)),
            texts=texts_of(case, effect.text_key, effect.variables),
            lane="correction",
            may_be_sealed_later=True,
        )
    alerted = await case.tx.column(SQL.all_alerted_persons, case.tx.community, case.incident.id)
    staff = await tell_staff(case, effect, alerted)
    body = effect.model_dump(mode="json", exclude={"kind"})
    case.ledger.append(case.tx.now, "correction", "effect", {**body, "message": residents, "staff_message": staff, "stopped": stopped})
