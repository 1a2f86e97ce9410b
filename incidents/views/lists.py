"""Open incidents at a glance, tasks, reports, deliveries, and the timeline as it is read by people."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.errors import IncidentUnknownError
from incidents.plans import plan_of_version
from people.places import get_place, name_of
from playbooks.engine.advice import Upcoming, upcoming
from playbooks.engine.decide import State
from playbooks.language.model import Playbook, Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
LARGEST_NUMBER = 2**31 - 1
"""No incident has it; numbers are PostgreSQL's int."""
LARGEST_ID = 2**63 - 1
"""Nothing has it; ids are PostgreSQL's bigint."""


@dataclass(frozen=True, slots=True)
class IncidentSummary:
    """The incident's row, its run, and how far its telling has come."""

    id: int
    number: int
    code: str
    kind: str
    severity: str
    status: str
    drill: bool
    place_id: int
    facts: dict[str, Any]
    parent_id: int | None
    declared_at: datetime
    relieved_at: datetime | None
    closed_at: datetime | None
    next_news_by: datetime | None
    merged_into: int | None
    head_no: int
    playbook_version_id: int
    state: dict[str, Any]
    reports: int
    told_size: int
    told_reached: int


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident for a list: its summary with words in every language, who holds it, and what happens next by itself."""

    summary: IncidentSummary
    title: Words
    place: Words
    holders: list[str]
    next_up: Upcoming | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of the timeline; `detail` is None where there was none or it was erased."""

    no: int
    at: datetime
    happened_at: datetime
    kind: str
    cause: str
    body: dict[str, Any]
    detail: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class StoredEventView:
    """An event as it lies in the database."""

    no: int
    at: datetime
    happened_at: datetime
    kind: str
    cause: str
    body: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task; `does` is {text_key, call, results, variables} and for a task per place {place, opens}, for a call for help {help, homes}."""

    id: int
    incident_id: int
    number: int
    key: str
    role: str
    does: dict[str, Any]
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    result: str | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report, with the caller's own words."""

    no: int
    at: datetime
    source: str
    caller_name: str | None
    caller_phone: str | None
    home_id: int | None
    words: str
    wish: str
    call_back_due: datetime | None
    call_back_tries: int
    called_back_at: datetime | None
    unreachable_at: datetime | None
    complaint_owner: str | None
    answer_due: datetime | None
    answered_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery of an incident's messages; the address is whole here and masked by whoever shows it."""

    message_id: int
    no: int
    kind: str
    effect_key: str
    person_id: int
    person: str
    medium: str
    address: str
    state: str
    attempts: int
    reason: str | None
    state_at: datetime | None


async def open_incidents(tx: Tx) -> list[IncidentView]:
    """What is open or relieved, gravest and oldest first."""
    return [await _view(tx, one) for one in await tx.rows(SQL.open_incidents, IncidentSummary, tx.community)]


async def list_incidents(tx: Tx, *, before: int | None, limit: int) -> list[IncidentView]:
    """All incidents, newest first; `before` is the number of the last one seen."""
    after = LARGEST_NUMBER if before is None else before
    return [await _view(tx, one) for one in await tx.rows(SQL.list_incidents, IncidentSummary, tx.community, after, limit)]


async def incident(tx: Tx, incident_id: int) -> IncidentView:
    """One incident; raises IncidentUnknownError."""
    return await _view(tx, await summary(tx, incident_id))


async def incident_of_number(tx: Tx, number: int) -> int:
    """The id of incident `number` of this community; raises IncidentUnknownError."""
    found: int | None = await tx.value(SQL.id_of_number, tx.community, number)
    if found is None:
        raise IncidentUnknownError(value=number)
    return found


async def summary(tx: Tx, incident_id: int) -> IncidentSummary:
    """One incident's row; raises IncidentUnknownError."""
    found = await tx.maybe(SQL.one_incident, IncidentSummary, tx.community, incident_id)
    if found is None:
        raise IncidentUnknownError(value=incident_id)
    return found


async def playbook_of(tx: Tx, row: IncidentSummary) -> Playbook:
    """The playbook that this incident runs."""
    return (await plan_of_version(tx, row.playbook_version_id)).playbook


async def _view(tx: Tx, row: IncidentSummary) -> IncidentView:
    playbook = await playbook_of(tx, row)
    place = await get_place(tx, row.place_id)
    ahead = upcoming(playbook, State.model_validate(row.state))
    names = {language: name_of(place, language) for language in ("zh-CN", "en")}
    return IncidentView(row, playbook.title, names, await tx.column(SQL.holders_of, tx.community, row.id), ahead[0] if ahead else None)


async def timeline(tx: Tx, incident_id: int, *, after_no: int = 0, limit: int = 200) -> list[EventView]:
    """Events in order, from after `after_no`."""
    stored = await tx.rows(SQL.timeline, StoredEventView, tx.community, incident_id, after_no, limit)
    return [
        EventView(
            one.no, one.at, one.happened_at, one.kind, one.cause, json.loads(one.body), json.loads(one.detail) if one.detail else None
        )
        for one in stored
    ]


async def tasks(tx: Tx, incident_id: int | None = None, *, open_only: bool = True) -> list[TaskView]:
    """Tasks of one incident, or those that wait of all; the one due first at the top."""
    if incident_id is not None:
        return await tx.rows(SQL.tasks_of_incident, TaskView, tx.community, incident_id, open_only)
    return await tx.rows(SQL.open_tasks, TaskView, tx.community)


async def every_task(tx: Tx, *, before: int | None, limit: int) -> list[TaskView]:
    """All tasks there ever were, newest first; `before` is the id of the last one seen."""
    return await tx.rows(SQL.every_task, TaskView, tx.community, LARGEST_ID if before is None else before, limit)


async def reports(tx: Tx, incident_id: int) -> list[ReportView]:
    """Who called about it, newest first."""
    return await tx.rows(SQL.reports, ReportView, tx.community, incident_id)


async def deliveries(tx: Tx, incident_id: int, *, after_message: int = 0, after_no: int = 0, limit: int = 200) -> list[DeliveryView]:
    """Every delivery of the incident's messages, in order of message and number, from after the pair given."""
    return await tx.rows(SQL.deliveries, DeliveryView, tx.community, incident_id, after_message, after_no, limit)
