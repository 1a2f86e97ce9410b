"""Declaring: kind by one key, place in one box, whom it alerts before the button; then the questions, on the same page."""

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from api import idempotency
from api.console.answers_to_questions import ask, first_question, read_answer
from api.console.caller import NOT_LISTED, NOT_LISTED_KEY, fold, happened_at, on_the_line, reporter_of, whole_number
from api.console.desk import kind_tiles, speaker_of
from api.console.drafts import call_of_page, end_call
from api.console.page import see_other
from api.console.suggest import Suggestion, heard_instead, map_of, near_home, show_place, suggest
from api.console.visit import Visit
from api.console.words import Speaker
from incidents.desk import changes
from incidents.desk.declare import Declaration
from incidents.desk.drafts import open_drafts
from incidents.desk.foresee import FirstAlert, Foresight, foresee
from incidents.desk.joining import declare_or_join
from incidents.desk.repairs import Repair, hand_on
from incidents.desk.repairs_together import ENOUGH, keep_separate, start_plan
from incidents.errors import KindUnknownError
from incidents.plans import kinds
from incidents.views.lists import incident_of_number
from people.errors import PlaceUnknownError
from people.places import Place, get_place
from playbooks.engine.advice import lines_to_say
from playbooks.engine.events import FactValue
from playbooks.language.model import AlertAction, Playbook, TellAction
from tocsin.base.errors import TocsinError

FACT = "fact_"


@dataclass(frozen=True, slots=True)
class FirstOn:
    """Whom one step alerts first: by a call, or by a message and, unanswered, by a call after `ring_after` seconds (0: never)."""

    role: str
    names: tuple[str, ...]
    ring: bool
    ring_after: int


@dataclass(frozen=True, slots=True)
class Later:
    """Who is alerted after so many seconds of silence."""

    seconds: int
    role: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """One message to residents: whether it leaves with the button, and whether it waits for the morning."""

    title: str
    at_once: bool
    waits_for_morning: bool


async def show_declare(visit: Visit) -> web.Response:
    """GET /declare: what is chosen so far stands in the address, so every step works without scripts and survives a reload."""
    playbooks = await kinds(visit.tx)
    playbook = next((one for one in playbooks if one.kind == visit.query("kind")), None)
    speak = await speaker_of(visit)
    call, written = await call_of_page(visit)
    caller = await on_the_line(visit)
    suggestions = await offered(visit, playbook, caller.home_place if caller else None)
    place = await _chosen(visit, suggestions) if playbook else None
    question = first_question(playbook) if playbook else None
    facts = _facts(visit.request.query, playbook)
    foresight, refused = await _foresee(visit, playbook, place, facts)
    return visit.page(
        "declare.html",
        kinds=kind_tiles(playbooks, visit.language),
        playbook=playbook,
        title=playbook.title[visit.language] if playbook else "",
        drill=visit.query("drill") == "1" and visit.session.may("drill"),
        asked_text=visit.query("q"),
        suggestions=suggestions,
        place=show_place(place, visit.language) if place else None,
        heard=await heard_instead(visit.tx, place, visit.language) if place else [],
        first=ask(speak, question, facts) if question else None,
        facts={name: visit.request.query[FACT + name] for name in facts},
        foresight=foresight,
        refused=refused,
        place_map=await map_of(visit.tx, playbook, visit.language)
        if playbook and not place and not suggestions and not visit.query("q")
        else [],
        firsts=first_on(speak, playbook, foresight) if playbook and foresight else [],
        tellings=tellings(playbook, foresight, visit.language) if playbook and foresight else [],
        laters=later_on(speak, foresight) if foresight else [],
        say=[line.text[visit.language] for line in lines_to_say(playbook, facts)] if playbook else [],
        nonce=random.token_urlsafe(16),
        ringing=caller,
        call=call,
        written=written,
        waiting=0 if playbook else len([one for one in await open_drafts(visit.tx) if one.key != call]),
        not_listed=NOT_LISTED,
        not_listed_key=NOT_LISTED_KEY,
        handed_on=visit.query("handed_on") == "1",
    )


async def offered(visit: Visit, playbook: Playbook | None, home: Place | None) -> list[Suggestion]:
    """What the typed text may mean; while nothing is typed, what is around the caller's home."""
    text = fold(visit.query("q"))
    if not text and home is not None and playbook is not None:
        return await near_home(visit.tx, playbook, home, visit.language)
    return await suggest(visit.tx, playbook, text, visit.language)


async def _chosen(visit: Visit, suggestions: list[Suggestion]) -> Place | None:
    """The place that was chosen; the first one where something was typed, or Enter was pressed on what is offered for the caller's home."""
    named = visit.query("place")
    if named.isascii() and named.isdecimal() and len(named) < 19:
        return await get_place(visit.tx, int(named))
    return await get_place(visit.tx, suggestions[0].id) if suggestions and "q" in visit.request.query else None


def _facts(sent: Mapping[str, str], playbook: Playbook | None) -> dict[str, FactValue]:
    if playbook is None:
        return {}
    asked = {name: sent[FACT + name] for name in playbook.ask if sent.get(FACT + name)}
    return {name: read_answer(playbook.ask[name], value) for name, value in asked.items()}


async def _foresee(
    visit: Visit, playbook: Playbook | None, place: Place | None, facts: Mapping[str, FactValue]
) -> tuple[Foresight | None, str]:
    """What the button would do, or the code of why it may not be pressed."""
    if playbook is None or place is None:
        return None, ""
    try:
        return await foresee(visit.tx, playbook.kind, place.id, facts), ""
    except TocsinError as problem:
        return None, problem.code


