"""The desk: what is going on, what to do by hand, who is on duty, and one key to declare."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from aiohttp import web

from api.auth.devices import cookie_of, keep_cookie
from api.console.coming import Next, show_next
from api.console.directory import numbers_of
from api.console.drafts import shown_drafts
from api.console.planned import shown_works
from api.console.requests import show_requests
from api.console.visit import Visit
from api.console.ways import show_way
from api.console.words import ShownCall, ShownTask, Speaker, about_words, show_call, show_task, speaker
from api.v1.replies import UnmatchedReply
from incidents.conductor.duty import Duty
from incidents.desk.call_backs import MOST_TRIES
from incidents.desk.complaints import Outcome
from incidents.desk.drafts import discarded_drafts
from incidents.desk.repairs_together import UndecidedRepair, homes_of, repairs_together
from incidents.desk.signing import unsigned
from incidents.handover.shift_changes import missed_handover
from incidents.plans import kinds
from incidents.views.calls import calls_to_make
from incidents.views.lists import IncidentView, TaskView, incident, open_incidents, playbook_of, tasks
from incidents.views.promises import open_call_backs, open_complaints, open_follow_ups
from incidents.views.standings import Reach, comes_again, homes_lately
from incidents.views.unsealed import Unsealed, unsealed
from notifiers.canaries.ways import ways
from notifiers.delivery.queue_state import count_set_apart
from notifiers.gateways import list_channels
from people.persons import persons
from people.places import get_place, name_of
from people.rosters import OnCall, departments, duty_now, on_call
from playbooks.language.model import Playbook
from tocsin.base.queries import load_queries

API_SQL = load_queries("api")
SQL = load_queries(__package__)
NEWEST = 2**63 - 1
MOST_REPLIES = 8
MOST_ENDED = 5
KEPT_KEYS = (
    "elevator_entrapment", "fire", "power_cut", "water_cut", "severe_weather", "other_emergency", "gas_smell", "burst_pipe",
)  # fmt: skip
"""Kinds whose key never changes, in order from 1; a community's own follow with 9, or from 91 where they are several."""


@dataclass(frozen=True, slots=True)
class KindTile:
    """A kind that can be declared, and its key."""

    key: str
    kind: str
    title: str
    severity: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One row of the desk's list. `is_current`: nothing has changed since `homes` were counted; `unsealed`: who is not among them yet."""

    view: IncidentView
    about: str
    next: Next | None
    homes: Reach
    unsealed: Unsealed
    is_current: bool
    done: list[str]


@dataclass(frozen=True, slots=True)
class ShownTogether:
    """Repairs that may be one emergency, in the visitor's language."""

    kind: str
    title: str
    building_id: int
    building: str
    homes: int
    repairs: tuple[UndecidedRepair, ...]


@dataclass(frozen=True, slots=True)
class EndedRow:
    """An incident that ended, for as long as somebody may ask about it."""

    view: IncidentView
    about: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody of the roster; `number` is '' for a reader who need not call them."""

    name: str
    number: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A department now: who is on duty (nobody is news), and who follows them: (tier's word, names)."""

    department: str
    duty: tuple[OnDuty, ...]
    others: tuple[tuple[str, str], ...]


def kind_tiles(playbooks: list[Playbook], language: str) -> list[KindTile]:
    """The kinds with a playbook in use, each with its lasting key."""
    others = sorted(one.kind for one in playbooks if one.kind not in KEPT_KEYS)
    by_kind = {one.kind: one for one in playbooks}
    keys = {kind: str(position) for position, kind in enumerate(KEPT_KEYS, start=1)}
    keys |= {kind: "9" if len(others) == 1 else f"9{position}" for position, kind in enumerate(others, start=1)}
    known = [kind for kind in (*KEPT_KEYS, *others) if kind in by_kind]
    return [KindTile(keys[kind], kind, by_kind[kind].title[language], by_kind[kind].severity) for kind in known]


async def speaker_of(visit: Visit) -> Speaker:
    """Who finds the words on this visit."""
    return speaker(visit.language, visit.community, await departments(visit.tx))


async def show_desk(visit: Visit) -> web.Response:
    """GET /"""
    speak = await speaker_of(visit)
    views, roster, tested = await open_incidents(visit.tx), Duty(visit.tx), await ways(visit.tx)
    calls = [call for view in views for call in await shown_calls(visit, speak, view)]
    may = visit.session.may("desk")
    call_backs, complaints = (await open_call_backs(visit.tx), await open_complaints(visit.tx)) if may else ([], [])
    follow_ups = await open_follow_ups(visit.tx) if may else []
    promised = {one.incident_id for one in call_backs} | {one.incident_id for one in complaints} | {one.incident_id for one in follow_ups}
    rows = [await _incident_row(visit, speak, roster, view) for view in views]
    response = visit.page(
        "desk.html",
        kinds=kind_tiles(await kinds(visit.tx), visit.language),
        rows=rows,
        again=comes_again(*(one.is_current for one in rows)),
        calls=calls,
        tasks=await desk_tasks(visit, speak, views),
        requests=await show_requests(visit) if visit.session.is_named else [],
        works=await shown_works(visit),
        call_backs=call_backs,
        follow_ups=follow_ups,
        most_tries=MOST_TRIES,
        complaints=complaints,
        outcomes=get_args(Outcome),
        unsigned=await unsigned(visit.tx),
        drafts=await shown_drafts(visit) if visit.session.may("declare") else [],
        discarded=await discarded_drafts(visit.tx) if visit.session.may("declare") else [],
        missed=await missed_handover(visit.tx) if may else None,
        together=await _together(visit) if visit.session.may("declare") else [],
        about=await _about(visit, views, promised),
        duty=await duty_rows(visit, speak, await duty_now(visit.tx, visit.tx.now)),
        ended=[
            await _ended_row(visit, incident_id) for incident_id in await visit.tx.column(SQL.ended_lately, visit.tx.community, MOST_ENDED)
        ],
        unmatched=await _unmatched(visit),
        engineer=await _first_engineer(visit),
        set_aside=[one for one in await list_channels(visit.tx) if one.enabled and one.set_aside_at],
        apart=await count_set_apart(visit.tx),
        closed_ways=[show_way(visit, one) for one in tested if one.state == "not_proven"],
        ways_proven_at=min((one.proven_at for one in tested if one.state == "proven" and one.proven_at), default=None),
    )
    _stay_desk(visit, response)
    return response


