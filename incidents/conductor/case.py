"""One incident held for change: its locked row, its run, and the end of its record.

Whoever changes an incident opens its case (which locks the incident's row before anything else), lets things happen through
conductor.advance, and saves it. Everything reaches the database with `save`, in the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from incidents.conductor.duty import Duty
from incidents.errors import IncidentEndedError, IncidentUnknownError
from incidents.plans import Plan, PlanKey, plan_of_key
from incidents.timeline.ledger import Ledger, flush
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
KEPT_SECONDS = 600.0
"""How long a process remembers a community and a place that have not changed."""
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
    """A run as it lies in the database, the hash of its playbook, and which rows the community and the place are."""

    incident_id: int
    playbook_version_id: int
    sha256: bytes
    state: dict[str, object]
    wake_at: datetime | None
    community_row: str
    place_row: str


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
    duty: Duty
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


async def open_case(tx: Tx, wakeups: Wakeups, incident_id: int, *, must_be_open: bool = True, locked: IncidentRow | None = None) -> Case:
    """Lock an incident, unless it is `locked` already, and read all that is needed to decide; raises IncidentUnknownError, IncidentEndedError."""
    row = locked or await tx.maybe(SQL.lock_incident, IncidentRow, tx.community, incident_id)
    if row is None:
        raise IncidentUnknownError(value=incident_id)
    (case,) = await _read_cases(tx, wakeups, [row])
    if must_be_open:
        case.must_not_be_ended()
    return case


async def open_free_cases(tx: Tx, wakeups: Wakeups, incident_ids: Sequence[int]) -> list[Case]:
    """Lock those of these incidents that nobody else holds at this moment, and read all that is needed to decide."""
    return await _read_cases(tx, wakeups, await tx.rows(SQL.lock_free_incidents, IncidentRow, tx.community, list(incident_ids)))


async def _read_cases(tx: Tx, wakeups: Wakeups, rows: Sequence[IncidentRow]) -> list[Case]:
    if not rows:
        return []
    runs = {run.incident_id: run for run in await tx.rows(SQL.read_runs, RunRow, tx.community, [row.id for row in rows])}
    places = {row.place_id: await _place(tx, row.place_id, runs[row.id].place_row) for row in rows}
    community = await _community(tx, runs[rows[0].id].community_row)
    plans = {run.playbook_version_id: await plan_of_key(tx, PlanKey(run.playbook_version_id, run.sha256)) for run in runs.values()}
    duty = Duty(tx)
    return [
        Case(
            tx=tx,
            wakeups=wakeups,
            incident=row,
            plan=plans[runs[row.id].playbook_version_id],
            state=State.model_validate(runs[row.id].state),
            community=community,
            place=places[row.place_id],
            ledger=Ledger(tx.community, row.id, row.head_no, row.head_hash, row.head_at),
            timer_at=runs[row.id].wake_at,
            duty=duty,
        )
        for row in rows
    ]


async def _community(tx: Tx, row: str) -> Community:
    """Read once a process while it is the same row."""
    return await tx.kept.of(("row of community", tx.community, row), KEPT_SECONDS, lambda: get_community(tx, tx.community))


async def _place(tx: Tx, place_id: int, row: str) -> Place:
    return await tx.kept.of(("row of place", tx.community, place_id, row), KEPT_SECONDS, lambda: get_place(tx, place_id))


async def save(*cases: Case) -> None:
    """Write records, runs, timers and the incidents' rows of one transaction; pages and workers are told once it is committed."""
    tx, wakeups = cases[0].tx, cases[0].wakeups
    await flush(tx, [case.ledger for case in cases])
    rows = [case.incident for case in cases]
    ledgers = [case.ledger for case in cases]
    due = {case.incident.id: None if case.ended else wake_at(case.state) for case in cases}
    moved = {case.incident.id: due[case.incident.id] for case in cases if due[case.incident.id] != case.timer_at}
    await tx.run(
        SQL.save_cases, tx.community, [row.id for row in rows], [row.severity for row in rows], [row.status for row in rows],
        [row.place_id for row in rows], [row.facts for row in rows], [one.head_no for one in ledgers],
        [one.head_hash for one in ledgers], [one.head_at for one in ledgers], [row.relieved_at for row in rows],
        [row.closed_at for row in rows], [row.next_news_by for row in rows], [case.plan.version_id for case in cases],
        [case.state.model_dump(mode="json", exclude_defaults=True) for case in cases], STATE_VERSION, ENGINE_VERSION,
        list(moved), list(moved.values()),
    )  # fmt: skip
    if instants := [due_at for due_at in moved.values() if due_at is not None]:
        work.lower(tx, "timers", min(instants))
    wakeups.after_commit(tx, f"page:{tx.community}")


async def set_timers(tx: Tx, key: str, due: Mapping[int, datetime]) -> None:
    """Have incidents looked at, each at its instant of story time."""
    if due:
        await tx.run(SQL.set_timers, tx.community, list(due), key, list(due.values()))
        work.lower(tx, "timers", min(due.values()))


async def set_timer(tx: Tx, incident_id: int, key: str, due_at: datetime) -> None:
    """Have the incident looked at, at `due_at` of story time."""
    await set_timers(tx, key, {incident_id: due_at})
