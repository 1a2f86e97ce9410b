"""What a browser remembers: language, light or dark, single keys on or off. No log-in is needed for it."""

from aiohttp import web

from api.auth.cookies import is_secure
from api.auth.csrf import check_origin
from api.console.page import KEYS_COOKIE, THEME_COOKIE, THEMES, local_path, see_other
from api.console.visit import read_form
from api.keys import CONTEXT
from api.language import COOKIE
from tocsin.base.texts import LANGUAGES

KEPT_SECONDS = 400 * 24 * 3600
CHOICES = {"language": (COOKIE, LANGUAGES), "theme": (THEME_COOKIE, THEMES), "keys": (KEYS_COOKIE, ("on", "off"))}


async def do_preferences(request: web.Request) -> web.StreamResponse:
    """POST /console/preferences: keep what was chosen and go back to the page."""
    check_origin(request)
    form = await read_form(request)
    response = see_other(local_path(form.get("back", "/")))
    for name, (cookie, known) in CHOICES.items():
        if form.get(name) in known:
            response.set_cookie(
                cookie, form[name], path="/", max_age=KEPT_SECONDS, httponly=True, samesite="Lax",
                secure=is_secure(request.app[CONTEXT].settings),
            )  # fmt: skip
    return response
