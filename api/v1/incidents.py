"""Declaring an incident, foreseeing what that would do, and reading incidents."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import (
    AlertedShown,
    Id,
    Moment,
    Page,
    PlaceText,
    Red,
    ReporterBody,
    find_place,
    incident_address,
    reporter_of,
    show_alerted,
)
from incidents.desk.declare import Declaration
from incidents.desk.foresee import FirstAlert, Foresight, LaterRung, foresee
from incidents.desk.joining import declare_or_join
from incidents.errors import IncidentUnknownError
from incidents.views.lists import IncidentView, incident, list_incidents, open_incidents, summary
from playbooks.language.model import Severity
from tocsin.base.database import Tx

Facts = Annotated[
    dict[str, object],
    Field(
        default_factory=dict,
        max_length=100,
        description="Answers to the plan's questions; null means that the caller does not know",
        examples=[{"people_inside": 2, "injured": None}],
    ),
]


class DeclareBody(Body):
    """A kind and a place are enough; every fact may come later."""

    kind: str = Field(max_length=60, examples=["elevator_entrapment"])
    place: PlaceText = Field(examples=["3-2-L1"])
    facts: Facts
    severity: Severity | None = None
    drill: bool = False
    reporter: ReporterBody | None = None
    happened_at: Moment | None = Field(None, description="When it happened, where it is written down afterwards")
    seen: Annotated[list[Id], Field(max_length=50)] | None = Field(
        None,
        description="The incidents that preview showed as open here. Where another one of this kind was opened at this place or around it since, "
        "this becomes a report of it and alerts nobody again; null: declare in any case",
    )


class PreviewBody(Body):
    """What would be declared."""

    kind: str = Field(max_length=60, examples=["elevator_entrapment"])
    place: PlaceText = Field(examples=["3-2-L1"])
    facts: Facts


class DeclaredLinks(Shown):
    """Where to go on."""

    self: str
    page: str
    timeline: str
    events: str


class DeclaredShown(Shown):
    """When this arrives, the alerts are on disk."""

    id: Id
    number: int
    code: str = Field(description="What an SMS answers with")
    status: str
    joined: bool = Field(description="Somebody else had just declared it: this is a report of their incident")
    alerted: list[AlertedShown]
    red: Red
    links: DeclaredLinks


class NextShown(Shown):
    """What happens by itself next."""

    step: str
    what: str
    at: datetime


class IncidentShown(Shown):
    """One incident as it stands."""

    id: Id
    number: int
    code: str
    kind: str
    title: str
    severity: str
    status: str
    drill: bool
    place: Id
    place_name: str
    facts: dict[str, object]
    parent: Id | None
    declared_at: datetime
    relieved_at: datetime | None
    closed_at: datetime | None
    next_news_by: datetime | None
    merged_into: Id | None = Field(description="The incident that this one became part of")
    head: int
    reports: int
    held_by: list[str] = Field(description="Who has taken it")
    told: int
    reached: int
    next: NextShown | None


class IncidentList(Shown):
    """A page of incidents."""

    items: list[IncidentShown]
    next: str | None


class IncidentPage(Page):
    """open_only: gravest first, in one page; otherwise newest first."""

    open_only: bool = False


class FirstAlertShown(Shown):
    """Who would be alerted at once; without a person nobody is on duty there."""

    step: str
    person: Id | None
    name: str | None
    department: str | None
    tier: str | None
    role: str | None
    since: datetime | None
    ring: bool


class LaterRungShown(Shown):
    """Who would be next if nobody answers."""

    step: str
    after_seconds: int
    names: list[str]
    department: str | None
    tier: str | None
    role: str | None


class OpenHereShown(Shown):
    """An incident of this kind that is open at this place or around it: add a report to it instead."""

    incident: Id
    number: int
    declared_at: datetime


class ResidentsShown(Shown):
    """How many the place has."""

    homes: int
    persons: int
    without_way: int


class ForesightShown(Shown):
    """What declaring would do; nothing is written."""

    alerts: list[FirstAlertShown]
    later: list[LaterRungShown]
    residents: ResidentsShown
    open_here: list[OpenHereShown]
    night: bool
    not_an_incident: str | None = Field(description="What to say when these facts make it a repair")


async def declare_incident(call: Call, body: DeclareBody) -> DeclaredShown:
    """Declare an incident: alerts leave at once."""
    if body.drill:
        call.caller.must_be_able_to("drill")
    return await _declare(call, body, drill=body.drill)


async def declare_drill(call: Call, body: DeclareBody) -> DeclaredShown:
    """Declare a drill: the real engine, every text says that it is one, and no resident is reached."""
    return await _declare(call, body, drill=True)


async def _declare(call: Call, body: DeclareBody, *, drill: bool) -> DeclaredShown:
    if body.happened_at is not None and body.happened_at > call.tx.now:
        raise BodyInvalidError([FieldFault("/happened_at", "field.in_the_future", {}, body.happened_at.isoformat())])
    place = await find_place(call.tx, body.place, "/place")
    declaration = Declaration(
        kind=body.kind,
        place_id=place.id,
        facts=body.facts,
        severity=body.severity,
        drill=drill,
        reporter=await reporter_of(call.tx, body.reporter, "/reporter", may_be_unsure=True),
        happened_at=body.happened_at,
    )
    seen = None if body.seen is None else [await _seen(call, position, one) for position, one in enumerate(body.seen)]
    taken = await declare_or_join(call.tx, call.context.wakeups, declaration, call.caller.actor, None if seen is None else set(seen))
    declared = taken.declared
    address = incident_address(declared.incident_id)
    return DeclaredShown(
        id=str(declared.incident_id),
        number=declared.number,
        code=declared.code,
        status="open",
        joined=taken.joined,
        alerted=show_alerted(declared.alerted),
        red=declared.red,
        links=DeclaredLinks(self=address, page=f"/i/{declared.number}", timeline=f"{address}/timeline", events=f"{address}/events"),
    )


async def _seen(call: Call, position: int, incident_id: str) -> int:
    try:
        return (await summary(call.tx, int(incident_id))).id
    except IncidentUnknownError as problem:
        raise IncidentUnknownError(field=f"/seen/{position}", **problem.values) from None


async def preview_incident(call: Call, body: PreviewBody) -> ForesightShown:
    """Say whom declaring would alert, and who comes next; nothing is written."""
    place = await find_place(call.tx, body.place, "/place")
    return _foresight(await foresee(call.tx, body.kind, place.id, body.facts), call.language)


async def list_all_incidents(call: Call, query: IncidentPage) -> IncidentList:
    """List incidents, newest first, or those that are open, gravest first."""
    if query.open_only:
        return IncidentList(items=[show(one, call.language) for one in await open_incidents(call.tx)], next=None)
    before = read_cursor(query.after, 1)[0] if query.after else None
    found = await list_incidents(call.tx, before=before, limit=query.limit)
    more = make_cursor(found[-1].summary.number) if len(found) == query.limit else None
    return IncidentList(items=[show(one, call.language) for one in found], next=more)


async def get_incident(call: Call) -> IncidentShown:
    """Read one incident."""
    return await shown(call.tx, call.id_of("incident"), call.language)


async def shown(tx: Tx, incident_id: int, language: str) -> IncidentShown:
    """One incident as the interface shows it; raises IncidentUnknownError."""
    return show(await incident(tx, incident_id), language)


def show(view: IncidentView, language: str) -> IncidentShown:
    """An incident in the caller's language."""
    row, ahead = view.summary, view.next_up
    return IncidentShown(
        id=str(row.id), number=row.number, code=row.code, kind=row.kind, title=view.title[language], severity=row.severity,
        status=row.status, drill=row.drill, place=str(row.place_id), place_name=view.place[language], facts=row.facts,
        parent=str(row.parent_id) if row.parent_id is not None else None, declared_at=row.declared_at, relieved_at=row.relieved_at,
        closed_at=row.closed_at, next_news_by=row.next_news_by,
        merged_into=str(row.merged_into) if row.merged_into is not None else None, head=row.head_no, reports=row.reports, held_by=view.holders,
        told=row.told_size, reached=row.told_reached, next=NextShown(step=ahead.step, what=ahead.what, at=ahead.at) if ahead else None,
    )  # fmt: skip


def _foresight(seen: Foresight, language: str) -> ForesightShown:
    return ForesightShown(
        alerts=[_first(one) for one in seen.alerts],
        later=[_later(one) for one in seen.later],
        residents=ResidentsShown(homes=seen.residents.homes, persons=seen.residents.persons, without_way=seen.residents.without_way),
        open_here=[OpenHereShown(incident=str(one.incident_id), number=one.number, declared_at=one.declared_at) for one in seen.open_here],
        night=seen.night,
        not_an_incident=seen.not_an_incident[language] if seen.not_an_incident else None,
    )


def _first(one: FirstAlert) -> FirstAlertShown:
    return FirstAlertShown(
        step=one.step, person=str(one.person_id) if one.person_id is not None else None, name=one.name, department=one.department,
        tier=one.tier, role=one.role, since=one.since, ring=one.ring,
    )  # fmt: skip


def _later(one: LaterRung) -> LaterRungShown:
    return LaterRungShown(
        step=one.step, after_seconds=one.after_seconds, names=list(one.names), department=one.department, tier=one.tier, role=one.role
    )
