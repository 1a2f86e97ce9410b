"""What the desk passes on by hand: a text into the owners' group, a poster in the lobby. It is on the record, and counts nobody as reached."""

from typing import Literal, get_args

from incidents.conductor.case import open_case, save
from incidents.desk.changes import Desk
from incidents.errors import AnswerWrongError

Manual = Literal["chat_group", "poster"]
LONGEST_WHERE = 100


async def note_shared(desk: Desk, incident_id: int, what: str, where: str) -> int:
    """Somebody passed it on, also after the end, when posters hang on; `where`: which group, which lobby. Its number on the timeline.

    Raises IncidentUnknownError, AnswerWrongError.
    """
    if what not in get_args(Manual):
        raise AnswerWrongError(field="/what", value=what, known=", ".join(get_args(Manual)))
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    detail = {"by_name": desk.actor.name, **({"words": where[:LONGEST_WHERE]} if where else {})}
    no = case.ledger.append(desk.tx.now, "shared_by_hand", "outside", {"what": what, "by": desk.actor.as_ids()}, detail=detail)
    await save(case)
    return no
