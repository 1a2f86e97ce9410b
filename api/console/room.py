"""The room of one incident: what happens next, who has it, who was told, what to do, and the record."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from api.console.answers_to_questions import ask_all
from api.console.desk import speaker_of
from api.console.timeline_words import Record, persons_in, read_record
from api.console.visit import Visit
from api.console.words import Speaker, show_call, show_next, show_task
from incidents.answers.answers import Means
from incidents.plans import kinds
from incidents.views.lists import EventView, timeline
from incidents.views.room import AlertedPerson, ReachRow, Room, room
from notifiers.delivery import by_hand
from people.persons import persons
from tocsin.base.database import Tx

REACH = ("confirmed", "handed_over", "trying", "unknown", "unreachable", "opted_out", "excluded")
"""The seven places, in the order of the sentence."""

MEANS: tuple[Means, ...] = ("radio", "phone", "chat_group", "in_person")
ANSWERS = ("received", "on_the_way", "on_scene", "done", "cannot")
SOURCES = ("phone", "visit", "intercom", "elevator_intercom", "chat_group", "patrol", "hotline_12345", "community_office")
EVENTS_A_READ = 500
SHOWN_EVENTS = 200


@dataclass(frozen=True, slots=True)
class ReachPart:
    """One of the seven places; `left` and `width` place it on a bar of 1000."""

    name: str
    count: int
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One person on a ladder, once, however often they were alerted. `sign` stands for the answer where colour does not."""

    person: AlertedPerson
    times: int
    sign: str
    stands: str


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


SIGNS = {"received": "✓", "on_the_way": "→", "on_scene": "●", "done": "■", "cannot": "×", "withdrawn": "×"}


def reach_parts(reach: ReachRow) -> list[ReachPart]:
    """The seven places; their counts sum to the size."""
    parts, left = [], 0
    for name in REACH:
        count = int(getattr(reach, name))
        width = round(1000 * count / reach.size) if reach.size else 0
        parts.append(ReachPart(name, count, left, width))
        left += width
    return parts


def show_ladders(shown: Room, language: str) -> list[ShownLadder]:
    """Each person once a ladder, in the order in which they were first alerted, as they stand now."""
    ladders = []
    for ladder in shown.ladders:
        alerts: dict[int, list[AlertedPerson]] = {}
        for person in ladder.people:
            alerts.setdefault(person.person_id, []).append(person)
        rows = tuple(_ladder_row(of_person) for of_person in alerts.values())
        ladders.append(ShownLadder(ladder.title.get(language, ladder.step), rows))
    return ladders


def _ladder_row(alerts: Sequence[AlertedPerson]) -> LadderRow:
    latest = alerts[-1]
    stands = "holds" if latest.answer in ("received", "on_the_way", "on_scene", "done") else "cannot" if latest.answer else "silent"
    return LadderRow(latest, len(alerts), SIGNS.get(latest.answer or "", "…"), stands)


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
    return visit.page(
        "room.html",
        shown=shown,
        speak=speak,
        title=shown.playbook.title[visit.language],
        place=shown.view.place[visit.language],
        over=shown.row.status in ("closed", "cancelled"),
        coming=[show_next(speak, shown.playbook, one) for one in shown.upcoming],
        ladders=show_ladders(shown, visit.language),
        parts=reach_parts(shown.reach),
        tasks=sorted(tasks, key=lambda one: (not one.is_help, not one.is_desk)),
        done_tasks=[await show_task(visit.tx, speak, one, shown.view, shown.playbook) for one in shown.done_tasks],
        calls=[show_call(speak, call, shown.view) for call in await by_hand.waiting(visit.tx, incident_id)],
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
        communities_languages=visit.community.languages,
    )


async def _lines(visit: Visit, speak: Speaker, shown: Room) -> list[object]:
    events = await newest_events(visit.tx, shown.row.id, shown.row.head_no)
    record = Record(speak, shown.playbook, await persons(visit.tx, persons_in(events)))
    return list(read_record(record, events))


async def newest_events(tx: Tx, incident_id: int, head_no: int) -> list[EventView]:
    """The last events of the record, oldest first."""
    return await timeline(tx, incident_id, after_no=max(0, head_no - SHOWN_EVENTS), limit=EVENTS_A_READ)
