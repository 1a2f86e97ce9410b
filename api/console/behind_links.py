"""The pages behind links in messages: a department's answer, a resident's answer, a test's receipt. No log-in, no scripts; only a POST
changes anything."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from zoneinfo import ZoneInfo

from aiohttp import web

from api.auth.csrf import check_origin
from api.console.answers_to_questions import ask_all
from api.console.page import Clocks, render, see_other, utc_clocks
from api.console.room import TRACK
from api.console.visit import read_form
from api.console.words import next_news, speaker
from api.keys import ANSWERS, CONTEXT
from api.language import language_of
from api.press_connection import refusal_before
from api.problems import error_text, status_of
from incidents.answers.answers import LINK_OUTLIVES
from incidents.errors import IncidentEndedError, MessageExpiredError
from incidents.views.answer_page import AnswerPage, answer_page
from incidents.views.lists import playbook_of
from incidents.views.resident_page import resident_page
from notifiers.canaries.proofs import press, was_pressed
from notifiers.links import LinkTarget, Purpose, read_link
from people.communities import get_community
from playbooks.language.model import Playbook
from playbooks.texts import LAST_MILE_SLOTS
from tocsin.base.database import Tx
from tocsin.base.errors import TocsinError
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
PROMISES = (5, 8, 10, 15, 20)
LONGEST_WORDS = 400
Handler = Callable[[web.Request, Tx, LinkTarget], Awaitable[web.Response]]


def behind_link(purpose: Purpose, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The web server's handler: the link's mark is checked before anything is read; refusals become a page in plain words."""

    async def handle(request: web.Request) -> web.StreamResponse:
        context = request.app[CONTEXT]
        try:
            if request.method == "POST":
                check_origin(request)
            target = read_link(context.secrets, purpose, request.match_info["token"])
            async with context.database.community(target.community_id) as tx:
                return await handler(request, tx, target)
        except TocsinError as problem:
            return refused_link(request, problem)

    return handle


def refused_link(request: web.Request, problem: TocsinError) -> web.Response:
    """What was refused, in plain words, to somebody who has no log-in."""
    status = status_of(problem)
    code, values = ("internal", {}) if status == 500 else (problem.code, dict(problem.values))
    words = error_text(code, language_of(request), values)
    return render(request, "link_refused.html", utc_clocks(), {"words": words}, status)


async def show_answer(request: web.Request, tx: Tx, target: LinkTarget) -> web.Response:
    """GET /a/{token}: shows, and changes nothing, because mail scanners open links."""
    language = language_of(request)
    page = await answer_page(tx, target)
    _must_not_be_old(page)
    community = await get_community(tx, tx.community)
    playbook = await playbook_of(tx, page.view.summary)
    said: str | None = await tx.value(SQL.text_in_language, tx.community, target.message_id, language)
    asked = ask_all(speaker(language, community, ()), playbook, page.view.summary.facts)
    values = {
        "page": page,
        "community": community,
        "spoken": language if said else page.row.language,
        "words": plain(said or page.row.text or "", page.view.summary.code, page.row.name),
        "known": [one for one in asked if one.is_known],
        "promises": PROMISES,
        "stands": page.mine.answer if page.mine and page.mine.answer in TRACK else "",
    }
    return render(request, "answer.html", Clocks(page.now, ZoneInfo(community.zone)), values)


def _must_not_be_old(page: AnswerPage) -> None:
    """Raise MessageExpiredError a day after the message's own time: until then an answer still counts, however late."""
    if not page.over and page.now > page.row.expires_at + LINK_OUTLIVES:
        raise MessageExpiredError()


async def do_answer(request: web.Request) -> web.StreamResponse:
    """POST /a/{token}"""

    async def take(target: LinkTarget, form: Mapping[str, str]) -> None:
        minutes = form.get("minutes", "")
        promised = int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 5 else None
        await request.app[ANSWERS].answer(target, form.get("kind", ""), promised)

    return await _take(request, "a", take)


async def _take(request: web.Request, purpose: Purpose, take: Callable[[LinkTarget, Mapping[str, str]], Awaitable[None]]) -> web.Response:
    """What was pressed behind a link, in a transaction with whatever else is pressed at that moment; then the page as it stands."""
    try:
        check_origin(request)
        target = read_link(request.app[CONTEXT].secrets, purpose, request.match_info["token"])
        form = await read_form(request)
        with suppress(IncidentEndedError):  # the page then shows how it ended
            await take(target, form)
    except TocsinError as problem:
        return refused_link(request, problem)
    return see_other(request.path_qs)


async def show_resident(request: web.Request, tx: Tx, target: LinkTarget) -> web.Response:
    """GET /s/{token}: the state of things for one home, and never a word about another."""
    language = language_of(request)
    page = await resident_page(tx, target, language)
    playbook = await playbook_of(tx, page.view.summary)
    asks = asks_safety(playbook)
    values = {
        "page": page,
        "news": [(one.posted_at, plain(one.text, "", "")) for one in page.news],
        "news_by": next_news(page.view.summary),
        "longest": LONGEST_WORDS,
        "todo": [line.text[language] for line in playbook.say if line.when is None] if asks else [],
        "asks_safety": asks,
    }
    return render(request, "resident.html", Clocks(page.now, ZoneInfo(page.community.zone)), values)


def asks_safety(playbook: Playbook) -> bool:
    """Whether the plan asks residents how they are."""
    return any(getattr(step.action, "asks_safety", False) for step in playbook.steps.values())


async def do_respond(request: web.Request) -> web.StreamResponse:
    """POST /s/{token}"""

    async def take(target: LinkTarget, form: Mapping[str, str]) -> None:
        if (refused := refusal_before(request)) is not None:
            raise refused
        await request.app[ANSWERS].respond(target, form.get("kind", ""), form.get("words", "")[:LONGEST_WORDS])

    return await _take(request, "s", take)


async def show_test(request: web.Request, tx: Tx, target: LinkTarget) -> web.Response:
    """GET /c/{token}: shows, and proves nothing."""
    community = await get_community(tx, tx.community)
    values = {"community": community, "pressed": await was_pressed(tx, target)}
    return render(request, "test.html", Clocks(tx.now, ZoneInfo(community.zone)), values)


async def do_press(request: web.Request, tx: Tx, target: LinkTarget) -> web.Response:
    """POST /c/{token}: the message arrived, so its way is open."""
    await press(tx, target)
    request.app[CONTEXT].wakeups.after_commit(tx, f"page:{tx.community}")
    return see_other(request.path_qs)


def plain(text: str, code: str, name: str) -> str:
    """A message's text without its link, which is this page."""
    filled = text.replace("{code}", code).replace("{name}", name)
    for slot in LAST_MILE_SLOTS:
        filled = filled.replace("{" + slot + "}", "")
    return filled.strip()
