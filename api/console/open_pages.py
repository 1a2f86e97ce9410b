"""What this community shows without a log-in: the public status, and the wallboards whose addresses somebody made."""

from aiohttp import web

from api.auth.walls import make_wall, walls, withdraw_wall
from api.console.page import see_other
from api.console.visit import Visit
from api.errors import NotFoundError
from api.route import id_in_path

LONGEST_NAME = 60


async def show_open_pages(visit: Visit) -> web.Response:
    """GET /open"""
    return await _page(visit)


async def do_make_wall(visit: Visit) -> web.Response:
    """POST /open/walls: the address stands on the answer and nowhere else afterwards."""
    name = visit.field("name")[:LONGEST_NAME]
    if not name:
        return see_other("/open")
    return await _page(visit, name, await make_wall(visit.tx, name, visit.session.name))


async def do_withdraw_wall(visit: Visit) -> web.Response:
    """POST /open/walls/{wall}/withdraw"""
    wall_id = id_in_path(visit.request, "wall")
    if not await withdraw_wall(visit.tx, wall_id, visit.session.name):
        raise NotFoundError(value=wall_id)
    return see_other("/open")


async def _page(visit: Visit, made: str = "", token: str = "") -> web.Response:
    public = visit.context.settings.public_url
    return visit.page(
        "open_pages.html",
        walls=await walls(visit.tx),
        made=made,
        address=f"{public}/wall/{token}" if token else "",
        site=visit.community,
        status_address=f"{public}/status/{visit.community.status_key}",
        longest=LONGEST_NAME,
    )
