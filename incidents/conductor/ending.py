"""What ends with an incident: its timers, its open tasks, its short code."""

from typing import Literal

from incidents.conductor.case import Case
from incidents.conductor.signatures import SIGNATURE_TIMER
from notifiers.announcements import withdraw_codes
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


async def close_case(case: Case, status: Literal["closed", "cancelled"]) -> None:
    """Set the end on the incident and give back what it held. Held morning texts keep their timers, and so do a missing signature
    and what waits for a second person, which lapses and says so."""
    tx, row = case.tx, case.incident
    row.status, row.closed_at = status, tx.now
    await tx.run(SQL.drop_timers, tx.community, row.id, [SIGNATURE_TIMER])
    await tx.run(SQL.cancel_tasks, tx.community, row.id, tx.now)
    await tx.run(SQL.give_back_code, case.community.company_id, row.code)
    await withdraw_codes(tx, row.id)
    case.timer_at = None
