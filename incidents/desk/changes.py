"""What the desk changes about an incident. Each function locks it, lets it happen, and saves it, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from incidents.actors import Actor
from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.audiences import told_messages
from incidents.conductor.broadcasts import correct, post_to_residents
from incidents.conductor.case import Alerted, Case, open_case, save
from incidents.conductor.ending import close_case
from incidents.desk.declare import check_place, check_severity
from incidents.desk.facts import check_facts
from incidents.desk.own_words import check_never_said, own_words
from incidents.desk.relocating import relocate
from incidents.desk.reports import Reporter, note_report
from incidents.errors import (
    NeedUnknownError,
    NothingToUpdateError,
    NotReadyToCloseError,
    NotRelievedError,
)
from notifiers.announcements import To, ToldBy
from people.places import get_place
from playbooks.engine import events as happens
from playbooks.engine.effects import Correction
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts, in which transaction."""

    tx: Tx
    wakeups: Wakeups
    actor: Actor

    @property
    def how(self) -> Circumstances:
        return Circumstances(actor=self.actor)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change led to: the timeline's newest number, who was alerted by it, and what a human must see now."""

    incident_id: int
    status: str
    head_no: int
    alerted: list[Alerted]
    red: list[str]


async def finish_change(case: Case) -> Changed:
    """Save the case; what came of it."""
    await save(case)
    return Changed(case.incident.id, case.incident.status, case.ledger.head_no, case.alerted, case.red)


async def set_facts(desk: Desk, incident_id: int, facts: Mapping[str, object]) -> Changed:
    """Answers to the playbook's questions; None means that the caller does not know. Raises FactUnknownError, FactWrongError."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    checked = check_facts(case.plan.playbook, facts)
    await happen(case, happens.FactsChanged(facts=checked), desk.how)
    known = {**case.incident.facts, **checked}
    case.incident.facts = {name: value for name, value in known.items() if value is not None}
    return await finish_change(case)


@dataclass(frozen=True, slots=True)
class Reported:
    """A report's number on the timeline, and what it led to."""

    no: int
    changed: Changed


async def add_report(desk: Desk, incident_id: int, reporter: Reporter) -> Reported:
    """One more call about the incident. Whoever spoke with the desk knows: their household counts as told."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    homes = await note_report(case, reporter, desk.actor)
    no = case.ledger.head_no
    if homes > case.state.reports:
        await happen(case, happens.Reported(homes=homes), desk.how)
    return Reported(no, await finish_change(case))


async def set_place(desk: Desk, incident_id: int, place_id: int) -> Changed:
    """It is elsewhere: whoever was alerted hears where, those wrongly told are corrected, those newly concerned are told. The same
    place again changes nothing. Raises PlaceUnfitError, and PlaceUnknownError of people."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    place = await get_place(desk.tx, place_id)
    check_place(case.plan, place)
    if place.id != case.place.id:
        body: dict[str, object] = {"from": case.place.id, "to": place.id, "by": desk.actor.as_ids()}
        moved = await relocate(case, place)
        case.ledger.append(desk.tx.now, "place_changed", "outside", {**body, **asdict(moved)}, detail={"by_name": desk.actor.name})
    return await finish_change(case)


async def set_severity(desk: Desk, incident_id: int, severity: str) -> Changed:
    """Raise or lower it; raises SeverityWrongError."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    checked = check_severity(severity, case.plan.playbook.severity)
    case.incident.severity = checked
    await happen(case, happens.SeverityChanged(severity=checked), desk.how)
    return await finish_change(case)


async def post_update(desk: Desk, incident_id: int, words: Mapping[str, str], next_by: datetime | None, *, insist: bool = True) -> int:
    """News to exactly those residents who were told; `words` by language. The message's id.

    Raises NothingToUpdateError when nobody was told; unless `insist`, TextNeverSayError for what the playbook says never to say.
    """
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    if not insist:
        check_never_said(case.plan.playbook, words)
    told = await told_messages(case)
    if not told:
        raise NothingToUpdateError()
    no = await happen(case, happens.UpdateSent(next_by=next_by), Circumstances(actor=desk.actor, more={"told_by": list(told)}))
    message = await post_to_residents(
        case, effect_key=f"update#{no}", to=To((ToldBy(told),)), texts=own_words(case, words, "update"), may_be_sealed_later=True
    )
    case.ledger.append(desk.tx.now, "update", "outside", {"message": message, "update": no}, detail=dict(words))
    case.incident.next_news_by = next_by
    await save(case)
    return message


async def add_note(desk: Desk, incident_id: int, words: str) -> int:
    """A word on the record, sent to nobody; also after the end. Its number."""
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    no = case.ledger.append(
        desk.tx.now, "note_added", "outside", {"by": desk.actor.as_ids()}, detail={"by_name": desk.actor.name, "words": words}
    )
    await save(case)
    return no


async def tell_residents_now(desk: Desk, incident_id: int) -> Changed:
    """A named person takes it upon themselves that residents are told now."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    await happen(case, happens.BroadcastNow(), desk.how)
    return await finish_change(case)


