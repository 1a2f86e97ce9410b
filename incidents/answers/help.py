"""A cry for help: red on the record, and a task at the desk. While that task is open, the same home's next cry adds only its words; so does
a further cry from no home that is understood, once MOST_WITHOUT_A_HOME such tasks wait."""

from dataclasses import dataclass
from typing import Literal

from incidents.conductor.case import open_case, save
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")
HelpKind = Literal["others_inside", "needs_help"]
MOST_WITHOUT_A_HOME = 30
"""Open tasks of one incident for cries whose home was not understood: with so many, somebody plays, and the desk knows of it."""


@dataclass(frozen=True, slots=True)
class Cry:
    """Who needs help, and in which homes. Not `proven`: anybody may have said so, and `persons` are those who could be rung up there.

    `said_home` is what was typed where no home was understood.
    """

    kind: HelpKind
    homes: list[int]
    persons: list[int]
    words: str = ""
    said_home: str | None = None
    proven: bool = True


async def call_for_help(tx: Tx, wakeups: Wakeups, incident_id: int, cry: Cry) -> None:
    """Heard at once, whoever cries; raises IncidentEndedError."""
    case = await open_case(tx, wakeups, incident_id)
    is_called = await tx.value(SQL.open_call_for_help, tx.community, incident_id, cry.kind, cry.homes, cry.said_home, cry.proven)
    opens = not is_called and await _may_open(tx, incident_id, cry)
    if not opens and not cry.words:
        return
    body: dict[str, object] = {"homes": cry.homes, "persons": cry.persons if cry.proven else []}
    detail = {name: text for name, text in (("words", cry.words), ("said_home", cry.said_home)) if text}
    if not cry.proven:
        body["unverified"] = True
    no = case.ledger.append(tx.now, cry.kind, "outside", body, detail=detail or None)
    if opens:
        await tx.run(CONDUCTOR_SQL.insert_task, tx.community, incident_id, f"help#{no}", "front_desk", _does(cry), tx.now, None)
        case.red.append(cry.kind)
    await save(case)


async def _may_open(tx: Tx, incident_id: int, cry: Cry) -> bool:
    return bool(cry.homes) or await tx.value(SQL.open_cries_without_a_home, tx.community, incident_id) < MOST_WITHOUT_A_HOME


def _does(cry: Cry) -> dict[str, object]:
    does: dict[str, object] = {
        "text_key": None, "call": None, "results": ["helped", "no_answer"], "help": cry.kind, "homes": cry.homes, "persons": cry.persons,
        "variables": {},
    }  # fmt: skip
    unproven = {} if cry.proven else {"unverified": True}
    return does | unproven | ({} if cry.said_home is None else {"said_home": cry.said_home})
