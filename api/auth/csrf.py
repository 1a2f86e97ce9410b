"""A request that changes something must come from our own pages."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from api.auth.sessions import Visitor
from api.errors import ForgedFormError
from api.keys import CONTEXT

FIELD = "csrf"
DESK_FIELD = "desk"
HEADER = "X-CSRF-Token"
_OURS = ("same-origin", "none")


def check_form(request: web.Request, visitor: Visitor, form: Mapping[str, object], *, desk_counts: bool = False) -> None:
    """Raise ForgedFormError unless the form carries the visitor's token and our own page sent it.

    `desk_counts`: the desk device's token does as well, so that a form outlives the session in which it was opened.
    """
    check_origin(request)
    if desk_counts and visitor.device is not None and _is_token(visitor.device.csrf, form.get(DESK_FIELD)):
        return
    if not _is_token(visitor.csrf, form.get(FIELD)):
        raise ForgedFormError()


def check_header(request: web.Request, visitor: Visitor) -> None:
    """The same for requests of our own scripts, which carry the token in a header."""
    check_origin(request)
    if not _is_token(visitor.csrf, request.headers.get(HEADER)):
        raise ForgedFormError()


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


def is_from_our_page(request: web.Request) -> bool:
    """Whether the browser says that a page of ours sent the request; False where it says nothing."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
    return site == "same-origin" or (site is None and urlsplit(origin).netloc in _our_hosts(request))


def _our_hosts(request: web.Request) -> tuple[str, str]:
    return (urlsplit(request.app[CONTEXT].settings.public_url).netloc, request.host)


def _is_token(token: str, sent: object) -> bool:
    return hmac.compare_digest(token.encode(), str(sent or "").encode())