def _stay_desk(visit: Visit, response: web.Response) -> None:
    """A browser keeps a cookie for some months only; a desk that is looked at stays one."""
    token = cookie_of(visit.request, visit.context.settings)
    if token and visit.session.device is not None:
        keep_cookie(response, visit.context.settings, token)


async def shown_calls(visit: Visit, speak: Speaker, view: IncidentView) -> list[ShownCall]:
    """The calls of an incident for whoever is at the desk; where nobody is signed on, those to our own people only."""
    calls = await calls_to_make(visit.tx, view)
    if not visit.session.is_named:
        known = await persons(visit.tx, [one.person_id for one in calls])
        calls = [one for one in calls if one.person_id in known and known[one.person_id].kind == "staff"]
    return [show_call(speak, one, view) for one in calls]


async def shown_tasks(visit: Visit, speak: Speaker, found: Sequence[TaskView], view: IncidentView, playbook: Playbook) -> list[ShownTask]:
    """Tasks of an incident in the visitor's language; where nobody is signed on, without residents' names and numbers."""
    shown = [await show_task(visit.tx, speak, one, view, playbook) for one in found]
    return shown if visit.session.is_named else [replace(one, number="", called="") if one.is_help else one for one in shown]


async def _unmatched(visit: Visit) -> list[UnmatchedReply]:
    """What people texted and no alert asked for: their own words, for whoever is signed on."""
    if not visit.session.is_named:
        return []
    return await visit.tx.rows(API_SQL.unmatched_replies, UnmatchedReply, visit.tx.community, NEWEST, MOST_REPLIES)


async def _together(visit: Visit) -> list[ShownTogether]:
    titles = {one.kind: one.title[visit.language] for one in await kinds(visit.tx)}
    return [
        ShownTogether(
            one.kind, titles.get(one.kind, one.kind), one.building_id, name_of(await get_place(visit.tx, one.building_id), visit.language),
            len(homes_of(one.repairs)), one.repairs,
        )
        for one in await repairs_together(visit.tx)
    ]  # fmt: skip


async def _about(visit: Visit, views: list[IncidentView], promised: set[int]) -> dict[int, str]:
    """What each open incident is about, and each that ended while a promise to a caller has not."""
    known = {view.summary.id: view for view in views}
    ended = [await incident(visit.tx, one) for one in sorted(promised - known.keys())]
    return {view.summary.id: about_words(view, visit.language) for view in (*views, *ended)}


async def _incident_row(visit: Visit, speak: Speaker, roster: Duty, view: IncidentView) -> IncidentRow:
    playbook = await playbook_of(visit.tx, view.summary)
    homes, is_current = await homes_lately(visit.tx, view.summary.id, told=view.summary.told_size)
    return IncidentRow(
        view=view,
        about=about_words(view, visit.language),
        next=await show_next(roster, speak, playbook, view.next_up) if view.next_up else None,
        homes=homes,
        unsealed=await unsealed(visit.tx, view.summary.id),
        is_current=is_current,
        done=await visit.tx.column(SQL.who_is_done, visit.tx.community, view.summary.id),
    )


async def _ended_row(visit: Visit, incident_id: int) -> EndedRow:
    view = await incident(visit.tx, incident_id)
    return EndedRow(view, about_words(view, visit.language))


async def _first_engineer(visit: Visit) -> str:
    """Whose handset the tour of the demo follows."""
    found = await on_call(visit.tx, department="engineering", tier="duty", at=visit.tx.now)
    return found[0].name if found else ""


async def desk_tasks(visit: Visit, speak: Speaker, views: list[IncidentView]) -> list[ShownTask]:
    """Every open task of open incidents: cries for help, then the front desk's own, then the others'."""
    by_id = {view.summary.id: view for view in views}
    shown = []
    for task in await tasks(visit.tx):
        view = by_id.get(task.incident_id)
        if view is not None:
            shown += await shown_tasks(visit, speak, [task], view, await playbook_of(visit.tx, view.summary))
    return sorted(shown, key=lambda one: (not one.is_help, not one.is_desk))


async def duty_rows(visit: Visit, speak: Speaker, people: list[OnCall]) -> list[DutyRow]:
    """The roster of this instant by department; numbers only for those whose work is to call."""
    numbers = await numbers_of(visit.tx, [one.person_id for one in people]) if visit.session.may("desk") else {}
    rows = []
    for key, name in speak.departments.items():
        here = [one for one in people if one.department_key == key]
        duty = tuple(OnDuty(one.name, numbers.get(one.person_id, ""), one.until) for one in here if one.tier == "duty")
        tiers = [(tier, [one.name for one in here if one.tier == tier]) for tier in ("backup", "lead")]
        others = tuple((speak.say(f"console.tier_alone.{tier}"), speak.say("console.comma").join(names)) for tier, names in tiers if names)
        rows.append(DutyRow(name, duty, others))
    return rows