def first_on(speak: Speaker, playbook: Playbook, foresight: Foresight) -> list[FirstOn]:
    """Who is alerted at once, by post; a post with nobody in it has no names."""
    found: dict[tuple[str, bool, int], list[str]] = {}
    for one in foresight.alerts:
        key = (_post(speak, one), one.ring, _ring_after(playbook, one.step))
        found.setdefault(key, []).extend([one.name] if one.name else [])
    return [FirstOn(role, tuple(names), ring, after) for (role, ring, after), names in found.items()]


def _ring_after(playbook: Playbook, step: str) -> int:
    action = playbook.steps[step].action
    first = action.rungs[0].ring_after if isinstance(action, AlertAction) else None
    return int(first.total_seconds()) if first else 0


def tellings(playbook: Playbook, foresight: Foresight, language: str) -> list[Telling]:
    """What residents are told while it lasts: what leaves with the button first."""
    return [
        Telling(playbook.steps[one.step].title[language], one.at_once, foresight.night and not _sent_at_night(playbook, one.step))
        for one in foresight.tellings
    ]


def _sent_at_night(playbook: Playbook, step: str) -> bool:
    action = playbook.steps[step].action
    return isinstance(action, TellAction) and action.night == "send"


def _post(speak: Speaker, one: FirstAlert) -> str:
    return speak.role(one.role, one.department, one.tier)


def later_on(speak: Speaker, foresight: Foresight) -> list[Later]:
    """Who follows on silence, soonest first; whom several steps would find at the same time only once."""
    found = [Later(one.after_seconds, speak.role(one.role, one.department, one.tier), one.names) for one in foresight.later]
    return sorted(dict.fromkeys(found), key=lambda one: one.seconds)


async def do_declare(visit: Visit) -> web.Response:
    """POST /declare: once for each form, however often it is sent."""
    place_id = _place_id(visit)
    kind, drill = visit.field("kind"), visit.field("drill") == "1"
    if drill:
        visit.must("drill")
    asked = _asked(visit, "/declare", f"{kind} {place_id} {drill}")
    before = await idempotency.begin(visit.tx, asked)
    if before is not None:
        return see_other(f"/declare/{before.body}")
    playbook = next((one for one in await kinds(visit.tx) if one.kind == kind), None)
    declaration = Declaration(
        kind=kind,
        place_id=place_id,
        facts=_facts(visit.form, playbook),
        drill=drill,
        reporter=await reporter_of(visit),
        happened_at=happened_at(visit),
    )
    seen = {whole_number(one) for one in visit.field("seen").split(",")}
    taken = await declare_or_join(visit.tx, visit.context.wakeups, declaration, visit.session.actor(), seen)
    if not drill:
        await end_call(visit, "reported" if taken.joined else "declared", taken.declared.incident_id)
    target = f"{taken.declared.number}{'?joined=1' if taken.joined else ''}"
    await idempotency.finish(visit.tx, asked, 303, target)
    return see_other(f"/declare/{target}")


def _asked(visit: Visit, address: str, words: str) -> idempotency.Asked:
    """One form, by the unguessable number it was given: whoever is signed on when it is sent a second time."""
    return idempotency.Asked("form", visit.field("nonce")[:64] or random.token_urlsafe(16), "POST", address, words.encode())


def chosen_again(form: Mapping[str, str]) -> str:
    """The address at which what a form of this page holds is chosen once more: kind, place, answers, drill, the caller's number and home."""
    kept = {name: form[name] for name in ("kind", "place", "drill", "home", "call") if form.get(name)}
    facts = {name: value for name, value in form.items() if name.startswith(FACT) and value}
    caller = {"from": form["caller_phone"]} if form.get("caller_phone") else {}
    return f"/declare?{urlencode(kept | facts | caller)}"


def _place_id(visit: Visit) -> int:
    sent = visit.field("place")
    if not (sent.isascii() and sent.isdecimal() and len(sent) < 19):
        raise PlaceUnknownError(field="/place", value=sent[:80])
    return int(sent)


async def do_report_here(visit: Visit) -> web.Response:
    """POST /declare/report: this call is about an incident that is open already."""
    number = visit.field("number")
    reporter = await reporter_of(visit)
    if reporter is not None and number.isdecimal() and len(number) < 10:
        incident_id = await incident_of_number(visit.tx, int(number))
        await changes.add_report(visit.desk, incident_id, reporter)
        await end_call(visit, "reported", incident_id)
        return see_other(f"/i/{number}" if visit.session.is_named else f"/declare/{number}")
    return see_other("/")


async def do_repair(visit: Visit) -> web.Response:
    """POST /declare/repair: one home only, handed on and counted; enough from one building raise the question on the desk."""
    kind, place_id = visit.field("kind"), _place_id(visit)
    if not any(one.kind == kind for one in await kinds(visit.tx)):
        raise KindUnknownError(field="/kind", value=kind, known="")
    repair = Repair(kind, place_id, visit.field("words"), visit.field("caller_name") or None, fold(visit.field("caller_phone")) or None)
    asked = _asked(visit, "/declare/repair", f"{kind} {place_id}")
    before = await idempotency.begin(visit.tx, asked)
    if before is not None:
        return see_other(before.body)
    handed = await hand_on(visit.desk, repair)
    await end_call(visit, "repaired")
    target = "/" if handed.from_same_building >= ENOUGH else "/declare?handed_on=1"
    await idempotency.finish(visit.tx, asked, 303, target)
    return see_other(target)


async def do_together(visit: Visit) -> web.Response:
    """POST /declare/together: several repairs of one building are one emergency, or have nothing to do with each other."""
    kind, building = visit.field("kind"), _place_id(visit)
    if visit.field("decision") == "start":
        return see_other(f"/declare/{(await start_plan(visit.desk, kind, building)).number}")
    visit.must_be_named()
    await keep_separate(visit.desk, kind, building)
    return see_other("/")
