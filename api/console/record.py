"""An incident on paper: its file for the supervisor, and the print for the owners' committee, which names nobody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from api.console.committee import place_without_home, read_for_committee
from api.console.desk import speaker_of
from api.console.homes import reach_parts
from api.console.timeline_words import Record, persons_in, read_record
from api.console.visit import Visit
from incidents.views.lists import EventView, IncidentView, incident, playbook_of, reports, timeline
from incidents.views.messages import MessageView, messages_of
from incidents.views.standings import homes_standing
from people.persons import persons
from people.places import get_place, name_of
from playbooks.language.model import Playbook
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
EVENTS_A_READ = 500
MESSAGES_A_READ = 200
CAUSE = "cause"
"""A playbook that asks for the cause asks so; what is not known there is printed as not established."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One of the times by which an incident is judged; None: it has not come, or was not recorded."""

    key: str
    at: datetime | None


async def show_record(visit: Visit) -> web.Response:
    """GET /i/{number}/record, and with ?for=committee what the owners' committee gets."""
    incident_id = await visit.incident_id()
    view, events = await incident(visit.tx, incident_id), await every_event(visit.tx, incident_id)
    playbook = await playbook_of(visit.tx, view.summary)
    homes = await homes_standing(visit.tx, incident_id)
    called = await reports(visit.tx, incident_id)
    common: dict[str, Any] = {
        "view": view,
        "title": playbook.title[visit.language],
        "homes": homes,
        "parts": reach_parts(homes),
        "calls": len(called),
        "calling_homes": len({one.home_id for one in called if one.home_id is not None}),
        "milestones": milestones(view, events),
        "cause": cause_of(playbook, view, visit.language),
        "head_hash": (await visit.tx.value(SQL.head_hash, visit.tx.community, incident_id)).hex(),
        "printed_by": visit.session.name,
    }
    if visit.query("for") == "committee":
        record = Record(await speaker_of(visit), playbook, {})
        place = await place_without_home(visit.tx, await get_place(visit.tx, view.summary.place_id))
        return visit.page(
            "committee.html",
            **common,
            place=name_of(place, visit.language) if place else "",
            lines=read_for_committee(record, events),
            helped=sum(event.kind in ("needs_help", "others_inside") for event in events),
            visits=sum(event.kind == "visit" for event in events),
        )
    record = Record(await speaker_of(visit), playbook, await persons(visit.tx, persons_in(events)))
    return visit.page(
        "record.html",
        **common,
        place=view.place[visit.language],
        lines=list(reversed(read_record(record, events))),
        messages=await every_message(visit.tx, incident_id),
        text_of=text_of,
        verify=f"tocsin timeline verify --community {visit.community.id} --incident {incident_id}",
    )


async def every_event(tx: Tx, incident_id: int) -> list[EventView]:
    """The whole record, in order."""
    found: list[EventView] = []
    while page := await timeline(tx, incident_id, after_no=found[-1].no if found else 0, limit=EVENTS_A_READ):
        found += page
    return found


async def every_message(tx: Tx, incident_id: int) -> list[MessageView]:
    """All that was sent about it, in order."""
    found: list[MessageView] = []
    while page := await messages_of(tx, incident_id, after=found[-1].id if found else 0, limit=MESSAGES_A_READ):
        found += page
    return found


def text_of(message: MessageView, language: str, code: str) -> str:
    """What a message says, in this language where it was sent in it; each reader's own link and name are not told."""
    text = message.texts.get(language) or next(iter(message.texts.values()), "")
    return text.replace("{code}", code).replace("{link}", "…").replace("{name}", "…")


def milestones(view: IncidentView, events: list[EventView]) -> list[Milestone]:
    """When it happened, when it was declared, and the first of each that followed."""
    summary = view.summary
    answers = [(event.body["event"]["answer"], event.happened_at) for event in events if event.kind == "answered"]

    def first(*kinds: str) -> datetime | None:
        return next((event.happened_at for event in events if event.kind in kinds), None)

    def answered(*words: str) -> datetime | None:
        return next((at for word, at in answers if word in words), None)

    return [
        Milestone("happened", first("declared")),
        Milestone("declared", summary.declared_at),
        Milestone("alerted", next((event.at for event in events if event.kind == "alert" and event.body["persons"]), None)),
        Milestone("taken", answered("received", "on_the_way", "on_scene", "done")),
        Milestone("on_scene", answered("on_scene", "done")),
        Milestone("told", first("broadcast", "told_by_desk")),
        Milestone("relieved", summary.relieved_at),
        Milestone("closed", summary.closed_at),
    ]


def cause_of(playbook: Playbook, view: IncidentView, language: str) -> str:
    """The cause where the playbook asks for it among named ones and it is known; else ''."""
    question, value = playbook.ask.get(CAUSE), view.summary.facts.get(CAUSE)
    options = question.choices if question else {}
    return str(options[value][language]) if value in options else ""
