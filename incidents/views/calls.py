"""Which calls the desk still has to make by hand: none to people who need not come any more."""

from incidents.views.lists import SQL, IncidentView
from notifiers.delivery import by_hand
from playbooks.engine.decide import State
from tocsin.base.database import Tx


async def calls_to_make(tx: Tx, view: IncidentView) -> list[by_hand.CallToMake]:
    """The calls of an incident that somebody must dial now, the oldest first: for an alert only while it waits for somebody to take it."""
    waiting = await by_hand.waiting(tx, view.summary.id)
    if not waiting:
        return []
    state = State.model_validate(view.summary.state)
    settled = [name for name, record in state.steps.items() if record.holders or record.phase != "active"]
    needless = set(await tx.column(SQL.messages_of_steps, tx.community, view.summary.id, settled))
    is_over = state.status in ("closed", "cancelled")
    return [call for call in waiting if not is_over and call.message_id not in needless]
