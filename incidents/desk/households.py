"""A household that proved to know: on the telephone, at the door. It counts in the same sealed ledger as a handset's word."""

from incidents.conductor.audiences import told_by_incident, told_messages
from incidents.conductor.case import Case
from notifiers.announcements import confirm, confirm_persons, leave_out
from notifiers.delivery.reach import lock_messages
from notifiers.delivery.sealing.seals import seal_now
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


async def household_knows(tx: Tx, incident_id: int, home_id: int) -> int:
    """Everybody of this home is confirmed in every message that told residents of the incident, held ones too; how many messages."""
    messages = await _messages_of_home(tx, incident_id, home_id, hold=True)
    for message_id in messages:
        await confirm(tx, message_id, home_id=home_id)
    return len(messages)


async def tells_home(tx: Tx, incident_id: int, home_id: int) -> bool:
    """Whether a message of the incident counts this home among whom it concerns."""
    return bool(await _messages_of_home(tx, incident_id, home_id, hold=False))


async def person_knows(case: Case, person_id: int) -> None:
    """The same for one person in all their homes."""
    told = await told_messages(case)
    await seal_now(case.tx, told)
    await confirm_persons(case.tx, [(message_id, person_id) for message_id in told])


async def nobody_lives_there(case: Case, home_id: int) -> None:
    """The home is vacant: whom nothing reached there for certain is left out, with that reason."""
    for message_id in await _messages_of_home(case.tx, case.incident.id, home_id, hold=True):
        await leave_out(case.tx, message_id, home_id)


async def _messages_of_home(tx: Tx, incident_id: int, home_id: int, *, hold: bool) -> list[int]:
    """`hold` them, and with them all others that told of the incident: the next home of this transaction may be in an older one."""
    told = await told_by_incident(tx, incident_id)
    await seal_now(tx, told)
    if hold:
        await lock_messages(tx, told)
    return await tx.column(SQL.messages_of_home, tx.community, list(told), home_id)
