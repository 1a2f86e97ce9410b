"""Suggestions for the place box, as data for its script."""

from aiohttp import web

from api.console.caller import on_the_line
from api.console.declare import offered
from api.console.suggest import Suggestion
from api.console.visit import Visit
from incidents.plans import kinds
from tocsin.base.texts import say


async def list_suggestions(visit: Visit) -> web.Response:
    """GET /console/places?q=&kind=&from=&home="""
    playbook = next((one for one in await kinds(visit.tx) if one.kind == visit.query("kind")), None)
    caller = await on_the_line(visit)
    found = await offered(visit, playbook, caller.home_place if caller else None)
    return web.json_response([{"id": str(one.id), "name": one.name, "aside": _aside(visit, one)} for one in found])


def _aside(visit: Visit, one: Suggestion) -> str:
    return say(visit.language, "console.declare.rescue", code=one.rescue_code) if one.rescue_code else ""
