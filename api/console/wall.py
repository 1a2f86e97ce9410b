"""The wallboard: what goes on, for a screen in the control room. No log-in, nothing to press, no name but surnames, no home's number."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from api.auth.walls import Wall, community_of_wall, read_wall
from api.console.behind_links import refused_link
from api.console.coming import Next, posts_of, show_next
from api.console.live import follow
from api.console.page import HEADERS, Clocks, render_text
from api.console.wall_picture import Picture, draw
from api.console.words import Speaker, next_news, speaker
from api.errors import WallWithdrawnError
from api.keys import CONTEXT
from incidents.conductor.duty import Duty
from incidents.views.elevation import STATES, HomeState, counts, homes_of_buildings, staircases
from incidents.views.lists import IncidentView, TaskView, incident, open_incidents, playbook_of, tasks
from incidents.views.open_page import building_or_place, place_without_home
from incidents.views.promises import open_call_backs, open_complaints
from incidents.views.room import AlertedPerson, ladders_of
from incidents.views.standings import Concerned, Reach, comes_again, standings_lately
from incidents.views.unsealed import Unsealed, unsealed
from notifiers.canaries.ways import ways
from people.communities import get_community
from people.rosters import departments, duty_now
from people.surnames import surname
from playbooks.language.model import AlertAction, Playbook
from tocsin.base.database import Tx
from tocsin.base.errors import TocsinError
from tocsin.base.queries import load_queries
from tocsin.base.texts import choose_language

SQL = load_queries(__package__)
MOST_BUILDINGS, MOST_BESIDE_ANOTHER = 3, 1
"""How many buildings can be read from five metres: where one incident has the screen, and where two share it."""
MOST_PROMISES = 4
MARKED = frozenset({"needs_help", "others_inside", "safe", "says_safe", "not_reached", "knocked", "at_the_door", "by_phone"})
"""States that are told by their sign as well; the others by the look of the window alone."""

SAID = ("received", "on_the_way", "on_scene", "done")
Handler = Callable[[web.Request, Tx, Wall], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Slide:
    """One incident: who has it by posts, what comes next, how its homes stand, its buildings.

    `help` and `inside`: how many homes wait for somebody who comes. `states` counts what the pictures show; `not_drawn`: further buildings.
    `unsealed`: who is not among them yet. `is_current`: nothing has changed since `homes` were counted.
    """

    view: IncidentView
    title: str
    place: str
    holders: tuple[str, ...]
    next: Next | None
    news_by: datetime | None
    homes: Reach
    unsealed: Unsealed
    help: int
    inside: int
    states: dict[HomeState, int]
    pictures: tuple[Picture, ...]
    not_drawn: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A department and the surnames of who is on duty; nobody is news."""

    department: str
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """Something a caller was promised: what, about which incident, by when."""

    what: str
    about: str
    due: datetime


@dataclass(frozen=True, slots=True)
class ProvenWay:
    """A medium: when it was proven last, and for how many places it is not."""

    medium: str
    proven_at: datetime | None
    not_proven: int


async def show_wall(request: web.Request) -> web.Response:
    """GET /wall/{token}"""
    token = request.match_info["token"]
    try:
        async with request.app[CONTEXT].database.community(community_of_wall(token)) as tx:
            wall = await read_wall(tx, token)
            return await _page(request, tx, wall)
    except TocsinError as problem:
        return refused_link(request, problem)


async def stream_wall(request: web.Request) -> web.StreamResponse:
    """GET /wall/{token}/live: the stream of the community's changes, for as long as the wall's address holds."""
    token, database = request.match_info["token"], request.app[CONTEXT].database
    community_id = community_of_wall(token)

    async def holds() -> bool:
        try:
            async with database.community(community_id) as tx:
                await read_wall(tx, token)
        except WallWithdrawnError:
            return False
        return True

    async with database.community(community_id) as tx:
        await read_wall(tx, token)
    return await follow(request, community_id, holds=holds)


async def _page(request: web.Request, tx: Tx, wall: Wall) -> web.Response:
    community = await get_community(tx, tx.community)
    asked = request.query.get("lang")
    language = choose_language(asked) if asked else community.default_language
    speak = speaker(language, community, await departments(tx))
    views, roster = await open_incidents(tx), Duty(tx)
    most = MOST_BUILDINGS if len(views) == 1 else MOST_BESIDE_ANOTHER
    slides = [await _slide(tx, speak, roster, view, most) for view in views]
    values = {
        "wall": wall,
        "community": community.names.get(language, ""),
        "slides": slides,
        "again": comes_again(*(one.is_current for one in slides)),
        "duty": await _duty(tx, speak),
        "promises": await _promises(tx, speak),
        "ways": await _ways(tx, speak),
        "signs": {state: speak.say(f"console.home.sign.{state}") for state in MARKED},
        "quiet_since": None if views else await tx.value(SQL.quiet_since, tx.community),
    }
    clocks = Clocks(tx.now, ZoneInfo(community.zone))
    text = render_text(request, "wall.html", clocks, values, language=language, theme="dark")
    headers = {**HEADERS, "Content-Language": language, "Referrer-Policy": "no-referrer"}
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)


