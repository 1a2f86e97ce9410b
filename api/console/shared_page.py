"""A page that many watch is rendered once for all who are shown the same, after each change; who reads it again gets what changed.

An open page that hears of a change (api/console/live.py) reads itself again and says which version it shows (`Tocsin-Shown`). It is given a
rendering from after the last change that this process heard of, and no older than a second. Whoever comes to the page anew is given one from
after they came, so that they see what they did themselves.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from aiohttp import web

from api.auth.roles import Permission
from api.auth.sessions import Session, read_visitor, read_visitor_again
from api.console.onlooker import Onlooker, PersonalError, belongings, onlooker_of
from api.console.page import HEADERS, keys_of, theme_of
from api.console.rendering import Rendering, rendering_of
from api.console.visit import Handler, WebHandler, onlooking, visited
from api.language import language_of
from api.streams import STREAMS
from tocsin.base.errors import TocsinError

SHOWN = "Tocsin-Shown"
FRESH_SECONDS = 1.0
PERSONAL_SECONDS = 5.0
"""So long a page that depended on who looks at it is not tried for many again."""
MOST = 200


@dataclass(frozen=True, slots=True)
class Look:
    """Everything by which one reader's page differs from another's, but for what is put in for each."""

    onlooker: Onlooker
    address: str
    language: str
    theme: str
    keys_on: bool


class SharedPages:
    """The newest rendering of each page that somebody looked at. `clock`: seconds of any monotonic clock."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._pages: dict[Look, Rendering] = {}
        self._at_work: dict[Look, asyncio.Event] = {}
        self._personal_until: dict[Look, float] = {}

    async def of(self, look: Look, since: float, render: Callable[[Rendering | None], Awaitable[Rendering]]) -> Rendering:
        """A rendering that began after `since`; of several who ask at once one renders, given the one before. Raises what `render` raises,
        and PersonalError for all who ask shortly after it was raised."""
        while True:
            if self.clock() < self._personal_until.get(look, 0.0):
                raise PersonalError
            known = self._pages.get(look)
            if known is not None and known.looked_at > since:
                return known
            if look not in self._at_work:
                break
            await self._at_work[look].wait()
        over = self._at_work[look] = asyncio.Event()
        try:
            rendering = await render(known)
            self._keep(look, rendering)
            return rendering
        except PersonalError:
            self._personal_until = {**self._recently_personal(), look: self.clock() + PERSONAL_SECONDS}
            raise
        finally:
            del self._at_work[look]
            over.set()

    def _recently_personal(self) -> dict[Look, float]:
        return {look: until for look, until in self._personal_until.items() if until > self.clock()}

    def _keep(self, look: Look, rendering: Rendering) -> None:
        self._pages.pop(look, None)
        self._pages[look] = rendering
        if len(self._pages) > MOST:
            del self._pages[next(iter(self._pages))]


SHARED: web.AppKey[SharedPages] = web.AppKey("shared_pages", SharedPages)


def shared(handler: Handler, permission: Permission) -> WebHandler:
    """As `visited`, for a page that is the same for all with the same rights; where it turns out not to be, each gets their own."""
    personal = visited(handler, permission)

    async def handle(request: web.Request) -> web.StreamResponse:
        shown = request.headers.get(SHOWN, "")
        visitor = await read_visitor_again(request) if shown else await read_visitor(request)
        if not isinstance(visitor, Session) or not visitor.may(permission):
            return await personal(request)
        look = Look(onlooker_of(visitor), request.path_qs, language_of(request), theme_of(request), keys_of(request))
        pages = request.app[SHARED]
        heard_at = request.app[STREAMS].heard_at(visitor.community_id)
        since = max(heard_at, pages.clock() - FRESH_SECONDS) if shown else pages.clock()

        async def render(before: Rendering | None) -> Rendering:
            return await _render(request, look.onlooker, handler, pages.clock(), before)

        try:
            rendering = await pages.of(look, since, render)
        except (PersonalError, TocsinError):
            return await personal(request)
        return _answer(rendering, shown, visitor, look.language, pages.clock())

    return handle


async def _render(request: web.Request, onlooker: Onlooker, handler: Handler, looked_at: float, before: Rendering | None) -> Rendering:
    response, now = await onlooking(request, onlooker, handler)
    rendering = None
    if isinstance(response, web.Response) and response.status == 200 and response.text is not None:
        rendering = rendering_of(response.text, looked_at, now, before)
    if rendering is None:
        raise PersonalError
    return rendering


def _answer(rendering: Rendering, shown: str, session: Session, language: str, at: float) -> web.Response:
    own = belongings(session)
    text = (rendering.changes(shown, own, at) if shown else None) or rendering.page(own, at)
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers={**HEADERS, "Content-Language": language})
