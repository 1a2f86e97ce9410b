"""A message to residents, looked at before it is sent: whom it reaches, what arrives, by when, and who else has to see it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from api.console.caller import fold
from api.console.page import see_other
from api.console.requests import whom_in_words
from api.console.suggest import Suggestion, only_place, suggest
from api.console.tell_form import TellForm, first_form, follow_choice, read_tell_form
from api.console.visit import Visit
from api.problems import error_text
from incidents.conductor.words import Voice
from incidents.desk import changes, second_person
from incidents.desk.ready_texts import ReadyText, ready_texts
from incidents.desk.telling import UNDO_SECONDS, Foreseen, foresee_telling, tell, voice_of_incident
from incidents.errors import AudienceChangedError, IncidentsError, TextMissingError, TextNeverSayError
from incidents.views.lists import IncidentSummary, incident
from notifiers.announcements.bubbles import Bubble, bubbles
from notifiers.gateways import list_channels
from people.places import ancestor_of_kind, children, name_of, places_by_id, resolve_place
from playbooks.engine.decide import State
from tocsin.base.queries import load_queries

MOST_CHIPS = 14
SAMPLE_LINK = "/s/xxxx-xxxx-xxxx"


SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Chip:
    """A place that can be ticked."""

    id: int
    name: str
    on: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it is written now, with what it would do. `fault`: why it cannot be sent as it is, in words."""

    row: IncidentSummary
    voice: Voice
    form: TellForm
    offered: list[ReadyText]
    seen: Foreseen | None
    shown: list[Bubble]
    fault: str
    never_said: bool

    @property
    def over(self) -> bool:
        """Whether it says that the danger is over to all who were told: then it is the plan that tells them."""
        is_over = any(one.key == self.form.ready and one.phase == "over" for one in self.offered)
        return is_over and self.form.whom(self.row.place_id).only_told and self.row.status == "open"

    @property
    def last_at(self) -> datetime | None:
        """When the gateways will have taken the last home's message, from now; None where nobody is told."""
        return (
            None
            if self.seen is None or not self.seen.forecast.carried
            else self.form.at + timedelta(seconds=self.seen.forecast.last_seconds)
        )


async def show_tell(visit: Visit) -> web.Response:
    """GET /i/{number}/tell?ready=&p=: what can be said at once, seen before it is sent."""
    row = (await incident(visit.tx, await visit.incident_id())).summary
    form = first_form(visit.tx.now, told=await _anybody_told(visit, row), place=row.place_id)
    draft = await _draft(visit, row, replace(form, ready=visit.query("ready"), typed=visit.query("q")), fresh=True)
    return await _page(visit, draft)


async def do_tell(visit: Visit) -> web.Response:
    """POST /i/{number}/tell: look again, or send what was seen."""
    row = (await incident(visit.tx, await visit.incident_id())).summary
    form = read_tell_form(visit.form, visit.community.languages, visit.tx.now)
    draft = await _draft(visit, row, form)
    if visit.field("do") != "send" or draft.fault or draft.seen is None or form.typed:
        return await _page(visit, draft, 422 if visit.field("do") == "send" and draft.fault else 200)
    homes = draft.seen.forecast.homes
    if form.seen != homes:
        changed = _say(visit, AudienceChangedError(value=form.seen, homes=homes))
        return await _page(visit, replace(draft, fault=changed), 409)
    return await _send(visit, draft, homes)


async def _send(visit: Visit, draft: Draft, homes: int) -> web.Response:
    row, number = draft.row, draft.row.number
    if draft.over:
        visit.must("steer")
        await changes.resolve(visit.desk, row.id)
        return see_other(f"/i/{number}/messages")
    telling = replace(draft.form.telling(row.place_id, UNDO_SECONDS), confirmed_homes=homes)
    needs_another = draft.seen is not None and draft.seen.second_person
    if needs_another or not (visit.session.may("steer") or telling.whom.only_told):
        return see_other(f"/i/{number}/messages?asked={await second_person.ask(visit.desk, row.id, telling)}")
    told = await tell(visit.desk, row.id, telling)
    return see_other(f"/i/{number}/messages?sent={told.message_id}#m-{told.message_id}")


async def _anybody_told(visit: Visit, row: IncidentSummary) -> bool:
    return bool(await visit.tx.value(SQL.anybody_told, visit.tx.community, row.id))