async def confirm(desk: Desk, incident_id: int, name: str) -> Changed:
    """Give a confirmation that closing waits for; raises NeedUnknownError."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    _check_need(case, name)
    if await desk.tx.run(SQL.confirm, desk.tx.community, incident_id, name, desk.actor.name, desk.tx.now):
        await happen(case, happens.WasConfirmed(name=name), desk.how)
    return await finish_change(case)


async def withdraw_confirmation(desk: Desk, incident_id: int, name: str) -> Changed:
    """It was not so after all; raises NeedUnknownError."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    _check_need(case, name)
    if await desk.tx.run(SQL.withdraw_confirmation, desk.tx.community, incident_id, name):
        await happen(case, happens.ConfirmationWithdrawn(name=name), desk.how)
    return await finish_change(case)


def _check_need(case: Case, name: str) -> None:
    if name not in case.plan.playbook.needs:
        raise NeedUnknownError(field="/name", value=name, known=", ".join(case.plan.playbook.needs))


async def resolve(desk: Desk, incident_id: int) -> Changed:
    """The danger is over. Twice is once."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    if case.incident.status == "open":
        case.incident.status, case.incident.relieved_at = "relieved", desk.tx.now
        await happen(case, happens.Resolved(), desk.how)
    return await finish_change(case)


async def reopen(desk: Desk, incident_id: int) -> Changed:
    """It failed again; raises NotRelievedError unless it is relieved."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    if case.incident.status != "relieved":
        raise NotRelievedError(number=case.incident.number, status=case.incident.status)
    case.incident.status = "open"
    await happen(case, happens.Reopened(), desk.how)
    return await finish_change(case)


async def close(desk: Desk, incident_id: int) -> Changed:
    """End it; raises NotRelievedError, and NotReadyToCloseError naming what is lacking."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    if case.incident.status != "relieved":
        raise NotRelievedError(number=case.incident.number, status=case.incident.status)
    await happen(case, happens.CloseRequested(), desk.how)
    if not case.ended:
        raise NotReadyToCloseError(lacking=_lacking(case))
    changed = await finish_change(case)
    await tell_parent(desk, case)
    return changed


def _lacking(case: Case) -> str:
    needs = [name for name in case.plan.playbook.needs if name not in case.state.confirmed]
    return ", ".join([*needs, *(f"child:{child}" for child in case.state.children)])


async def cancel(desk: Desk, incident_id: int, reason: str) -> Changed:
    """It was a false alarm: everything stops, and exactly those who were told are told so."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    how = Circumstances(actor=desk.actor, detail={"reason": reason})
    await happen(case, happens.Cancelled(), how)
    await _correct_what_only_the_desk_told(case)
    await close_case(case, "cancelled")
    changed = await finish_change(case)
    await tell_parent(desk, case)
    return changed


async def _correct_what_only_the_desk_told(case: Case) -> None:
    """The plan corrects when it has told anybody; residents whom only the desk told in its own words are not left with it either."""
    if not case.state.told and await told_messages(case):
        playbook = case.plan.playbook
        effect = Correction(
            id=f"by-desk/{case.ledger.head_no + 1}",
            text_key=playbook.correction_key,
            staff_text_key=playbook.correction_staff_key,
            variables={},
        )
        await correct(case, effect)


async def tell_parent(desk: Desk, child: Case) -> None:
    """The incident that opened this one waits for it no longer."""
    if child.incident.parent_id is None:
        return
    parent = await open_case(desk.tx, desk.wakeups, child.incident.parent_id, must_be_open=False)
    if not parent.ended:
        await happen(parent, happens.ChildClosed(child=str(child.incident.id)), desk.how)
        await save(parent)
