"""The doors to knock on: lists in walking order for paper and phone, and their results typed in seconds."""

from dataclasses import dataclass

from aiohttp import web

from api.console.desk import speaker_of
from api.console.page import see_other
from api.console.sheet_lines import RESULT_DIGITS, Fault, Named, read_lines
from api.console.visit import Visit
from api.errors import NotFoundError
from incidents.desk.visits import Visit as Knock
from incidents.desk.visits import note_visit
from incidents.views.doors import MOST_GUARDS, Door, Sheet, doors, sheets
from incidents.views.lists import incident, playbook_of
from incidents.views.unsealed import unsealed

GUARDS_OFFERED = (1, 2, 3, 4, 6, 8)


@dataclass(frozen=True, slots=True)
class Choice:
    """How the list is split, as the address says it."""

    guards: int
    top_down: bool


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """A sheet with its staircase and its floors, as one reads them: `from_floor` is where the walk begins."""

    sheet: Sheet
    inside: str
    from_floor: str
    to_floor: str


async def show_doors(visit: Visit) -> web.Response:
    """GET /i/{number}/door?guards=2&lift=yes"""
    return await _page(visit, await visit.incident_id(), "", [])


async def do_doors(visit: Visit) -> web.Response:
    """POST /i/{number}/door: one door by a button, or a sheet's lines. What is wrong in a line keeps no other line back."""
    incident_id = await visit.incident_id()
    left = await doors(visit.tx, incident_id)
    if "lines" not in visit.form:
        await _press(visit, incident_id, left)
        return see_other(_address(visit))
    named = [Named(one.home_id, one.code, one.label) for one in left]
    taken, faults = read_lines(visit.field("lines"), named, visit.tx.now, visit.clocks.zone)
    for line in taken:
        await note_visit(visit.desk, incident_id, Knock(line.door.home_id, line.door.code, line.result, None, line.at, line.words))
    if not faults:
        return see_other(_address(visit))
    return await _page(visit, incident_id, "\n".join(fault.text for fault in faults), faults, taken=len(taken))


async def _press(visit: Visit, incident_id: int, left: list[Door]) -> None:
    door = next((one for one in left if str(one.home_id) == visit.field("home")), None)
    result = next((one for one in RESULT_DIGITS.values() if one == visit.field("result")), None)
    if door is None or result is None:
        raise NotFoundError(value=visit.field("home")[:20])
    await note_visit(visit.desk, incident_id, Knock(door.home_id, door.code, result))


async def _page(visit: Visit, incident_id: int, lines: str, faults: list[Fault], taken: int = 0) -> web.Response:
    view = await incident(visit.tx, incident_id)
    playbook = await playbook_of(visit.tx, view.summary)
    choice, left = _choice(visit), await doors(visit.tx, incident_id)
    return visit.page(
        "doors.html",
        422 if faults else 200,
        number=view.summary.number,
        code=view.summary.code,
        title=playbook.title[visit.language],
        place=view.place[visit.language],
        drill=view.summary.drill,
        left=len(left),
        first=sum(one.first for one in left),
        unsealed=await unsealed(visit.tx, incident_id),
        sheets=[_shown(visit, choice, one) for one in sheets(left, guards=choice.guards, top_down=choice.top_down)],
        choice=choice,
        offered=GUARDS_OFFERED,
        results=RESULT_DIGITS,
        lines=lines,
        faults=faults,
        taken=taken,
        speak=await speaker_of(visit),
        called=_called,
        address=_address(visit),
    )


def _shown(visit: Visit, choice: Choice, sheet: Sheet) -> ShownSheet:
    walk = [one for one in sheet.doors if one.floor] or list(sheet.doors)
    ordered = sorted(walk, key=lambda one: one.path, reverse=choice.top_down)
    first = sheet.doors[0]
    return ShownSheet(sheet, first.inside.get(visit.language, first.code), ordered[0].floor or "", ordered[-1].floor or "")


def _choice(visit: Visit) -> Choice:
    typed = visit.query("guards")
    guards = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 1
    return Choice(max(1, min(guards, MOST_GUARDS)), visit.query("lift") == "yes")


def _address(visit: Visit) -> str:
    choice = _choice(visit)
    return f"/i/{visit.request.match_info['number']}/door?guards={choice.guards}&lift={'yes' if choice.top_down else 'no'}"


def _called(name: str | None) -> str:
    """A name as paper may show it: its first character."""
    return f"{name[0]}*" if name else ""
