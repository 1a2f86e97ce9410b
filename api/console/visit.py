"""One visit to a page of the console: a session, one transaction of its community, the form that was sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from api.auth.csrf import check_form, is_from_our_page
from api.auth.roles import Permission
from api.auth.sessions import Nameless, Visitor, require_visitor
from api.console.onlooker import Onlooker
from api.console.page import Clocks, local_path, render, see_other, utc_clocks
from api.endpoint import FILE_LIMIT, SentFile
from api.errors import BodyTooLargeError, ForgedFormError, MalformedError, NotFoundError, PinNotEnoughError
from api.keys import CONTEXT, Context
from api.language import language_of
from api.problems import error_text, status_of
from api.route import id_in_path
from incidents.desk.changes import Desk
from incidents.views.lists import incident_of_number
from people.communities import Community, get_community
from tocsin.base.database import Tx
from tocsin.base.errors import TocsinError
from tocsin.base.texts import say

MORE_THAN_ANY_NUMBER = 2**31


@dataclass(frozen=True, slots=True)
class Visit:
    """What a handler of the console is given. `form` is empty for a GET; its token was checked before. `file` of pages that take one."""

    request: web.Request
    context: Context
    session: Visitor | Onlooker
    tx: Tx
    community: Community
    form: Mapping[str, str]
    file: SentFile | None = None

    @property
    def language(self) -> str:
        return language_of(self.request)

    @property
    def desk(self) -> Desk:
        """As whom, and in which transaction, the visitor changes things."""
        return Desk(self.tx, self.context.wakeups, self.session.actor())

    @property
    def clocks(self) -> Clocks:
        return Clocks(self.tx.now, ZoneInfo(self.community.zone))

    def say(self, key: str, **values: object) -> str:
        """A text of the catalogue, in the visitor's language."""
        return say(self.language, key, **values)

    def query(self, name: str) -> str:
        """A parameter of the address; '' when it is absent."""
        return self.request.query.get(name, "").replace("\0", "").strip()[:400]

    def field(self, name: str) -> str:
        """A field of the form; '' when it is absent."""
        return self.form.get(name, "")

    def must(self, permission: Permission) -> None:
        """Raise PermissionLackingError, PinNotEnoughError when the visitor does not hold `permission`; a desk without a name is asked for it."""
        if isinstance(self.session, Nameless) and not self.session.may(permission):
            self.must_be_named()
        self.session.must_be_able_to(permission)

    def must_be_named(self) -> None:
        """Send a desk device at which nobody is signed on to where somebody signs on, and back to where the form stood."""
        if not self.session.is_named:
            raise web.HTTPSeeOther(f"/sign-on?next={quote(local_path(self.field('back')), safe='')}")

    async def incident_id(self) -> int:
        """The incident whose number stands in the address; raises IncidentUnknownError, NotFoundError."""
        number = id_in_path(self.request, "number")
        if number >= MORE_THAN_ANY_NUMBER:
            raise NotFoundError(value=number)
        return await incident_of_number(self.tx, number)

    def page(self, template: str, status: int = 200, **values: object) -> web.Response:
        """A page of the console, within its frame."""
        frame = {"session": self.session, "community": self.community.names[self.language], "held": not self.community.may_send}
        return render(self.request, template, self.clocks, {**frame, **values}, status)


class Rehearsed(Exception):  # noqa: N818 - not an error: the way out of a transaction that must not be kept
    """What was done was done only to see what it would do: the page that says so, and nothing is kept."""

    def __init__(self, page: web.Response) -> None:
        self.page = page


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]
WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Again = Callable[[Mapping[str, str]], str]
"""The address of a page that shows what was chosen in a form."""


