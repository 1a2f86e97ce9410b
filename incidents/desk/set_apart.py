"""Deciding on what was set apart because it stopped its sender: try it again, or give it up; on the record of its incident."""

from incidents.conductor.case import open_case, save
from incidents.desk.changes import Desk
from incidents.desk.messages import resume_message, stop_message
from notifiers.announcements import message_facts
from notifiers.delivery.quarantine import EndedHow, end


async def decide(desk: Desk, message_id: int, no: int, how: EndedHow) -> None:
    """Release or give up one delivery, or with `no` 0 all of a message (the same as resuming or stopping it).

    Raises MessageUnknownError, QuarantineUnknownError, MessageNotStoppedError, IncidentEndedError.
    """
    facts = await message_facts(desk.tx, message_id)
    if no == 0:
        await (resume_message if how == "released" else stop_message)(desk, message_id)
        return
    case = await open_case(desk.tx, desk.wakeups, facts.subject, must_be_open=False) if facts.subject is not None else None
    await end(desk.tx, message_id, no, how, desk.actor.name)
    if case is not None:
        body = {"message": message_id, "delivery": no, "by": desk.actor.as_ids()}
        case.ledger.append(desk.tx.now, f"delivery_{how}", "outside", body, detail={"by_name": desk.actor.name})
        await save(case)
    desk.wakeups.after_commit(desk.tx, facts.lane)
