"""The demo's wall of handsets: every caught message, its link, a reply, a key press. Not there at all outside the demo."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from pydantic import BaseModel, ValidationError

from api.auth.csrf import check_origin
from api.console.page import Clocks, render, see_other
from api.console.visit import read_form, refusal
from api.errors import NotFoundError, UnavailableError
from api.keys import CONTEXT
from notifiers.errors import ReferenceWrongError
from notifiers.links import make_link, read_reference
from tocsin.base.errors import TocsinError

ZONE = ZoneInfo("Asia/Shanghai")
PATIENCE = aiohttp.ClientTimeout(total=4)
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9]{1,4}(?![A-Za-z0-9])")
_ADDRESS = re.compile(r"(https?://\S+?/(?:a|s)/[a-z0-9-]+)")


class CaughtMessage(BaseModel):
    """One message on a handset, as the catchers tell it; `at` in seconds since 1970."""

    no: int
    at: float
    medium: str
    direction: str
    text: str
    subject: str
    state: str
    reference: str = ""

    @property
    def when(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The text in pieces, each with the path it leads to ('' for plain words): links lead to this service."""
        return [(piece, _path(piece)) for piece in _ADDRESS.split(self.text) if piece]


class Handset(BaseModel):
    """One handset or mailbox and what came to it."""

    address: str
    name: str
    note: str
    messages: list[CaughtMessage]
    resident: bool = False
    switched_on: bool = True

    @property
    def code(self) -> str:
        """The code of the newest alert here: with two open, an answer without it would be asked back."""
        texts = (one.text for one in reversed(self.messages) if one.direction == "to" and "/a/" in one.text)
        found = _CODE.findall(next(texts, "").partition("http")[0])
        return found[-1] if found else ""

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return _anchor(self.address)


class Wall(BaseModel):
    """All handsets, the latest news first; `more` are not shown."""

    more: int
    handsets: list[Handset]


@dataclass(frozen=True, slots=True)
class Errand:
    """What the page asks of the catchers."""

    path: str
    body: dict[str, object]


def _anchor(address: str) -> str:
    return "handset-" + re.sub(r"[^0-9a-z]+", "-", address.lower()).strip("-")


def _path(piece: str) -> str:
    return "/" + "/".join(piece.split("/")[-2:]) if _ADDRESS.fullmatch(piece) else ""


def _catchers(request: web.Request) -> str:
    settings = request.app[CONTEXT].settings
    if not (settings.demo and settings.demo_catcher_url):
        raise NotFoundError(value=request.path)
    return settings.demo_catcher_url


async def show_phones(request: web.Request) -> web.StreamResponse:
    """GET /demo/phones?search="""
    try:
        base = _catchers(request)
    except TocsinError as problem:
        return refusal(request, problem)
    search = request.query.get("search", "")[:80]
    wall = await _read_wall(base, search)
    async with request.app[CONTEXT].database.floor() as tx:
        clocks = Clocks(tx.now, ZONE)
    return render(request, "phones.html", clocks, {"wall": wall, "search": search, "home_page": partial(_home_page, request)})


def _home_page(request: web.Request, handset: Handset, message: CaughtMessage) -> str:
    """The page of a resident's message, to which a text message may carry no link: the poster in the lobby leads there. '' for others."""
    if not handset.resident or message.direction != "to":
        return ""
    try:
        target = read_reference(message.reference)
    except ReferenceWrongError:
        return ""
    return f"/s/{make_link(request.app[CONTEXT].secrets, 's', target.community_id, target.message_id, target.no)}"


async def _read_wall(base: str, search: str) -> Wall | None:
    """What the catchers hold; None while they are away."""
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as client:
            async with client.get(f"{base}/api/handsets", params={"limit": "60", "search": search}) as answer:
                return Wall.model_validate(await answer.json())
    except (aiohttp.ClientError, TimeoutError, ValidationError):
        return None


async def do_phones(request: web.Request) -> web.StreamResponse:
    """POST /demo/phones/reply, /press and /switch"""
    try:
        check_origin(request)
        base = _catchers(request)
        form = await read_form(request)
        await _run(base, _errand(request.match_info["what"], form))
    except TocsinError as problem:
        return refusal(request, problem)
    return see_other(f"/demo/phones?search={quote(form.get('search', ''))}#{_anchor(form.get('address', ''))}")


def _errand(what: str, form: dict[str, str]) -> Errand:
    if what == "reply":
        return Errand("/api/replies", {"address": form.get("address", ""), "text": (form.get("quick") or form.get("text", ""))[:400]})
    if what == "switch":
        return Errand("/api/switch", {"address": form.get("address", ""), "on": form.get("on") == "1"})
    no = form.get("no", "")
    return Errand("/api/keys", {"no": int(no) if no.isdecimal() and len(no) < 16 else 0, "digits": form.get("digits", "")[:1]})


async def _run(base: str, errand: Errand) -> None:
    """Raise UnavailableError when the catchers did not take it; a call that is over is no failure."""
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as client:
            async with client.post(f"{base}{errand.path}", json=errand.body) as answer:
                if answer.status >= 500:
                    raise UnavailableError()
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise UnavailableError() from problem
