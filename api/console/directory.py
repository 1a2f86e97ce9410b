"""Whom the desk may have to call: numbers of staff, and the homes that are asked in person first."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from people.communities import Community
from playbooks.language.model import Playbook, TellAction, Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class NumberOf:
    """The number under which somebody is called first (E.164)."""

    person_id: int
    number: str


@dataclass(frozen=True, slots=True)
class PriorityHome:
    """Somebody who is asked first, and where they live. Why stays guarded; `powered_device`: a power cut endangers them."""

    person_id: int
    name: str
    home_id: int
    home: Words
    powered_device: bool


@dataclass(frozen=True, slots=True)
class PriorityCall:
    """One line of the list: whom to call, under which number ('' where none is known)."""

    name: str
    home: str
    number: str
    powered_device: bool


async def numbers_of(tx: Tx, person_ids: Iterable[int]) -> dict[int, str]:
    """The number of each of these people who has one."""
    return {one.person_id: one.number for one in await tx.rows(SQL.numbers_of, NumberOf, tx.community, sorted(set(person_ids)))}


async def priority_calls(tx: Tx, playbook: Playbook, place_id: int, community: Community, language: str) -> list[PriorityCall]:
    """Whom the desk calls in person about this place; nobody where the playbook puts nobody first."""
    if not any(isinstance(step.action, TellAction) and step.action.audience.priority for step in playbook.steps.values()):
        return []
    today = tx.now.astimezone(ZoneInfo(community.zone)).date()
    homes = await tx.rows(SQL.priority_homes, PriorityHome, tx.community, place_id, today)
    numbers = await numbers_of(tx, [one.person_id for one in homes])
    return [PriorityCall(one.name, one.home.get(language, ""), numbers.get(one.person_id, ""), one.powered_device) for one in homes]
