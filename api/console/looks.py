"""Who looked at whose number or reason, and what for: for supervisors."""

from dataclasses import dataclass

from aiohttp import web

from api.console.caller import whole_number
from api.console.visit import Visit
from people.directory.access import Look, looks
from people.persons import persons

PAGE = 50


@dataclass(frozen=True, slots=True)
class ShownLook:
    """One look, and at whom."""

    look: Look
    whose: str


async def show_looks(visit: Visit) -> web.Response:
    """GET /looks"""
    found = await looks(visit.tx, before=whole_number(visit.query("before")) or None, limit=PAGE + 1)
    people = await persons(visit.tx, sorted({one.person_id for one in found}))
    shown = [ShownLook(one, people[one.person_id].name if one.person_id in people else "") for one in found[:PAGE]]
    return visit.page("looks.html", looks=shown, before=shown[-1].look.id if len(found) > PAGE else None)
