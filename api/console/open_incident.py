"""An incident's own page, for the poster in the lobby: what happened, and an answer from a home that was sent no link. No log-in, no
scripts."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from aiohttp import web

from api.auth.csrf import check_origin
from api.console.behind_links import LONGEST_WORDS, asks_safety, plain, refused_link
from api.console.page import Clocks, render, see_other
from api.console.visit import read_form
from api.console.words import next_news
from api.keys import CONTEXT
from api.language import language_of
from api.peer import peer_of
from api.problems import error_text, status_of
from incidents.answers.open_answers import LONGEST_HOME, Heard, OpenAnswer, answer_openly
from incidents.answers.responses import ResponseKind
from incidents.errors import HomeNotConcernedError, HomeNotUnderstoodError, IncidentEndedError
from incidents.incident_links import IncidentTarget, read_incident_link
from incidents.views.lists import playbook_of
from incidents.views.open_page import OpenPage, open_page
from notifiers.links import base36
from people.place_words import fold
from people.places import Place, get_place, name_of
from tocsin.base.database import Tx
from tocsin.base.errors import TocsinError
from tocsin.base.texts import say

Handler = Callable[[web.Request, Tx, IncidentTarget], Awaitable[web.Response]]
KINDS: tuple[ResponseKind, ...] = get_args(ResponseKind)
_SAID = re.compile(r"([0-2])([01])-([0-9a-z]{1,13})-([0-9a-z]{1,13})-([a-z2-7]{20})")
_PURPOSE = "q-said"


@dataclass(frozen=True, slots=True)
class Given:
    """What this browser was told that we heard: the answer, of which home (None where it was not understood), whether it is proven, when."""

    kind: ResponseKind
    home: Place | None
    proven: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form again, and what was wrong with it."""

    home: str = ""
    wrong: str = ""


def behind_incident_link(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The web server's handler: the address's mark is checked before anything is read; refusals become a page in plain words."""

    async def handle(request: web.Request) -> web.StreamResponse:
        context = request.app[CONTEXT]
        try:
            if request.method == "POST":
                check_origin(request)
            target = read_incident_link(context.secrets, request.match_info["token"])
            async with context.database.community(target.community_id) as tx:
                return await handler(request, tx, target)
        except (HomeNotUnderstoodError, HomeNotConcernedError, IncidentEndedError) as problem:
            return await _ask_again(request, target, problem)
        except TocsinError as problem:
            return refused_link(request, problem)

    return handle


async def show_incident(request: web.Request, tx: Tx, target: IncidentTarget) -> web.Response:
    """GET /q/{token}"""
    page = await open_page(tx, target, language_of(request))
    given = await _given(request, tx)
    return await _page(request, tx, page, given, Typed(given.home.code if given and given.home else ""))


async def do_answer_openly(request: web.Request, tx: Tx, target: IncidentTarget) -> web.Response:
    """POST /q/{token}: one answer; the address then says what was heard, so that loading it again answers nothing twice."""
    form = await read_form(request)
    page = await open_page(tx, target, language_of(request))
    said = OpenAnswer(
        kind=_text(form, "kind"), home=_text(form, "home")[:LONGEST_HOME], digits=fold(_text(form, "digits"))[:20],
        words=_text(form, "words")[:LONGEST_WORDS],
    )  # fmt: skip
    context = request.app[CONTEXT]
    peer = context.secrets.digest("peer", peer_of(request)).hex()[:32]
    heard = await answer_openly(tx, context.wakeups, page.view.summary, said, peer)
    if not heard.kept:
        return await _page(request, tx, page, None, Typed(said.home, say(language_of(request), "open_page.too_many")), 429)
    return see_other(f"{request.path}?said={_note(request, heard, tx.now)}#said")


def _text(form: Mapping[str, str], name: str) -> str:
    """A field as the database can keep it: what it cannot would undo the transaction, and with it the count of a guess."""
    return form.get(name, "").encode("utf-8", "ignore").decode()


async def _ask_again(request: web.Request, target: IncidentTarget, problem: TocsinError) -> web.Response:
    """The page once more, with what was wrong; nothing was kept."""
    typed, language = (await read_form(request)).get("home", "")[:LONGEST_HOME], language_of(request)
    is_late = isinstance(problem, IncidentEndedError)
    wrong = say(language, "open_page.late") if is_late else error_text(problem.code, language, dict(problem.values))
    async with request.app[CONTEXT].database.community(target.community_id) as tx:
        page = await open_page(tx, target, language)
        return await _page(request, tx, page, None, Typed(typed, wrong), status_of(problem))


async def _page(request: web.Request, tx: Tx, page: OpenPage, given: Given | None, typed: Typed, status: int = 200) -> web.Response:
    language, playbook = language_of(request), await playbook_of(tx, page.view.summary)
    asks = asks_safety(playbook)
    values = {
        "page": page,
        "news": [(one.posted_at, plain(one.text, "", "")) for one in page.news],
        "news_by": next_news(page.view.summary),
        "longest": LONGEST_WORDS,
        "todo": [line.text[language] for line in playbook.say if line.when is None] if asks else [],
        "asks_safety": asks,
        "given": given,
        "home": name_of(given.home, language) if given and given.home else "",
        "typed": typed,
    }
    return render(request, "open_incident.html", Clocks(page.now, ZoneInfo(page.community.zone)), values, status)


def _note(request: web.Request, heard: Heard, at: datetime) -> str:
    """What was heard, for the address of the page that says so; only we can write it."""
    home = heard.home.id if heard.home else 0
    said = f"{KINDS.index(heard.kind)}{int(heard.proven)}-{base36(home)}-{base36(int(at.timestamp()))}"
    return f"{said}-{request.app[CONTEXT].secrets.mark(_PURPOSE, _noted(request, said))}"


async def _given(request: web.Request, tx: Tx) -> Given | None:
    match = _SAID.fullmatch(request.query.get("said", ""))
    secrets = request.app[CONTEXT].secrets
    if match is None or not secrets.is_marked(_PURPOSE, _noted(request, match.group(0)[:-21]), match.group(5)):
        return None
    home, at = int(match.group(3), 36), datetime.fromtimestamp(int(match.group(4), 36), UTC)
    place = await get_place(tx, home) if home else None
    return Given(KINDS[int(match.group(1))], place, match.group(2) == "1", at)


def _noted(request: web.Request, said: str) -> str:
    """What the mark is of: what was heard on this incident's page does not read as heard on another's."""
    return f"{request.match_info['token']}/{said}"
