"""Whom the desk may have to call: numbers of staff, and the homes that are asked in person first."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from people.communities import Community
from people.persons import PreferredMeans
from playbooks.language.model import Playbook, TellAction, Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class NumberOf:
    """The number under which somebody is called first (E.164); `proxy_name` and `proxy_relation` say whose it is, if not their own."""

    person_id: int
    number: str
    proxy_name: str | None
    proxy_relation: str | None


@dataclass(frozen=True, slots=True)
class PriorityHome:
    """Somebody who is asked first, and where they live. Why stays guarded; `powered_device`: a power cut endangers them."""

    person_id: int
    name: str
    home_id: int
    home: Words
    powered_device: bool
    speaks: str
    dialect: str
    preferred_means: PreferredMeans


@dataclass(frozen=True, slots=True)
class PriorityCall:
    """One line of the list: whom to call, under which number ('' where none is known), and how to talk to them."""

    name: str
    home: str
    number: str
    powered_device: bool
    speaks: str
    dialect: str
    preferred_means: PreferredMeans
    proxy_name: str | None
    proxy_relation: str | None


async def numbers_of(tx: Tx, person_ids: Iterable[int]) -> dict[int, str]:
    """The number of each of these people who has one."""
    return {person: one.number for person, one in (await _numbers(tx, person_ids)).items()}


async def _numbers(tx: Tx, person_ids: Iterable[int]) -> dict[int, NumberOf]:
    return {one.person_id: one for one in await tx.rows(SQL.numbers_of, NumberOf, tx.community, sorted(set(person_ids)))}


async def priority_calls(tx: Tx, playbook: Playbook, place_id: int, community: Community, language: str) -> list[PriorityCall]:
    """Whom the desk calls in person about this place; nobody where the playbook puts nobody first."""
    if not any(isinstance(step.action, TellAction) and step.action.audience.priority for step in playbook.steps.values()):
        return []
    today = tx.now.astimezone(ZoneInfo(community.zone)).date()
    homes = await tx.rows(SQL.priority_homes, PriorityHome, tx.community, place_id, today)
    numbers = await _numbers(tx, [one.person_id for one in homes])
    return [_priority(one, numbers.get(one.person_id), language) for one in homes]


def _priority(one: PriorityHome, number: NumberOf | None, language: str) -> PriorityCall:
    return PriorityCall(
        one.name, one.home.get(language, ""), number.number if number else "", one.powered_device, one.speaks, one.dialect,
        one.preferred_means, number.proxy_name if number else None, number.proxy_relation if number else None,
    )  # fmt: skip