def visited(
    handler: Handler, permission: Permission, *, nameless: bool = False, again: Again | None = None, takes_file: bool = False
) -> WebHandler:
    """The web server's handler: who it is first, then the form's token, then `handler` in one transaction; refusals become pages.

    `nameless`: open to a desk device at which nobody is signed on. `again`: where what a form holds can be looked at once more, for whoever
    must say who they are before it counts. `takes_file`: the form brings a file (field `file`), or a table as text (field `table`).
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            form = {} if takes_file else await read_form(request)
            seen_again = again(form) if again and form else local_path(form.get("back", ""), "") or None
            visitor = await require_visitor(request, permission, nameless=nameless, again=seen_again)
            form, file = await read_upload(request) if takes_file else (form, None)
            if request.method != "GET" and not _is_ours(request, visitor, form, desk_counts=nameless, may_ask_again=again is not None):
                return see_other(seen_again or "/")
            return await in_community(request, visitor, handler, form, file)
        except Rehearsed as rehearsed:
            return rehearsed.page
        except PinNotEnoughError as problem:
            return see_other(f"/login?next={quote(request.path_qs, safe='')}") if request.method == "GET" else refusal(request, problem)
        except TocsinError as problem:
            return refusal(request, problem)

    return handle


async def in_community(
    request: web.Request, visitor: Visitor, handler: Handler, form: Mapping[str, str], file: SentFile | None = None
) -> web.StreamResponse:
    """The handler's answer, in a transaction of the visitor's community. Who they are and what they sent was checked before."""
    context = request.app[CONTEXT]
    async with context.database.community(visitor.community_id) as tx:
        community = await get_community(tx, visitor.community_id)
        return await handler(Visit(request, context, visitor, tx, community, form, file))


async def onlooking(request: web.Request, onlooker: Onlooker, handler: Handler) -> tuple[web.StreamResponse, datetime]:
    """The handler's answer for many, and the story's time in it. Raises PersonalError where there is no such answer."""
    context = request.app[CONTEXT]
    async with context.database.community(onlooker.community_id) as tx:
        community = await get_community(tx, onlooker.community_id)
        return await handler(Visit(request, context, onlooker, tx, community, {})), tx.now


def _is_ours(request: web.Request, visitor: Visitor, form: Mapping[str, str], *, desk_counts: bool, may_ask_again: bool) -> bool:
    """Whether the form carries a token that holds. Raises ForgedFormError for one that does not, unless it `may_ask_again` and one of our
    own pages sent it: then it was open since before somebody else logged in."""
    try:
        check_form(request, visitor, form, desk_counts=desk_counts)
    except ForgedFormError:
        if not may_ask_again or not is_from_our_page(request):
            raise
        return False
    return True


async def read_form(request: web.Request) -> dict[str, str]:
    """The text fields of a form; of a field sent twice the first."""
    if request.method == "GET":
        return {}
    posted = await request.post()
    return {name: value.replace("\0", "").strip() for name, value in reversed(list(posted.items())) if isinstance(value, str)}


async def read_upload(request: web.Request) -> tuple[dict[str, str], SentFile | None]:
    """The text fields of a form, and the file in it or the table that was pasted, as it is; raises BodyTooLargeError, MalformedError."""
    try:
        posted = await request.clone(client_max_size=FILE_LIMIT).post()
    except web.HTTPRequestEntityTooLarge:
        raise BodyTooLargeError(limit=FILE_LIMIT) from None
    except ValueError as problem:
        raise MalformedError(reason=str(problem)[:200]) from None
    form = {name: value.strip() for name, value in posted.items() if isinstance(value, str)}
    files: dict[str, SentFile] = {}
    for name, sent in posted.items():
        if isinstance(sent, web.FileField):
            with sent.file:
                files[name] = SentFile(sent.filename, sent.file.read())
    if "file" in files and files["file"].name:
        return form, files["file"]
    # A first cell that is empty begins with a tab, which must not be stripped.
    table = cast(str, posted.get("table", ""))
    return form, SentFile("", table.encode()) if table.strip() else None


def refusal(request: web.Request, problem: TocsinError) -> web.Response:
    """What was refused, why, and the way back."""
    status = status_of(problem)
    code, values = ("internal", {}) if status == 500 else (problem.code, dict(problem.values))
    words = error_text(code, language_of(request), values)
    return render(request, "refused.html", utc_clocks(), {"words": words, "status": status, "back": _way_back(request)}, status)


def _way_back(request: web.Request) -> str:
    if request.method == "GET":
        return "/"
    if request.path.startswith("/imports"):
        return "/imports"
    number = request.match_info.get("number")
    if number and request.path.startswith("/i/"):
        return f"/i/{number}"
    return next((page for page in ("/debt", "/desks", "/ways", "/gateways", "/open", "/planned") if request.path.startswith(page)), "/")
