"""Suggestions for the place box, as data for its script."""

from aiohttp import web

from api.console.caller import fold
from api.console.suggest import suggest
from api.console.visit import Visit
from incidents.plans import kinds


async def list_suggestions(visit: Visit) -> web.Response:
    """GET /console/places?q=&kind="""
    playbook = next((one for one in await kinds(visit.tx) if one.kind == visit.query("kind")), None)
    found = await suggest(visit.tx, playbook, fold(visit.query("q")), visit.language)
    return web.json_response([{"id": str(one.id), "key": one.key, "name": one.name, "rescue": one.rescue_code} for one in found])
