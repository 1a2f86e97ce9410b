"""Log-in, log-out, and the choice of language and community: plain forms that work without scripts."""

from urllib.parse import quote, urlsplit

from aiohttp import web

from api.auth.cookies import is_secure
from api.auth.csrf import check_form, check_origin
from api.auth.devices import cookie_of
from api.auth.login import NewSession, is_link, log_in, log_in_by_link
from api.auth.sessions import (
    Nameless,
    Session,
    change_community,
    drop_cookie,
    end_session,
    read_visitor,
    require_session,
    set_cookie,
)
from api.errors import LogInLinkWrongError, LogInRefusedError, NotFoundError, PinNotEnoughError, SlowDownError
from api.keys import CONTEXT
from api.language import COOKIE, language_of
from api.pages import page
from api.peer import peer_of
from api.problems import error_text, status_of
from tocsin.base.errors import TocsinError
from tocsin.base.texts import LANGUAGES

_YEAR_SECONDS = 365 * 24 * 3600


def add_log_in(app: web.Application) -> None:
    """The addresses of this module."""
    app.router.add_get("/login", show_log_in)
    app.router.add_post("/login", take_log_in)
    app.router.add_get("/login/{token}", show_link)
    app.router.add_post("/login/{token}", take_link)
    app.router.add_post("/logout", take_log_out)
    app.router.add_post("/language", take_language)
    app.router.add_post("/community", take_community)


def inner_address(sent: object) -> str:
    """An address within our own pages; "/" for anything else, so that nobody is sent elsewhere after log-in."""
    text = str(sent or "/")
    parts = urlsplit(text)
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return text if ours and text.isprintable() else "/"


async def show_log_in(request: web.Request) -> web.Response:
    """The log-in form, also for whoever is signed on by PIN and needs more than that gives."""
    visitor = await read_visitor(request)
    target = inner_address(request.query.get("next"))
    if isinstance(visitor, Session) and not visitor.by_pin:
        raise web.HTTPSeeOther(target)
    return _form(request, target=target, error=PinNotEnoughError() if isinstance(visitor, Session) else None)


async def take_log_in(request: web.Request) -> web.Response:
    """Check login and password; the form again, with what was wrong, where they do not hold."""
    check_origin(request)
    form = await request.post()
    login, password, target = str(form.get("login", "")), str(form.get("password", "")), inner_address(form.get("next"))
    try:
        session = await log_in(request.app[CONTEXT].database, login=login, password=password, peer=peer_of(request))
    except (LogInRefusedError, SlowDownError) as error:
        return _form(request, target=target, login=login, error=error)
    return await _logged_in(request, session, target)


async def show_link(request: web.Request) -> web.Response:
    """A button; looking at a one-time link does not use it up, because mail scanners look too."""
    if not await is_link(request.app[CONTEXT].database, request.match_info["token"]):
        raise LogInLinkWrongError()
    return page(request, "login_link.html", token=request.match_info["token"])


async def take_link(request: web.Request) -> web.Response:
    """Use the link up and log in."""
    check_origin(request)
    session = await log_in_by_link(request.app[CONTEXT].database, request.match_info["token"])
    return await _logged_in(request, session, "/")


async def take_log_out(request: web.Request) -> web.Response:
    """End the session; a desk device goes on without a name."""
    visitor = await read_visitor(request)
    at_device = isinstance(visitor, Nameless)
    if isinstance(visitor, Session):
        check_form(request, visitor, await request.post(), desk_counts=True)
        await end_session(request)
        at_device = visitor.device is not None
    response = _see("/" if at_device else "/login")
    drop_cookie(response, request.app[CONTEXT].settings)
    return response


async def take_language(request: web.Request) -> web.Response:
    """Remember the visitor's language."""
    check_origin(request)
    form = await request.post()
    language = str(form.get("language", ""))
    if language not in LANGUAGES:
        raise NotFoundError(value=language)
    response = _see(inner_address(form.get("next")))
    secure = is_secure(request.app[CONTEXT].settings)
    response.set_cookie(COOKIE, language, path="/", max_age=_YEAR_SECONDS, samesite="Lax", secure=secure, httponly=True)
    return response


async def take_community(request: web.Request) -> web.Response:
    """Go on in another community of the same account."""
    session = await require_session(request)
    if session.by_pin:
        raise PinNotEnoughError()
    form = await request.post()
    check_form(request, session, form)
    sent = str(form.get("community", ""))
    if not sent.isascii() or not sent.isdigit() or len(sent) > 18:
        raise NotFoundError(value=sent)
    response = _see("/")
    set_cookie(response, request.app[CONTEXT].settings, await change_community(request, session, int(sent)))
    return response


def _form(request: web.Request, *, target: str, login: str = "", error: TocsinError | None = None) -> web.Response:
    said = error_text(error.code, language_of(request), error.values) if error else ""
    at_desk = cookie_of(request, request.app[CONTEXT].settings) is not None
    status = status_of(error) if error else 200
    response = page(
        request, "login.html", status=status, target=target, login=login, said=said, at_desk=at_desk, quoted=quote(target, safe="")
    )
    if isinstance(error, SlowDownError):
        response.headers["Retry-After"] = str(error.values["seconds"])
    return response


async def _logged_in(request: web.Request, session: NewSession, target: str) -> web.Response:
    """The browser's former session, if it had one, does not outlive the log-in."""
    await end_session(request)
    response = _see(target)
    set_cookie(response, request.app[CONTEXT].settings, session.cookie)
    return response


def _see(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
