"""What a playbook asks for after the end: whoever reported is called once more. Written down when the incident closes, never for a drill."""

from incidents.conductor.case import Case
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


async def plan_follow_ups(case: Case) -> int:
    """Put the follow-up calls on the list that the playbook's `after: call_back` asks for, one for each caller and round; how many.

    A caller is a person of the directory or a number; reports of incidents that became part of this one are among its own.
    """
    call_back = case.plan.playbook.after.call_back
    if call_back is None or case.incident.drill:
        return 0
    tx = case.tx
    rounds = [tx.now + wait for wait in (call_back.within, *call_back.repeat_after)]
    planned = await tx.run(SQL.plan_follow_ups, tx.community, case.incident.id, rounds)
    if planned:
        case.ledger.append(tx.now, "follow_ups_planned", "effect", {"calls": planned, "first_at": min(rounds).isoformat()})
    return planned
