"""Which calls the desk still has to make by hand: none to people who need not come any more."""

from incidents.views.lists import IncidentView
from notifiers.delivery import by_hand
from playbooks.engine.decide import State
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


async def calls_to_make(tx: Tx, view: IncidentView) -> list[by_hand.CallToMake]:
    """The calls of an incident that somebody must dial now. Where somebody has taken an alert, nobody else is called for it."""
    waiting = await by_hand.waiting(tx, view.summary.id)
    if not waiting:
        return []
    steps = State.model_validate(view.summary.state).steps
    taken = [name for name, record in steps.items() if record.holders]
    needless = set(await tx.column(SQL.messages_of_steps, tx.community, view.summary.id, taken))
    return [call for call in waiting if call.message_id not in needless]
