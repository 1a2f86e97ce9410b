"""The room of one incident: what happens next, who has it, who was told, what to do, and the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from aiohttp import web

from api.console.answers_to_questions import ask_all
from api.console.caller import whose_homes
from api.console.coming import show_next
from api.console.desk import speaker_of
from api.console.directory import PriorityCall, priority_calls
from api.console.homes import Beside, SeenBuilding, reach_parts, see_building
from api.console.requests import show_requests
from api.console.timeline_words import Record, persons_in, read_record
from api.console.visit import Visit
from api.console.words import Speaker, next_news, show_call, show_task
from api.streams import STREAMS
from incidents.answers.answers import Means
from incidents.conductor.duty import Duty
from incidents.desk.call_backs import MOST_TRIES
from incidents.desk.complaints import Outcome
from incidents.desk.reports import Wish
from incidents.desk.signing import unsigned_of
from incidents.incident_links import make_incident_link
from incidents.plans import kinds
from incidents.views.calls import calls_to_make
from incidents.views.elevation import counts
from incidents.views.homes import MOST_LISTED, homes_not_reached
from incidents.views.lists import EventView, IncidentSummary, open_incidents, timeline
from incidents.views.room import AlertedPerson, Room, room
from incidents.views.sending_now import sending_now
from incidents.views.standings import LARGE, Lately, comes_again, standings_lately
from people.audiences import count_residents
from people.persons import persons
from playbooks.language.conditions import Switch, atoms
from playbooks.language.model import TellAction
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

MEANS: tuple[Means, ...] = ("radio", "phone", "chat_group", "in_person")
ANSWERS = ("received", "on_the_way", "on_scene", "done", "cannot")
SOURCES = ("phone", "visit", "intercom", "elevator_intercom", "chat_group", "patrol", "hotline_12345", "community_office")
SQL = load_queries(__package__)
MOST_COMING = 6
EVENTS_A_READ = 500
SHOWN_EVENTS = 200


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One person on a ladder, once, however often they were alerted. `sign` stands for the answer where colour does not.

    `steps` is how far along TRACK they are: 0 alerted only, 4 done.
    """

    person: AlertedPerson
    times: int
    sign: str
    stands: str
    steps: int


@dataclass(frozen=True, slots=True)
class ShownLadder:
    """One ladder in the visitor's language."""

    title: str
    rows: tuple[LadderRow, ...]


@dataclass(frozen=True, slots=True)
class ShownNeed:
    """A confirmation that closing waits for."""

    name: str
    title: str
    by: str
    who: str


TRACK = ("alerted", "received", "on_the_way", "on_scene", "done")
"""What a department goes through, in order."""

SIGNS = {"received": "✓", "on_the_way": "→", "on_scene": "●", "done": "■", "cannot": "×", "withdrawn": "×"}


def show_ladders(shown: Room, language: str) -> list[ShownLadder]:
    """Each person once a ladder as they stand now; ladders and people in the order in which they were first alerted."""
    steps = list(shown.playbook.steps)
    ladders = []
    for ladder in sorted(shown.ladders, key=lambda one: (min(person.alerted_at for person in one.people), _rank(steps, one.step))):
        alerts: dict[int, list[AlertedPerson]] = {}
        for person in ladder.people:
            alerts.setdefault(person.person_id, []).append(person)
        rows = tuple(_ladder_row(of_person) for of_person in alerts.values())
        ladders.append(ShownLadder(ladder.title.get(language, ladder.step), rows))
    return ladders


def _rank(steps: list[str], step: str) -> int:
    return steps.index(step) if step in steps else len(steps)


def _ladder_row(alerts: Sequence[AlertedPerson]) -> LadderRow:
    latest = alerts[-1]
    answer = latest.answer or ""
    stands = "holds" if answer in TRACK else "cannot" if answer else "silent"
    return LadderRow(latest, len(alerts), SIGNS.get(answer, "…"), stands, TRACK.index(answer) if answer in TRACK else 0)


def show_needs(shown: Room, speak: Speaker) -> list[ShownNeed]:
    """What closing waits for, and who confirmed it."""
    given = {one.name: one.by for one in shown.confirmations}
    return [
        ShownNeed(
            name, need.title[speak.language], given.get(name, ""), speak.say("console.comma").join(speak.role(one) for one in need.by)
        )
        for name, need in shown.playbook.needs.items()
    ]