async def _slide(tx: Tx, speak: Speaker, roster: Duty, view: IncidentView, most: int) -> Slide:
    playbook = await playbook_of(tx, view.summary)
    cries = [task for task in await tasks(tx, view.summary.id, open_only=True) if "help" in task.does]
    cried = Counter(str(task.does["help"]) for task in cries)
    lately = await standings_lately(tx, view.summary.id, told=view.summary.told_size)
    buildings = lately.standings.buildings
    drawn = _worst(buildings, await _buildings_of(tx, cries), most)
    inside = await homes_of_buildings(tx, view.summary.id, [one.place_id for one in drawn])
    found = [(one, staircases(inside[one.place_id])) for one in drawn]
    seen: Counter[HomeState] = Counter()
    for _, stairs in found:
        seen.update(counts(stairs))
    people = [person for ladder in await ladders_of(tx, view.summary.id, playbook) for person in ladder.people]
    return Slide(
        view=view,
        title=view.title[speak.language],
        place=(await place_without_home(tx, view.summary.place_id))[speak.language],
        holders=_holders(speak, playbook, people),
        next=await show_next(roster, speak, playbook, view.next_up, posts_only=True) if view.next_up else None,
        news_by=next_news(view.summary),
        homes=lately.standings.homes,
        unsealed=await unsealed(tx, view.summary.id),
        help=cried["needs_help"],
        inside=cried["others_inside"],
        states={state: seen[state] for state in STATES if seen[state] and state != "outside"},
        pictures=tuple(draw(one.names.get(speak.language, ""), stairs) for one, stairs in found),
        not_drawn=len(buildings) - len(drawn),
        is_current=lately.is_current,
    )


async def _buildings_of(tx: Tx, cries: Sequence[TaskView]) -> set[int]:
    """The buildings from which somebody cries for help."""
    homes = {home for task in cries for home in task.does["homes"]}
    return {(await building_or_place(tx, home)).id for home in homes}


def _worst(buildings: Sequence[Concerned], of_help: set[int], most: int) -> list[Concerned]:
    """As many as `most`, in their order: those with a cry for help first, then those with the most doors left."""
    worst = sorted(buildings, key=lambda one: (one.place_id not in of_help, -one.for_the_door))[:most]
    return [one for one in buildings if one in worst]


def _holders(speak: Speaker, playbook: Playbook, people: list[AlertedPerson]) -> tuple[str, ...]:
    """工程部当班 张 · 到场: whoever has it or has done it, by post and surname, each once as they stand now."""
    latest = {person.person_id: person for person in people}
    said = [person for person in latest.values() if person.answer in SAID]
    return tuple(
        speak.say("wall.holder", post=_post(speak, playbook, one), name=surname(one.name), answer=speak.say(f"console.answer.{one.answer}"))
        for one in said
    )


def _post(speak: Speaker, playbook: Playbook, person: AlertedPerson) -> str:
    step = playbook.steps.get(person.alert_key.partition("#")[0])
    if step is None or not isinstance(step.action, AlertAction) or person.rung >= len(step.action.rungs):
        return ""
    return posts_of(speak, step.action.rungs[person.rung])


async def _duty(tx: Tx, speak: Speaker) -> list[OnDuty]:
    on_duty = [one for one in await duty_now(tx, tx.now) if one.tier == "duty"]
    return [
        OnDuty(name, tuple(surname(one.name) for one in on_duty if one.department_key == key)) for key, name in speak.departments.items()
    ]


async def _promises(tx: Tx, speak: Speaker) -> list[Promise]:
    """The promises that are due first, whatever became of the incident they were made about."""
    due = [("call_back", one.incident_id, one.due) for one in await open_call_backs(tx)]
    due += [("complaint", one.incident_id, one.due) for one in await open_complaints(tx)]
    shown = []
    for what, incident_id, at in sorted(due, key=lambda one: one[2])[:MOST_PROMISES]:
        view = await incident(tx, incident_id)
        place = (await place_without_home(tx, view.summary.place_id))[speak.language]
        shown.append(Promise(speak.say(f"wall.promise.{what}"), f"{view.title[speak.language]} · {place}", at))
    return shown


async def _ways(tx: Tx, speak: Speaker) -> list[ProvenWay]:
    tested = await ways(tx)
    shown = []
    for medium in dict.fromkeys(one.medium for one in tested):
        of_medium = [one for one in tested if one.medium == medium]
        proven = [one.proven_at for one in of_medium if one.proven_at is not None]
        lacking = sum(one.state == "not_proven" for one in of_medium)
        shown.append(ProvenWay(speak.coded("console.medium", medium), max(proven, default=None), lacking))
    return shown
