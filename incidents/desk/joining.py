"""Two who declare the same at once: the first alerts, the second is one more call about it, and nobody is alerted twice.

What was open when somebody looked was shown to them, so they meant it when they declared all the same. What was opened since they looked
they could not know: theirs is the same emergency, where it is at their place or around it. An incident within their place is smaller than
what they declare, so theirs is declared.
"""

from collections.abc import Set
from dataclasses import dataclass

from incidents.actors import Actor
from incidents.desk.changes import Desk, add_report, set_facts
from incidents.desk.declare import Declaration, Declared, declare
from incidents.desk.foresee import OpenHere, open_here
from incidents.desk.reports import Reporter
from incidents.views.lists import incident
from people.places import ancestors
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
_DECLARING_LOCK = 0x70C6 << 40
"""Taken before any incident's row: whoever waits for it holds nothing that anybody else waits for."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a declaration; `joined`: it is a report of an incident that somebody else had just declared."""

    declared: Declared
    joined: bool


async def declare_or_join(tx: Tx, wakeups: Wakeups, declaration: Declaration, actor: Actor, seen: Set[int] | None) -> Taken:
    """Declare, or join what was opened since somebody looked and saw the incidents `seen`; None: declare in any case.

    Raises as declaring does.
    """
    await tx.value(SQL.lock_declaring, _DECLARING_LOCK + tx.community)
    if seen is not None and not declaration.drill:
        unseen = [one for one in await open_here(tx, declaration.kind, declaration.place_id) if one.incident_id not in seen]
        around = {declaration.place_id, *(one.id for one in await ancestors(tx, declaration.place_id))} if unseen else set()
        same = next((one for one in unseen if one.place_id in around), None)
        if same is not None:
            return Taken(await _join(Desk(tx, wakeups, actor), same, declaration), joined=True)
    return Taken(await declare(tx, wakeups, declaration, actor), joined=False)


async def _join(desk: Desk, same: OpenHere, declaration: Declaration) -> Declared:
    """The caller's report and what they know; nothing that is known already is changed."""
    summary = (await incident(desk.tx, same.incident_id)).summary
    noted = await add_report(desk, same.incident_id, declaration.reporter or Reporter())
    alerted, red = list(noted.changed.alerted), list(noted.changed.red)
    unknown = {name: value for name, value in declaration.facts.items() if value is not None and name not in summary.facts}
    if unknown:
        changed = await set_facts(desk, same.incident_id, unknown)
        alerted, red = [*alerted, *changed.alerted], [*red, *changed.red]
    return Declared(same.incident_id, summary.number, summary.code, alerted, red)
