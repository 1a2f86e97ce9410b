"""Stops or pauses a message, takes that back, and corrects it: each on the record of the incident that the message is about."""

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.conductor.audiences import but_not_those_corrected
from incidents.conductor.broadcasts import BROADCAST_SECONDS, send_held
from incidents.conductor.case import Case, open_case, save, set_timer
from incidents.desk.changes import Desk
from incidents.desk.own_words import check_words, own_words
from notifiers.announcements import (
    Announced,
    Announcement,
    MessageFacts,
    Resumed,
    To,
    ToldBy,
    announce,
    message_facts,
    pause,
    resume,
    stop,
    unpause,
)
from notifiers.delivery import quarantine
from people.communities import is_night, night_ends_at
from tocsin.base.queries import load_queries

CONDUCTOR_SQL = load_queries("incidents.conductor")


@dataclass(frozen=True, slots=True)
class Corrected:
    """`message_id` None: nobody had been told, so nobody is. `size`: members of the correction; `stopped`: deliveries that never left."""

    incident_id: int | None
    no: int | None
    message_id: int | None
    size: int
    stopped: int


@dataclass(frozen=True, slots=True)
class ResumedMessage:
    """What was put back: members by deliveries, and members that are held for the morning again."""

    members: int
    deliveries: int
    held: int


async def stop_message(desk: Desk, message_id: int) -> int:
    """What has not left does not leave; how many deliveries and calls. Raises MessageUnknownError. Twice is once."""
    facts = await message_facts(desk.tx, message_id)
    case = await _case_of(desk, facts)
    stopped = await stop(desk.tx, (message_id,))
    await quarantine.ended_with_the_pause(desk.tx, message_id, "given_up", desk.actor.name)
    if case is not None and facts.stopped_at is None:
        _record(case, desk, "message_stopped", {"message": message_id, "stopped": stopped})
        await save(case)
    return stopped


async def pause_message(desk: Desk, message_id: int) -> int:
    """What has not left waits until somebody resumes or stops it, or it is too late; how many deliveries. Twice is once.

    Raises MessageUnknownError, MessageNotPausableError, MessageOverError.
    """
    facts = await message_facts(desk.tx, message_id)
    case = await _case_of(desk, facts)
    waiting = await pause(desk.tx, message_id)
    if case is not None and facts.paused_at is None:
        _record(case, desk, "message_paused", {"message": message_id, "deliveries": waiting})
        await save(case)
    return waiting


async def resume_message(desk: Desk, message_id: int) -> ResumedMessage:
    """What a stop or a pause kept from leaving leaves after all. Raises MessageUnknownError, MessageNotStoppedError, MessageOverError, and
    IncidentEndedError: of an incident that is over nothing is sent any more."""
    case = await _case_of(desk, await message_facts(desk.tx, message_id))
    if case is not None:
        case.must_not_be_ended()
    released = await unpause(desk.tx, message_id)
    await quarantine.ended_with_the_pause(desk.tx, message_id, "released", desk.actor.name)
    resumed = Resumed(0, released, 0, 0) if released is not None else await resume(desk.tx, message_id)
    if case is not None:
        put_back = {"members": resumed.members, "deliveries": resumed.deliveries, "held": resumed.held}
        _record(case, desk, "message_resumed", {"message": message_id, **put_back})
        if resumed.held:
            await _hold_until_morning(case, message_id)
        await save(case)
    return ResumedMessage(resumed.members, resumed.deliveries, resumed.held)


async def _hold_until_morning(case: Case, message_id: int) -> None:
    """What was held is held again, or sent at once where the night has ended meanwhile."""
    if is_night(case.community, case.tx.now):
        await set_timer(case.tx, case.incident.id, f"morning:{message_id}", night_ends_at(case.community, case.tx.now))
    else:
        await send_held(case, message_id)


async def correct_message(desk: Desk, message_id: int, words: Mapping[str, str], *, insist: bool) -> Corrected:
    """Stop the message, and tell exactly those whom it told, or may have told, these words; also after the incident's end.

    Raises MessageUnknownError, TextMissingError, TextNeverSayError.
    """
    facts = await message_facts(desk.tx, message_id)
    case = await _case_of(desk, facts)
    if case is None:
        return Corrected(None, None, None, 0, await stop(desk.tx, (message_id,)))
    check_words(case.plan.playbook, case.community.languages, words, insist=insist)
    stopped = await stop(desk.tx, (message_id,))
    announced = await _post_correction(case, facts, words)
    body: dict[str, object] = {"corrected": message_id, "message": announced.message_id, "members": announced.size, "stopped": stopped}
    if insist:
        body["insisted"] = True
    no = _record(case, desk, "message_corrected", body, words)
    await save(case)
    return Corrected(case.incident.id, no, announced.message_id if announced.size else None, announced.size, stopped)


async def _post_correction(case: Case, facts: MessageFacts, words: Mapping[str, str]) -> Announced:
    to = To((ToldBy((facts.id,)),))
    residents = facts.audience == "residents"
    announced = await announce(
        case.tx,
        Announcement(
            subject=case.incident.id,
            effect_key=f"by-desk/{case.ledger.head_no + 1}",
            kind="broadcast" if residents else "notice",
            lane="correction",
            means="write",
            audience_kind=facts.audience,
            to=await but_not_those_corrected(case.tx, case.incident.id, to) if residents else to,
            drill=facts.drill,
            life_safety=False,
            code="" if residents else case.incident.code,
            link="resident" if residents else "",
            expires_seconds=BROADCAST_SECONDS,
            texts=own_words(case, words, "correction_by_desk"),
        ),
    )
    case.wakeups.after_commit(case.tx, "correction")
    return announced


async def _case_of(desk: Desk, facts: MessageFacts) -> Case | None:
    """The incident that the message is about, held; None for one about none (a word written back to an SMS)."""
    return await open_case(desk.tx, desk.wakeups, facts.subject, must_be_open=False) if facts.subject is not None else None


def _record(case: Case, desk: Desk, kind: str, body: Mapping[str, object], words: Mapping[str, str] | None = None) -> int:
    return case.ledger.append(
        desk.tx.now, kind, "outside", {**body, "by": desk.actor.as_ids()}, detail={"by_name": desk.actor.name, **(words or {})}
    )


async def send_held_now(desk: Desk, message_id: int) -> int | None:
    """What waits for the morning leaves now: a named person takes it upon themselves. The new message; None where nothing waited.

    Raises MessageUnknownError, IncidentEndedError.
    """
    case = await _case_of(desk, await message_facts(desk.tx, message_id))
    if case is None:
        return None
    case.must_not_be_ended()
    if not await desk.tx.run(CONDUCTOR_SQL.drop_timer, desk.tx.community, [case.incident.id], f"morning:{message_id}"):
        return None
    _record(case, desk, "held_sent_now", {"message": message_id})
    sent = await send_held(case, message_id)
    await save(case)
    return sent
