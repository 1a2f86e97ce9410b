"""Declares an incident: in one transaction its row, its first report and event, its run and the first step, alerts included.

When this returns and the transaction has committed, the alerts are on disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incidents.actors import Actor
from incidents.conductor.advance import Circumstances, begin, happen
from incidents.conductor.case import Alerted, Case, IncidentRow, save, set_timer
from incidents.conductor.codes import take_code
from incidents.conductor.duty import Duty
from incidents.conductor.signatures import expect_signature
from incidents.conductor.timers import NIGHT_TIMER
from incidents.desk.facts import check_facts
from incidents.desk.reports import Reporter, note_report
from incidents.errors import NotAnIncidentError, PlaceUnfitError, SeverityWrongError
from incidents.plans import Plan, plan_for
from incidents.timeline.chain import GENESIS
from incidents.timeline.ledger import Ledger
from people.communities import Community, get_community, is_night, night_changes_at
from people.places import Place, get_place
from playbooks.engine.advice import not_an_incident
from playbooks.engine.decide import Opening, start
from playbooks.engine.events import Reported
from playbooks.language.model import SEVERITIES, Severity
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries("incidents.conductor")
_NUMBERS_LOCK = 0x70C5 << 40


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared. `place_id` any place of the community; `facts` may be empty; `happened_at` where it is written down afterwards."""

    kind: str
    place_id: int
    facts: Mapping[str, object] = field(default_factory=dict)
    severity: str | None = None
    drill: bool = False
    reporter: Reporter | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The incident and the task that opened a child incident."""

    incident_id: int
    step: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What came of it. `red` are keys of what a human must see now ("nobody_on_duty")."""

    incident_id: int
    number: int
    code: str
    alerted: list[Alerted]
    red: list[str]


def engine_place_kind(place: Place) -> str:
    """The kind of a place as playbooks name it: an elevator is not just a facility."""
    return place.facility_kind or place.kind


def check_severity(value: str | None, otherwise: Severity) -> Severity:
    """A severity, or the playbook's own when none is given; raises SeverityWrongError."""
    if value is None:
        return otherwise
    for severity in SEVERITIES:
        if severity == value:
            return severity
    raise SeverityWrongError(field="/severity", value=value, known=", ".join(SEVERITIES))


def check_place(plan: Plan, place: Place) -> None:
    """Raise PlaceUnfitError where this kind does not happen at such a place."""
    fits = plan.playbook.place_kinds
    if fits and engine_place_kind(place) not in fits:
        raise PlaceUnfitError(field="/place", value=place.code, known=", ".join(fits))


async def declare(tx: Tx, wakeups: Wakeups, declaration: Declaration, actor: Actor, parent: Parent | None = None) -> Declared:
    """Declare an incident in the transaction; raises KindUnknownError, FactUnknownError, FactWrongError, PlaceUnfitError,
    NotAnIncidentError, SeverityWrongError, and PlaceUnknownError of people."""
    plan = await plan_for(tx, declaration.kind)
    facts = check_facts(plan.playbook, declaration.facts)
    severity = check_severity(declaration.severity, plan.playbook.severity)
    place = await get_place(tx, declaration.place_id)
    check_place(plan, place)
    if not_an_incident(plan.playbook, facts):
        hand_to = plan.playbook.not_an_incident.hand_to if plan.playbook.not_an_incident else ""
        raise NotAnIncidentError(field="/facts", hand_to=hand_to)
    community = await get_community(tx, tx.community)
    opening = Opening(
        facts=facts, severity=severity, place_kind=engine_place_kind(place), drill=declaration.drill,
        night=is_night(community, tx.now),
    )  # fmt: skip
    case = await _new_case(tx, wakeups, plan, place, community, opening, parent)
    await _let_it_begin(case, opening, declaration, actor, parent)
    return Declared(case.incident.id, case.incident.number, case.incident.code, case.alerted, case.red)


async def _new_case(
    tx: Tx, wakeups: Wakeups, plan: Plan, place: Place, community: Community, opening: Opening, parent: Parent | None
) -> Case:
    await tx.value(SQL.lock_numbers, _NUMBERS_LOCK + tx.community)
    number: int = await tx.value(SQL.next_number, tx.community)
    code = await take_code(tx, community.company_id, plan.playbook.kind)
    known = {name: value for name, value in opening.facts.items() if value is not None}
    incident_id: int = await tx.value(
        SQL.insert_incident, tx.community, number, code, plan.playbook.kind, opening.severity, opening.drill, place.id, known,
        parent.incident_id if parent else None, parent.step if parent else None, GENESIS, tx.now,
    )  # fmt: skip
    await tx.run(SQL.name_code, community.company_id, code, incident_id)
    row = IncidentRow(
        id=incident_id, number=number, code=code, kind=plan.playbook.kind, severity=opening.severity, status="open",
        drill=opening.drill, place_id=place.id, facts=dict(known), parent_id=parent.incident_id if parent else None,
        parent_step=parent.step if parent else None, head_no=0, head_hash=GENESIS, head_at=tx.now, declared_at=tx.now,
        relieved_at=None, closed_at=None, next_news_by=None,
    )  # fmt: skip
    state = start(plan.playbook, opening, tx.now).state
    ledger = Ledger(tx.community, incident_id, 0, GENESIS, tx.now)
    return Case(tx, wakeups, row, plan, state, community, place, ledger, None, Duty(tx))


async def _let_it_begin(case: Case, opening: Opening, declaration: Declaration, actor: Actor, parent: Parent | None) -> None:
    more: dict[str, object] = {"kind": case.incident.kind, "place": case.place.id, "number": case.incident.number}
    if parent:
        more["parent"] = {"incident": parent.incident_id, "step": parent.step}
    await begin(case, opening, Circumstances(actor=actor, happened_at=declaration.happened_at, more=more))
    if declaration.reporter is not None:
        homes = await note_report(case, declaration.reporter, actor)
        if homes:
            await happen(case, Reported(homes=homes), Circumstances(actor=actor))
    if actor.kind == "device":
        await expect_signature(case, actor)
    await set_timer(case.tx, case.incident.id, NIGHT_TIMER, night_changes_at(case.community, case.tx.now))
    await save(case)
