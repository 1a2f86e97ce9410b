"""The desk: what is going on, what to do by hand, who is on duty, and one key to declare."""

from dataclasses import dataclass

from aiohttp import web

from api.console.visit import Visit
from api.console.words import Next, ShownTask, Speaker, show_call, show_next, show_task, speaker
from api.v1.replies import UnmatchedReply
from incidents.plans import kinds
from incidents.views.lists import IncidentView, open_incidents, playbook_of, tasks
from incidents.views.room import ReachRow, reach
from notifiers.delivery import by_hand
from people.rosters import OnCall, departments, duty_now
from playbooks.language.model import Playbook
from tocsin.base.queries import load_queries

API_SQL = load_queries("api")
NEWEST = 2**63 - 1
MOST_REPLIES = 8
KEPT_KEYS = ("elevator_entrapment", "fire", "power_cut", "water_cut", "severe_weather")
"""Kinds whose key never changes, in order from 1; all others follow from 6."""


@dataclass(frozen=True, slots=True)
class KindTile:
    """A kind that can be declared, and its key."""

    key: str
    kind: str
    title: str
    severity: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One row of the desk's list."""

    view: IncidentView
    title: str
    place: str
    next: Next | None
    reach: ReachRow


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One tier of a department and who is in it."""

    role: str
    people: tuple[OnCall, ...]


def kind_tiles(playbooks: list[Playbook], language: str) -> list[KindTile]:
    """The kinds with a playbook in use, each with its lasting key."""
    others = sorted(one.kind for one in playbooks if one.kind not in KEPT_KEYS)
    by_kind = {one.kind: one for one in playbooks}
    keys = {kind: str(position) for position, kind in enumerate(KEPT_KEYS, start=1)}
    keys |= {kind: "6" if len(others) == 1 else f"6{position}" for position, kind in enumerate(others, start=1)}
    known = [kind for kind in (*KEPT_KEYS, *others) if kind in by_kind]
    return [KindTile(keys[kind], kind, by_kind[kind].title[language], by_kind[kind].severity) for kind in known]


async def speaker_of(visit: Visit) -> Speaker:
    """Who finds the words on this visit."""
    return speaker(visit.language, visit.community, await departments(visit.tx))


async def show_desk(visit: Visit) -> web.Response:
    """GET /"""
    speak = await speaker_of(visit)
    views = await open_incidents(visit.tx)
    rows, calls = [], []
    for view in views:
        playbook = await playbook_of(visit.tx, view.summary)
        coming = show_next(speak, playbook, view.next_up) if view.next_up else None
        told = await reach(visit.tx, view.summary.id)
        rows.append(IncidentRow(view, view.title[visit.language], view.place[visit.language], coming, told))
        calls += [show_call(speak, call, view) for call in await by_hand.waiting(visit.tx, view.summary.id)]
    return visit.page(
        "desk.html",
        kinds=kind_tiles(await kinds(visit.tx), visit.language),
        rows=rows,
        calls=calls,
        tasks=await desk_tasks(visit, speak, views),
        duty=duty_rows(speak, await duty_now(visit.tx, visit.tx.now)),
        unmatched=await visit.tx.rows(API_SQL.unmatched_replies, UnmatchedReply, visit.tx.community, NEWEST, MOST_REPLIES),
        drill_allowed=visit.session.may("drill"),
    )


async def desk_tasks(visit: Visit, speak: Speaker, views: list[IncidentView]) -> list[ShownTask]:
    """Every open task of open incidents, the front desk's own first."""
    by_id = {view.summary.id: view for view in views}
    shown = []
    for task in await tasks(visit.tx):
        view = by_id.get(task.incident_id)
        if view is not None:
            shown.append(await show_task(visit.tx, speak, task, view, await playbook_of(visit.tx, view.summary)))
    return sorted(shown, key=lambda one: (not one.is_help, not one.is_desk))


def duty_rows(speak: Speaker, people: list[OnCall]) -> list[DutyRow]:
    """The roster of this instant; a department's duty tier without anybody is shown, because that is news."""
    found: dict[tuple[str, str], list[OnCall]] = {(key, "duty"): [] for key in speak.departments}
    for one in people:
        found.setdefault((one.department_key or "", one.tier or ""), []).append(one)
    order = {"duty": 0, "backup": 1, "lead": 2}
    keys = list(speak.departments)
    ranked = sorted(found, key=lambda key: (keys.index(key[0]) if key[0] in keys else 99, order.get(key[1], 3)))
    return [DutyRow(speak.role(None, department, tier), tuple(found[department, tier])) for department, tier in ranked]
