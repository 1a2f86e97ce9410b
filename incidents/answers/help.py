"""A cry for help: red on the record, and a task at the desk. While that task is open, the same home's next cry adds only its words; so does
a further cry from no home that is understood, once MOST_WITHOUT_A_HOME such tasks wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from incidents.conductor.case import Case, open_case, save
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
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


async def call_for_help(tx: Tx, wakeups: Wakeups, incident_id: int, cries: Sequence[Cry]) -> None:
    """Heard at once, whoever cries; raises IncidentEndedError."""
    case = await open_case(tx, wakeups, incident_id)
    called = await _called_already(tx, incident_id, cries)
    places = await _places_without_a_home(tx, incident_id, cries)
    tasks: list[tuple[str, dict[str, object]]] = []
    for cry, is_called in zip(cries, called, strict=True):
        opens = not is_called and (bool(cry.homes) or places > 0)
        if opens or cry.words:
            no = _note(case, cry)
        if opens:
            places -= 0 if cry.homes else 1
            tasks.append((f"help#{no}", _does(cry)))
            case.red.append(cry.kind)
    if tasks:
        keys, does = [key for key, _ in tasks], [does for _, does in tasks]
        await tx.run(SQL.insert_help_tasks, tx.community, incident_id, keys, does, tx.now)
    if case.ledger.head_no != case.incident.head_no:
        await save(case)


def _note(case: Case, cry: Cry) -> int:
    """The number of its event."""
    body: dict[str, object] = {"homes": cry.homes, "persons": cry.persons if cry.proven else []}
    detail = {name: text for name, text in (("words", cry.words), ("said_home", cry.said_home)) if text}
    if not cry.proven:
        body["unverified"] = True
    return case.ledger.append(case.tx.now, cry.kind, "outside", body, detail=detail or None)


async def _called_already(tx: Tx, incident_id: int, cries: Sequence[Cry]) -> list[bool]:
    """Of each whether somebody is called for it already, by a task or by one of these before it."""
    called = set(await tx.column(SQL.open_calls_for_help, tx.community, incident_id, [_does(cry) for cry in cries]))
    before: set[tuple[object, ...]] = set()
    found: list[bool] = []
    for place, cry in enumerate(cries, start=1):
        same = (cry.kind, *cry.homes, cry.said_home)
        found.append(place in called or (same, True) in before or (not cry.proven and (same, False) in before))
        before.add((same, cry.proven))
    return found


async def _places_without_a_home(tx: Tx, incident_id: int, cries: Sequence[Cry]) -> int:
    """How many tasks may still be opened for cries whose home nobody understood."""
    if all(cry.homes for cry in cries):
        return 0
    open_now: int = await tx.value(SQL.open_cries_without_a_home, tx.community, incident_id)
    return MOST_WITHOUT_A_HOME - open_now


def _does(cry: Cry) -> dict[str, object]:
    does: dict[str, object] = {
        "text_key": None, "call": None, "results": ["helped", "no_answer"], "help": cry.kind, "homes": cry.homes, "persons": cry.persons,
        "variables": {},
    }  # fmt: skip
    unproven = {} if cry.proven else {"unverified": True}
    return does | unproven | ({} if cry.said_home is None else {"said_home": cry.said_home})
