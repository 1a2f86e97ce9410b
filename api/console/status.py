"""A community's public status: what goes on, what is planned, what was. No log-in, no cookies, no scripts; caches may keep it for moments."""

import hashlib
from zoneinfo import ZoneInfo

from aiohttp import web

from api.console.behind_links import refused_link
from api.console.page import Clocks, render_text
from api.keys import CONTEXT
from incidents.views.public_status import public_status
from people.communities import community_of_status
from tocsin.base.errors import TocsinError
from tocsin.base.texts import choose_language

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "public, max-age=15",
    "Vary": "Accept-Language",
}


async def show_status(request: web.Request) -> web.Response:
    """GET /status/{key}"""
    context = request.app[CONTEXT]
    language = choose_language(request.query.get("lang") or request.headers.get("Accept-Language"))
    try:
        async with context.database.floor() as tx:
            community_id = await community_of_status(tx, request.match_info["key"])
        async with context.database.community(community_id) as tx:
            shown = await public_status(tx)
    except TocsinError as problem:
        return refused_link(request, problem)
    clocks = Clocks(shown.now, ZoneInfo(shown.community.zone))
    body = render_text(request, "status.html", clocks, {"shown": shown}, language=language, theme="auto").encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {**HEADERS, "ETag": tag, "Content-Language": language}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)