async def show_room(visit: Visit) -> web.Response:
    """GET /i/{number}"""
    incident_id = await visit.incident_id()
    shown = await room(visit.tx, incident_id)
    speak = await speaker_of(visit)
    tasks = [await show_task(visit.tx, speak, one, shown.view, shown.playbook) for one in shown.tasks]
    lately = await standings_lately(visit.tx, incident_id, told=shown.row.told_size, beside=visit.context.database)
    duty = Duty(visit.tx)
    told = lately.standings
    beside = Beside(visit.context.database, visit.request.app[STREAMS].heard_at(visit.tx.community))
    are_many = shown.row.told_size >= LARGE
    seen = await see_building(visit.tx, incident_id, told.buildings, visit.query("building"), beside if are_many else None)
    may_tell_now = _telling_helps(shown)
    return visit.page(
        "room.html",
        shown=shown,
        again=_comes_again(lately, seen),
        open_token=make_incident_link(visit.context.secrets, visit.tx.community, incident_id),
        speak=speak,
        title=shown.playbook.title[visit.language],
        place=shown.view.place[visit.language],
        over=shown.row.status in ("closed", "cancelled"),
        coming=[await show_next(duty, speak, shown.playbook, one) for one in shown.upcoming[:MOST_COMING]],
        more_coming=max(0, len(shown.upcoming) - MOST_COMING),
        ladders=show_ladders(shown, visit.language),
        track=TRACK,
        unsure=await whose_homes(visit, incident_id) if visit.session.may("declare") else [],
        done_by=await visit.tx.column(SQL.who_is_done, visit.tx.community, incident_id),
        unsigned=await unsigned_of(visit.tx, incident_id),
        homes=told.homes,
        persons=told.persons,
        news_by=next_news(shown.row),
        sending=await sending_now(visit.tx, incident_id),
        parts=reach_parts(told.homes),
        buildings=seen.buildings,
        building=seen.building,
        staircases=seen.staircases,
        home_counts=counts(seen.staircases),
        not_reached=await homes_not_reached(visit.tx, incident_id) if 0 < told.homes.for_the_door <= MOST_LISTED else [],
        priority=await _priority(visit, shown),
        residents=await count_residents(visit.tx, shown.row.place_id) if may_tell_now else None,
        open_children=_open_children(speak, shown),
        open_help=[speak.say("console.room.help_open", home=one.place) for one in tasks if one.is_help],
        may_tell_now=may_tell_now,
        tasks=sorted(tasks, key=lambda one: (not one.is_help, not one.is_desk)),
        done_tasks=[await show_task(visit.tx, speak, one, shown.view, shown.playbook) for one in shown.done_tasks],
        calls=[show_call(speak, call, shown.view) for call in await calls_to_make(visit.tx, shown.view)],
        asked=ask_all(speak, shown.playbook, shown.row.facts),
        needs=show_needs(shown, speak),
        say=[line.text[visit.language] for line in shown.say],
        never_say=[words[visit.language] for words in shown.playbook.never_say],
        lines=await _lines(visit, speak, shown),
        titles={one.kind: one.title[visit.language] for one in await kinds(visit.tx)},
        may={name: visit.session.may(name) for name in ("declare", "desk", "steer", "answer", "confirm")},
        means=MEANS,
        answers=ANSWERS,
        sources=SOURCES,
        wishes=get_args(Wish),
        outcomes=get_args(Outcome),
        most_tries=MOST_TRIES,
        communities_languages=visit.community.languages,
        requests=[one for one in await show_requests(visit, incident_id) if one.request.state in ("waiting", "expired", "changed")],
        twins=[one for one in await open_incidents(visit.tx) if _may_be_the_same(one.summary, shown.row)],
    )


def _comes_again(lately: Lately, seen: SeenBuilding) -> int | None:
    """After how many milliseconds the room is to be read once more; None: it shows what is."""
    old = [one.rests for one in (lately, seen) if not one.is_current]
    return comes_again(not old, rests=min(old, default=0.0))


def _may_be_the_same(other: IncidentSummary, row: IncidentSummary) -> bool:
    return other.kind == row.kind and other.drill == row.drill and other.id != row.id


def _open_children(speak: Speaker, shown: Room) -> list[str]:
    """What this incident led to and is not over: closing waits for it."""
    return [
        speak.say("console.room.child_open", number=child.number) for child in shown.children if child.status not in ("closed", "cancelled")
    ]


def _telling_helps(shown: Room) -> bool:
    """Whether residents would be told more if somebody took it upon themselves now."""
    return any(
        isinstance(step.action, TellAction)
        and any(isinstance(atom, Switch) and atom.name == "broadcast_now" for atom, _ in atoms(step.when))
        and "sent" not in shown.state.step(name).outcomes
        for name, step in shown.playbook.steps.items()
    )


async def _priority(visit: Visit, shown: Room) -> list[PriorityCall]:
    """Whom the desk calls in person; for those who make the calls, while there is something to call about."""
    if not visit.session.may("desk") or shown.row.status != "open":
        return []
    return await priority_calls(visit.tx, shown.playbook, shown.row.place_id, visit.community, visit.language)


async def _lines(visit: Visit, speak: Speaker, shown: Room) -> list[object]:
    events = await newest_events(visit.tx, shown.row.id, shown.row.head_no)
    record = Record(speak, shown.playbook, await persons(visit.tx, persons_in(events)))
    return list(read_record(record, events))


async def newest_events(tx: Tx, incident_id: int, head_no: int) -> list[EventView]:
    """The last events of the record, oldest first."""
    return await timeline(tx, incident_id, after_no=max(0, head_no - SHOWN_EVENTS), limit=EVENTS_A_READ)
