"""Tells residents: posts what playbooks want them to know; holds back at night; corrects what was wrongly told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from incidents.conductor.alerts import tell_staff
from incidents.conductor.audiences import but_none_of_those_corrected, resolve_audiences, told_by_incidents, told_messages
from incidents.conductor.case import Case, set_timer
from incidents.conductor.words import texts_of
from notifiers.announcements import Announcement, HeldBy, Text, To, ToldBy, announce_all, message_facts, stop
from people.communities import night_ends_at
from playbooks.engine import effects as wanted
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
BROADCAST_SECONDS = 2 * 3600
"""News of an emergency that could not be sent for two hours is no longer news."""
MORNING_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class News:
    """What an incident's engine wants residents to know."""

    case: Case
    effect: wanted.Broadcast


@dataclass(frozen=True, slots=True)
class ToResidents:
    """A message to residents about an incident, as Announcement has it."""

    case: Case
    effect_key: str
    to: To
    texts: dict[str, Text]
    asks_safety: bool = False
    lane: Literal["correction"] | None = None
    expires_seconds: int = BROADCAST_SECONDS
    undo_seconds: float = 0
    may_be_sealed_later: bool = False
    all_clear: bool = False


@dataclass(frozen=True, slots=True)
class HeldText:
    """One language of a message that is held until morning."""

    language: str
    key: str
    variables: dict[str, str]
    text: str
    subject: str


async def broadcast_all(news: Sequence[News]) -> None:
    """Post news of several cases of one transaction together, each now, or sealed and held: until something takes the homes over, or until
    the night ends."""
    if not news:
        return
    tx = news[0].case.tx
    await _give_up_what_is_over([one.case for one in news if one.effect.phase in ("restore", "all_clear")])
    audiences = await resolve_audiences([(one.case, one.effect.audience) for one in news])
    told = await told_by_incidents(tx, [(one.case.incident.id, "all") for one in news if one.effect.audience.except_told])
    posted = await post_all_to_residents(
        [
            ToResidents(
                case=one.case,
                effect_key=one.effect.id,
                to=To(
                    audience,
                    but_not_told_by=told.get((one.case.incident.id, "all"), ()) if one.effect.audience.except_told else (),
                    held=one.effect.night != "send",
                ),
                texts=texts_of(one.case, one.effect.text_key, one.effect.variables),
                asks_safety=one.effect.asks_safety,
                may_be_sealed_later=True,
                lane="correction" if one.effect.phase == "all_clear" else None,
                all_clear=one.effect.phase == "all_clear",
            )
            for one, audience in zip(news, audiences, strict=True)
        ]
    )
    for one, message in zip(news, posted, strict=True):
        case, body = one.case, one.effect.model_dump(mode="json", exclude={"kind"})
        case.ledger.append(tx.now, "broadcast", "effect", {**body, "message": message})
        if one.effect.night == "morning":
            await set_timer(tx, case.incident.id, f"morning:{message}", night_ends_at(case.community, tx.now))


async def _give_up_what_is_over(cases: Sequence[Case]) -> None:
    """What nobody could be told yet, because it cannot be sealed, must not come after the news that it is over."""
    if cases:
        tx = cases[0].tx
        if late := await tx.column(SQL.messages_not_sealed, tx.community, [case.incident.id for case in cases]):
            await stop(tx, late)


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
    one = ToResidents(case, effect_key, to, texts, asks_safety, lane, expires_seconds, undo_seconds, may_be_sealed_later)
    return (await post_all_to_residents([one]))[0]


async def post_all_to_residents(some: Sequence[ToResidents]) -> list[int]:
    """Messages to residents about cases of one transaction, posted together, in their order; their ids."""
    tx, wakeups = some[0].case.tx, some[0].case.wakeups
    to = await but_none_of_those_corrected(tx, [(one.case.incident.id, one.to) for one in some])
    announced = await announce_all(tx, [_announcement(one, whom) for one, whom in zip(some, to, strict=True)])
    wakeups.after_commit(tx, "urgent")
    return [one.message_id for one in announced]


def _announcement(one: ToResidents, to: To) -> Announcement:
    incident = one.case.incident
    return Announcement(
        subject=incident.id,
        effect_key=one.effect_key,
        kind="broadcast",
        lane=one.lane or ("urgent" if incident.severity != "minor" else "notice"),
        means="write",
        audience_kind="residents",
        to=to,
        drill=incident.drill,
        life_safety=one.case.plan.playbook.life_safety and one.asks_safety,
        code="",
        link="resident",
        expires_seconds=one.expires_seconds,
        texts=one.texts,
        undo_seconds=one.undo_seconds,
        may_be_sealed_later=one.may_be_sealed_later,
        all_clear=one.all_clear,
    )


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
