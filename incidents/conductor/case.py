"""One incident held for change: its locked row, its run, and the end of its record.

Whoever changes an incident opens its case (which locks the incident's row before anything else), lets things happen through
conductor.advance, and saves it. Everything reaches the database with `save`, in the caller's transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime

from incidents.errors import IncidentEndedError, IncidentUnknownError
from incidents.plans import Plan, plan_of_version
from incidents.timeline.ledger import Ledger
from people.communities import Community, get_community
from people.places import Place, get_place
from playbooks.engine.decide import ENGINE_VERSION, State, wake_at
from playbooks.engine.state import STATE_VERSION
from tocsin.base import work
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
RUN_TIMER = "run"
ENDED = ("closed", "cancelled")


@dataclass(slots=True)
class IncidentRow:
    """The incident as it lies in the database; what may change is changed here and written by `save`."""

    id: int
    number: int
    code: str
    kind: str
    severity: str
    status: str
    drill: bool
    place_id: int
    facts: dict[str, object]
    parent_id: int | None
    parent_step: str | None
    head_no: int
    head_hash: bytes
    head_at: datetime
    declared_at: datetime
    relieved_at: datetime | None
    closed_at: datetime | None
    next_news_by: datetime | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it lies in the database."""

    playbook_version_id: int
    state: dict[str, object]
    wake_at: datetime | None


@dataclass
class Case:
    """An incident under its lock. `red` collects what a human must see at once, for the answer to whoever acted."""

    tx: Tx
    wakeups: Wakeups
    incident: IncidentRow
    plan: Plan
    state: State
    community: Community
    place: Place
    ledger: Ledger
    timer_at: datetime | None
    alerted: list["Alerted"] = field(default_factory=list)
    red: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Closed or cancelled: nothing more happens."""
        return self.incident.status in ENDED

    def must_not_be_ended(self) -> None:
        """Raise IncidentEndedError when nothing more can happen to this incident."""
        if self.ended:
            raise IncidentEndedError(number=self.incident.number, status=self.incident.status)


@dataclass(frozen=True, slots=True)
class Alerted:
    """One person who was alerted, as whom, and how."""

    person_id: int
    name: str
    department: str | None
    tier: str | None
    role: str | None
    ring: bool


async def open_case(tx: Tx, wakeups: Wakeups, incident_id: int, *, must_be_open: bool = True) -> Case:
    """Lock an incident and read all that is needed to decide; raises IncidentUnknownError, IncidentEndedError."""
    row = await tx.maybe(SQL.lock_incident, IncidentRow, tx.community, incident_id)
    if row is None:
        raise IncidentUnknownError(value=incident_id)
    run = await tx.maybe(SQL.read_run, RunRow, tx.community, incident_id)
    if run is None:
        raise RuntimeError(f"incident {incident_id} has no run")
    case = Case(
        tx=tx,
        wakeups=wakeups,
        incident=row,
        plan=await plan_of_version(tx, run.playbook_version_id),
        state=State.model_validate(run.state),
        community=await get_community(tx, tx.community),
        place=await get_place(tx, row.place_id),
        ledger=Ledger(tx.community, row.id, row.head_no, row.head_hash, row.head_at),
        timer_at=run.wake_at,
    )
    if must_be_open:
        case.must_not_be_ended()
    return case


async def save(case: Case) -> None:
    """Write the record, the run, its timer and the incident's row; pages and workers are told once it is committed."""
    tx, row = case.tx, case.incident
    await case.ledger.flush(tx)
    await tx.run(
        SQL.save_case, tx.community, row.id, row.severity, row.status, row.place_id, row.facts, case.ledger.head_no,
        case.ledger.head_hash, case.ledger.head_at, row.relieved_at, row.closed_at, row.next_news_by, case.plan.version_id,
        case.state.model_dump(mode="json", exclude_defaults=True), STATE_VERSION, ENGINE_VERSION,
    )  # fmt: skip
    await _save_timer(case)
    case.wakeups.after_commit(tx, f"page:{tx.community}")


async def _save_timer(case: Case) -> None:
    due_at = None if case.ended else wake_at(case.state)
    if due_at == case.timer_at:
        return
    if due_at is None:
        await case.tx.run(SQL.drop_timer, case.tx.community, case.incident.id, RUN_TIMER)
    else:
        await set_timer(case.tx, case.incident.id, RUN_TIMER, due_at)


async def set_timer(tx: Tx, incident_id: int, key: str, due_at: datetime) -> None:
    """Have the incident looked at, at `due_at` of story time."""
    await tx.run(SQL.set_timer, tx.community, incident_id, key, due_at)
    work.lower(tx, "timers", due_at)
