"""The room of one incident: everything its page shows, read in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from incidents.views.lists import (
    IncidentSummary,
    IncidentView,
    ReportView,
    TaskView,
    incident,
    playbook_of,
    reports,
    tasks,
)
from playbooks.engine.advice import Upcoming, lines_to_say, upcoming
from playbooks.engine.decide import State
from playbooks.language.model import Line, Playbook
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class AlertedPerson:
    """One person on one rung of one ladder: how they were alerted, how that stands, and what they last said."""

    alert_key: str
    rung: int
    person_id: int
    name: str
    means: str
    medium: str | None
    gateway_kind: str | None
    delivery_state: str | None
    reach: str
    reason: str | None
    alerted_at: datetime
    answer: str | None
    answered_at: datetime | None
    promised_at: datetime | None
    evidence: str | None
    said_by_means: str | None
    written_by: str | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """One step that alerts people, with everybody alerted so far in order."""

    alert_key: str
    step: str
    title: dict[str, str]
    people: list[AlertedPerson]


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """A confirmation given."""

    name: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChildView:
    """An incident that a task of this one opened, or the one that opened this."""

    id: int
    number: int
    kind: str
    status: str


@dataclass(frozen=True, slots=True)
class Room:
    """All that the room shows."""

    view: IncidentView
    playbook: Playbook
    state: State
    upcoming: tuple[Upcoming, ...]
    say: tuple[Line, ...]
    ladders: list[Ladder]
    tasks: list[TaskView]
    done_tasks: list[TaskView]
    reports: list[ReportView]
    confirmations: list[ConfirmationView]
    children: list[ChildView]
    parent: ChildView | None
    now: datetime

    @property
    def row(self) -> IncidentSummary:
        return self.view.summary


async def room(tx: Tx, incident_id: int) -> Room:
    """Read the room; raises IncidentUnknownError."""
    view = await incident(tx, incident_id)
    playbook = await playbook_of(tx, view.summary)
    state = State.model_validate(view.summary.state)
    all_tasks = await tasks(tx, incident_id, open_only=False)
    return Room(
        view=view,
        playbook=playbook,
        state=state,
        upcoming=upcoming(playbook, state),
        say=lines_to_say(playbook, state.facts),
        ladders=await ladders_of(tx, incident_id, playbook),
        tasks=[one for one in all_tasks if one.done_at is None and one.cancelled_at is None],
        done_tasks=[one for one in all_tasks if one.done_at is not None],
        reports=await reports(tx, incident_id),
        confirmations=await tx.rows(SQL.confirmations, ConfirmationView, tx.community, incident_id),
        children=await tx.rows(SQL.children, ChildView, tx.community, incident_id),
        parent=await tx.maybe(SQL.parent, ChildView, tx.community, incident_id),
        now=tx.now,
    )


async def ladders_of(tx: Tx, incident_id: int, playbook: Playbook) -> list[Ladder]:
    """Every ladder of the incident, with everybody alerted so far."""
    people = await tx.rows(SQL.alerted_people, AlertedPerson, tx.community, incident_id)
    ladders: dict[str, Ladder] = {}
    for person in people:
        step = person.alert_key.partition("#")[0]
        title = playbook.steps[step].title if step in playbook.steps else {}
        ladders.setdefault(person.alert_key, Ladder(person.alert_key, step, dict(title), [])).people.append(person)
    return list(ladders.values())
