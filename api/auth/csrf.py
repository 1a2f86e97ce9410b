"""A request that changes something must come from our own pages."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from api.auth.sessions import Session
from api.errors import ForgedFormError
from api.keys import CONTEXT

FIELD = "csrf"
HEADER = "X-CSRF-Token"
_OURS = ("same-origin", "none")


def check_form(request: web.Request, session: Session, form: Mapping[str, object]) -> None:
    """Raise ForgedFormError unless the form carries the session's token and our own page sent it."""
    check_origin(request)
    _check_token(session, str(form.get(FIELD, "")))


def check_header(request: web.Request, session: Session) -> None:
    """The same for requests of our own scripts, which carry the token in a header."""
    check_origin(request)
    _check_token(session, request.headers.get(HEADER, ""))


def check_origin(request: web.Request) -> None:
    """Raise ForgedFormError when the browser says that another site sent the request.

    Browsers that say nothing pass: they are older than the headers, and the token still stands in their way.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in _OURS:
            raise ForgedFormError()
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in _our_hosts(request):
        raise ForgedFormError()


def _our_hosts(request: web.Request) -> tuple[str, str]:
    return (urlsplit(request.app[CONTEXT].settings.public_url).netloc, request.host)


def _check_token(session: Session, sent: str) -> None:
    if not hmac.compare_digest(session.csrf.encode(), sent.encode()):
        raise ForgedFormError()