async def _draft(visit: Visit, row: IncidentSummary, form: TellForm, *, fresh: bool = False) -> Draft:
    state = State.model_validate(row.state)
    voice = await voice_of_incident(visit.tx, row, visit.community)
    wanted = [*form.places, *([form.before.place_id] if form.before and form.before.place_id else [])]
    form = await _with_typed(visit, replace(form, spoken=await places_by_id(visit.tx, wanted)))
    chosen = form.chosen()
    place = form.spoken.get(chosen.place_id) if chosen.place_id is not None else None
    offered = ready_texts(voice, state, chosen, place)
    if fresh and not form.ready:
        form = replace(form, ready=_first_choice(form, offered))
    form = follow_choice(form, voice, state, offered)
    seen, fault, never_said = await _foresee(visit, row, form)
    shown: list[Bubble] = []
    if seen is not None and seen.texts:
        link = visit.context.settings.public_url.rstrip("/") + SAMPLE_LINK
        shown = bubbles(seen.forecast.carried, seen.texts, await list_channels(visit.tx), link)
    return Draft(row, voice, form, offered, seen, shown, fault, never_said)


def _first_choice(form: TellForm, offered: list[ReadyText]) -> str:
    """News where somebody was told, else the plan's first message, else somebody's own words."""
    wanted = "update" if form.told else "first"
    return next((one.key for one in offered if one.phase == wanted), "")


async def _with_typed(visit: Visit, form: TellForm) -> TellForm:
    """What was typed into the box is a chip, where it means one place."""
    if not form.typed:
        return form
    place = await only_place(visit.tx, fold(form.typed), visit.language)
    if place is None:
        return form
    places = tuple(dict.fromkeys((*form.places, place.id)))
    return replace(form, typed="", places=places, spoken={**form.spoken, place.id: place})


async def _foresee(visit: Visit, row: IncidentSummary, form: TellForm) -> tuple[Foreseen | None, str, bool]:
    """What it would do, or why not: in words, and whether that is a phrase that must never be said."""
    telling = form.telling(row.place_id)
    if telling.whom.is_nobody:
        return None, "", False
    missing = [language for language in visit.community.languages if not form.words.get(language, "").strip()]
    try:
        seen = await foresee_telling(visit.tx, row.id, telling)
    except TextNeverSayError as problem:
        return await foresee_telling(visit.tx, row.id, replace(telling, insist=True)), _say(visit, problem), True
    except IncidentsError as problem:
        return None, _say(visit, problem), False
    return seen, _say(visit, TextMissingError(language=missing[0])) if missing else "", False


def _say(visit: Visit, problem: IncidentsError) -> str:
    return error_text(problem.code, visit.language, dict(problem.values))


async def _page(visit: Visit, draft: Draft, status: int = 200) -> web.Response:
    form, row = draft.form, draft.row
    found: list[Suggestion] = await suggest(visit.tx, None, fold(form.typed), visit.language) if form.typed else []
    return visit.page(
        "tell.html",
        status,
        draft=draft,
        row=row,
        form=form,
        title=draft.voice.playbook.title[visit.language],
        place=name_of(draft.voice.place, visit.language),
        chips=await _chips(visit, row, form),
        found=found,
        anybody_told=await _anybody_told(visit, row),
        whom=await whom_in_words(visit, form.whom(row.place_id)),
        never_say=[words[visit.language] for words in draft.voice.playbook.never_say],
        languages=visit.community.languages,
        undo=int(UNDO_SECONDS),
        asks=not visit.session.may("steer") and not form.whom(row.place_id).only_told,
        limit=visit.community.second_person_above_homes,
    )


async def _chips(visit: Visit, row: IncidentSummary, form: TellForm) -> list[Chip]:
    """Places that are likely meant: the incident's, the building around it and what is in it; and whatever is chosen."""
    own = (await places_by_id(visit.tx, [row.place_id]))[row.place_id]
    around = [own]
    building = await ancestor_of_kind(visit.tx, own.id, "building")
    around += [building] if building is not None and building.id != own.id else []
    inside = await children(visit.tx, own.id if own.kind in ("community", "building") else building.id if building else own.id)
    around += [one for one in inside if one.kind in ("building", "unit")][:MOST_CHIPS]
    if own.kind != "community":
        around.append(await resolve_place(visit.tx, "0"))
    shown = {one.id: one for one in around} | dict(form.spoken)
    return [Chip(one.id, name_of(one, visit.language), one.id in form.places) for one in shown.values()]
